"""What a Word file holds besides its words: what stays together, links, what it says of itself."""

from dataclasses import replace
from datetime import UTC, datetime

from docx.oxml.ns import qn

from labelling.press_release.content import Properties
from labelling.press_release.formats import FORMATS
from tests.press_release.contents import with_lines
from tests.press_release.reading import read_docx
from tests.press_release.test_renderers import FULL

PROPERTIES = Properties(
    digest="ab" * 32,
    made_at=datetime(2020, 10, 14, 8, 30, tzinfo=UTC),
    author="Union nationale des PIMMS",
    subject="Communiqué de presse",
)


def word(content=FULL, properties=PROPERTIES):
    return read_docx(FORMATS["docx"].render(content, properties))


def kept(document) -> list[str]:
    """The paragraphs that stay on the page of what follows them, by themselves or their style."""
    return [
        p.text
        for p in document.paragraphs
        if p.paragraph_format.keep_with_next or p.style.paragraph_format.keep_with_next
    ]


class TestItsProperties:
    def test_say_which_release_it_is_and_when_it_was_made(self):
        core = word().core_properties

        assert (core.title, core.author, core.subject) == (
            FULL.title,
            "Union nationale des PIMMS",
            "Communiqué de presse",
        )
        assert core.keywords == f"sha256:{'ab' * 32}"
        assert core.created == core.modified == datetime(2020, 10, 14, 8, 30, tzinfo=UTC)
        assert core.language == "fr-FR"

    def test_say_nothing_that_is_not_known(self):
        core = word(properties=Properties()).core_properties

        assert (core.author, core.subject, core.keywords, core.comments) == ("", "", "", "")
        assert core.created is None
        assert core.modified is None

    def test_are_printed_nowhere(self):
        assert not any("ab" * 32 in paragraph.text for paragraph in word().paragraphs)


class TestWhatStaysTogether:
    def test_is_the_end_and_each_heading_with_what_it_announces(self):
        together = kept(word())

        assert [text for text in together if text in (FULL.list_title, FULL.legend)] == [
            FULL.list_title,
            FULL.legend,
        ]
        assert together[-7:] == [
            FULL.about_heading,
            *FULL.about,
            FULL.contact_heading,
            *FULL.contact[:-1],
        ]

    def test_is_the_contact_with_what_there_is_above_it(self):
        content = replace(FULL, about_heading="", about=())

        assert FULL.situation in kept(word(content))

    def test_is_the_contact_with_the_last_line_where_nothing_parts_them(self):
        content = replace(FULL, about_heading="", about=(), situation="")

        (table,) = word(content).tables
        (other,) = word().tables

        assert table._tbl.tr_lst[-1].find(f".//{qn('w:keepNext')}") is not None
        assert other._tbl.tr_lst[-1].find(f".//{qn('w:keepNext')}") is None

    def test_is_a_quotation_with_who_says_it(self):
        document = word()

        (words,) = (p for p in document.paragraphs if p.text == FULL.quote[0])
        assert words.style.name == "Quote"
        assert words.text in kept(document)
        assert FULL.quote[1] not in kept(document)


class TestItsList:
    def test_says_what_it_is_to_who_has_it_read_aloud(self):
        (table,) = word().tables

        properties = table._tbl.tblPr
        assert properties.find(qn("w:tblCaption")).get(qn("w:val")) == FULL.list_title
        assert properties.find(qn("w:tblDescription")).get(qn("w:val")) == FULL.legend

    def test_names_a_region_again_where_the_page_is_likely_to_end(self):
        content = replace(FULL, lines=with_lines(120, regions=1).lines)

        (table,) = word(content).tables

        named = {
            number: row.tc_lst[0].p_lst[0].text
            for number, row in enumerate(table._tbl.tr_lst)
            if row.tc_lst[0].p_lst[0].text
        }
        assert [*named.values()] == ["Région", "Région 0", *["Région 0 (suite)"] * 3]
        # All the rows of a run but its last one keep the next one.
        loose = [
            number
            for number, row in enumerate(table._tbl.tr_lst)
            if row.find(f".//{qn('w:keepNext')}") is None
        ]
        assert loose == [*(number - 1 for number in [*named][2:]), 120]

    def test_cuts_no_region_of_few_lines(self):
        content = replace(FULL, lines=with_lines(300, regions=75).lines)

        (table,) = word(content).tables

        assert not any("(suite)" in row.tc_lst[0].p_lst[0].text for row in table._tbl.tr_lst)


class TestItsContact:
    def test_can_be_called_and_written_to(self):
        document = word()

        links = {
            "".join(t.text for t in link.iter(qn("w:t"))): document.part.rels[
                link.get(qn("r:id"))
            ].target_ref
            for link in document.element.body.iter(qn("w:hyperlink"))
        }
        assert links == {
            "06 78 61 38 26": "tel:+33678613826",
            "alexandre.carlier@pimms.org": "mailto:alexandre.carlier@pimms.org",
        }


class TestItsNotices:
    def test_stand_at_the_head_of_each_page_but_the_first_which_has_them_framed(self):
        (section,) = word().sections

        assert section.different_first_page_header_footer
        assert section.first_page_header.paragraphs[0].text == ""
        assert section.header.paragraphs[0].text == " – ".join(FULL.notices)
        assert "Page" in section.first_page_footer.paragraphs[0].text
