"""What an OpenDocument text or sheet holds besides its words."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from labelling.press_release.content import Properties
from labelling.press_release.formats import FORMATS
from tests.press_release.contents import with_lines
from tests.press_release.reading import read_odf, xml_parts
from tests.press_release.test_renderers import FULL
from tests.press_release.test_word import PROPERTIES

OFFICE, TEXT = (
    f"{{urn:oasis:names:tc:opendocument:xmlns:{name}:1.0}}" for name in ("office", "text")
)


def opened(kind="odt", content=FULL, properties=PROPERTIES):
    return read_odf(FORMATS[kind].render(content, properties))


def kept() -> list[str]:
    """The paragraphs that stay on the page of what follows them, beside those of the list."""
    (body,) = xml_parts(FORMATS["odt"].render(FULL))["content.xml"].iter(f"{OFFICE}text")
    return [
        "".join(paragraph.itertext())
        for paragraph in body
        if paragraph.get(f"{TEXT}style-name", "").startswith("kept.")
    ]


@pytest.mark.parametrize("kind", ["odt", "ods"])
class TestItsProperties:
    def test_say_which_release_it_is_and_when_it_was_made(self, kind):
        meta = opened(kind).meta

        assert (meta.title, meta.subject, meta.creator) == (
            FULL.title,
            "Communiqué de presse",
            "Union nationale des PIMMS",
        )
        assert meta.keyword == f"sha256:{'ab' * 32}"
        assert meta.creation_date == datetime(2020, 10, 14, 8, 30, tzinfo=UTC)
        assert meta.language == "fr-FR"

    def test_say_nothing_that_is_not_known(self, kind):
        meta = opened(kind, properties=Properties()).meta

        assert (meta.title, meta.creator, meta.keyword, meta.creation_date) == (
            FULL.title,
            None,
            None,
            None,
        )


class TestWhatStaysTogether:
    def test_is_the_end(self):
        assert kept()[-6:] == [
            FULL.about_heading,
            *FULL.about,
            *FULL.contact[:-1],
        ]

    def test_is_a_quotation_with_who_says_it(self):
        assert FULL.quote[0] in kept()
        assert FULL.quote[1] not in kept()

    def test_is_each_run_of_lines_and_its_settings_say_so(self):
        content = replace(FULL, lines=with_lines(120, regions=1).lines)

        document = opened(content=content)

        rows = document.body.get_elements("//table:table-row")
        named = [
            (number, str(row.get_cells()[0].get_elements("text:p")[0]).strip())
            for number, row in enumerate(rows)
        ]
        loose = [
            number
            for number, row in enumerate(rows)
            if not any(p.style.startswith("kept.") for p in row.get_elements("*/text:p"))
        ]
        continued = [number for number, label in named if label == "Région 0 (suite)"]
        assert len(continued) == 3
        assert loose == [*(number - 1 for number in continued), 120]
        settings = document.get_part("settings.xml").serialize().decode()
        assert 'config:name="TableRowKeep" config:type="boolean">true' in settings


class TestItsList:
    def test_says_what_it_is_to_who_has_it_read_aloud(self):
        table = opened().body.get_element("//table:table")

        assert table.get_element("table:title").text == FULL.list_title
        assert table.get_element("table:desc").text == FULL.legend

    def test_repeats_its_headings(self):
        headings = opened().body.get_elements("//table:table-header-rows/table:table-row")

        assert len(headings) == 1


class TestItsContact:
    def test_can_be_called_and_written_to(self):
        links = opened().body.get_elements("//text:a")

        assert {link.text: link.get_attribute("xlink:href") for link in links} == {
            "06 78 61 38 26": "tel:+33678613826",
            "alexandre.carlier@pimms.org": "mailto:alexandre.carlier@pimms.org",
        }
