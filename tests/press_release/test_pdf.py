"""The looks of the PDF: what stays together, what breaks, what it says of itself, its links."""

import io
import re
from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone

import pytest
from pypdf import PageObject, PdfReader

from labelling.press_release.content import NO_PROPERTIES, Content, Properties, ReleaseLine
from labelling.press_release.renderers import pdf
from tests.press_release.contents import october_2020, with_lines
from tests.press_release.reading_pdf import lines_of_pdf, words_of_pdf
from tests.press_release.test_renderers import FULL

PROPERTIES = Properties(
    digest="ab" * 32,
    made_at=datetime(2020, 10, 13, 17, 4, 5, tzinfo=timezone(timedelta(hours=2))),
    author="Union nationale des PIMMS",
    subject="Communiqué de presse",
)
QUOTE = ("« Treize de plus, près de chez vous. »", "Jeanne Martin, présidente")
SITUATION = "Situation arrêtée au 14 octobre 2020"


def read(content: Content, properties: Properties = NO_PROPERTIES) -> PdfReader:
    return PdfReader(io.BytesIO(pdf.render(content, properties)))


def words(page: PageObject) -> str:
    """The text of a page, its blanks made equal."""
    return " ".join(page.extract_text().split())


def last_page(content: Content) -> str:
    return words(read(content).pages[-1])


class TestTheEnd:
    """Each length of list, or of text, ends elsewhere on its page: these go round a page."""

    @pytest.mark.parametrize(
        ("head", "notices", "counts"),
        [
            (None, (), range(3, 60, 6)),
            (None, FULL.notices[1:], range(5, 60, 6)),
            (FULL.letterhead, (), range(4, 60, 6)),
            (FULL.letterhead, FULL.notices[1:], range(2, 60, 6)),
        ],
    )
    def test_has_the_contact_below_what_the_sender_says_of_itself(self, head, notices, counts):
        for count in counts:
            content = replace(with_lines(count), letterhead=head, notices=notices)

            last = last_page(content)

            assert content.about_heading in last
            assert content.contact_heading in last

    def test_has_the_contact_below_what_was_dated_where_the_sender_says_nothing(self):
        for count in range(3, 70, 6):
            content = replace(with_lines(count), about_heading="", about=(), situation=SITUATION)

            last = last_page(content)

            assert SITUATION in last
            assert content.contact_heading in last

    def test_has_the_contact_below_a_paragraph_where_there_is_nothing_else(self):
        for count in range(13, 26):
            texts = (*["Un paragraphe. " * 6] * count, "Le dernier paragraphe.")
            content = replace(
                october_2020(), paragraphs=texts, lines=(), about_heading="", about=()
            )

            last = last_page(content)

            assert "Le dernier paragraphe." in last
            assert content.contact_heading in last

    def test_may_be_longer_than_a_page(self):
        content = replace(october_2020(), about=tuple(f"{n} {'mot ' * 300}" for n in range(12)))

        last = last_page(content)

        assert "11 mot" in last
        assert content.contact_heading in last


class TestTheListsTitle:
    def test_stands_above_the_first_line_of_the_list(self):
        content = october_2020()
        for count in range(8, 26):
            paragraphs = (*content.paragraphs[:1] * 6, *["Mot."] * count)

            pages = map(words, read(replace(content, paragraphs=paragraphs)).pages[:2])

            (page,) = [page for page in pages if content.list_title in page]
            assert content.legend in page
            assert content.lines[0].name in page

    def test_is_the_tables_for_who_has_it_read_aloud(self):
        assert words_of_pdf(pdf.render(october_2020()), "/Table", "/Caption") == [
            october_2020().list_title + october_2020().legend
        ]


class TestALongWord:
    WORD = "W" * 120

    def test_breaks_at_the_end_of_its_line_wherever_it_stands(self):
        word = self.WORD
        content = replace(
            FULL,
            letterhead=replace(FULL.letterhead, name=word),
            **dict.fromkeys(("place_and_date", "kind", "title", "lead", "list_title"), word),
            **dict.fromkeys(("legend", "situation", "about_heading", "contact_heading"), word),
            **dict.fromkeys(("notices", "paragraphs", "quote", "about", "contact"), (word,)),
            columns=(word, word, word),
            lines=(ReleaseLine(region=word, department=word, name=word, is_new=True),),
        )

        pages = read(content).pages
        runs = [run for page in pages for run in re.findall("W+", page.extract_text())]
        assert sum(map(len, runs)) >= 17 * len(word)
        assert max(map(len, runs)) < 65, "More of them than a line has room for."

    def test_is_whole_in_what_is_read(self):
        line = ReleaseLine(region="R" * 60, department="D" * 60, name=f"PIMMS {self.WORD}")
        (read_back,) = lines_of_pdf(pdf.render(replace(october_2020(), lines=(line,))))

        assert read_back[1:4] == (line.region, line.department, line.name)


class TestTheProperties:
    def test_say_what_the_file_is(self):
        said = read(FULL, PROPERTIES).metadata

        assert (said.title, said.author, said.subject) == (
            FULL.title,
            "Union nationale des PIMMS",
            "Communiqué de presse",
        )
        assert said.keywords == f"sha256:{PROPERTIES.digest}"
        assert said.creation_date == datetime(2020, 10, 13, 15, 4, 5, tzinfo=UTC)

    def test_are_printed_nowhere(self):
        pages = [page.extract_text() for page in read(FULL, PROPERTIES).pages]

        assert not any(PROPERTIES.digest in page for page in pages)

    def test_make_the_same_bytes_each_time(self):
        assert pdf.render(FULL, PROPERTIES) == pdf.render(FULL, PROPERTIES)

    def test_of_nothing_frozen_have_no_digest(self):
        assert read(FULL).metadata.keywords is None


class TestTheContact:
    def test_can_be_called_and_written_to(self):
        links = [
            annotation.get_object()["/A"]["/URI"]
            for page in read(october_2020()).pages
            for annotation in page.get("/Annots", ())
        ]

        assert links == ["tel:+33678613826", "mailto:alexandre.carlier@pimms.org"]


def test_a_quote_is_one_and_stays_whole():
    assert words_of_pdf(pdf.render(replace(FULL, quote=QUOTE)), "/BlockQuote") == ["".join(QUOTE)]

    for count in range(9, 15):
        content = replace(FULL, quote=QUOTE, paragraphs=("Mot. " * 40,) * count)
        pages = [*map(words, read(content).pages[:2])]
        assert [all(part in page for part in QUOTE) for page in pages].count(True) == 1
