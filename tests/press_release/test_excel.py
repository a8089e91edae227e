"""What the sheet to print holds besides its words."""

import io
import re
import zipfile
from dataclasses import replace
from datetime import datetime

import openpyxl

from labelling.press_release.content import Properties
from labelling.press_release.formats import FORMATS
from tests.press_release.contents import with_lines
from tests.press_release.test_renderers import FULL
from tests.press_release.test_word import PROPERTIES


def opened(content=FULL, properties=PROPERTIES):
    return openpyxl.load_workbook(io.BytesIO(FORMATS["xlsx"].render(content, properties)))


class TestItsProperties:
    def test_say_which_release_it_is_and_when_it_was_made(self):
        said = opened().properties

        assert (said.title, said.subject, said.creator) == (
            FULL.title,
            "Communiqué de presse",
            "Union nationale des PIMMS",
        )
        assert said.keywords == f"sha256:{'ab' * 32}"
        assert said.created == said.modified == datetime(2020, 10, 14, 8, 30)

    def test_say_nothing_that_is_not_known(self):
        said = opened(properties=Properties()).properties

        assert (said.creator, said.keywords) == (None, None)


class TestItsPages:
    def test_begin_with_the_name_of_a_region(self):
        for content in (FULL, *(replace(FULL, lines=with_lines(n, 4).lines) for n in (90, 300))):
            sheet = opened(content)["Liste"]

            breaks = [each.id for each in sheet.row_breaks.brk]
            below = [sheet.cell(row + 1, 1).value for row in breaks]
            assert below
            assert all(below)

    def test_say_that_a_region_goes_on_at_their_head_alone(self):
        sheet = opened(replace(FULL, lines=with_lines(300, 4).lines))["Liste"]

        continued = [
            row for row in range(1, sheet.max_row + 1) if "(suite)" in str(sheet.cell(row, 1).value)
        ]
        assert continued
        assert {row - 1 for row in continued} <= {each.id for each in sheet.row_breaks.brk}

    def test_keep_the_end_together(self):
        for count in range(1, 60):
            sheet = opened(replace(FULL, lines=with_lines(count).lines))["Liste"]

            rows = {str(sheet.cell(row, 1).value): row for row in range(1, sheet.max_row + 1)}
            breaks = {each.id for each in sheet.row_breaks.brk}
            end = range(rows[FULL.about_heading], rows[FULL.contact[-1]])
            assert not breaks & {*end}

    def test_are_as_wide_as_the_paper(self):
        with zipfile.ZipFile(io.BytesIO(FORMATS["xlsx"].render(FULL))) as archive:
            press = archive.read("xl/worksheets/sheet1.xml").decode()
            flat = archive.read("xl/worksheets/sheet2.xml").decode()

        assert re.search(r'<pageSetup paperSize="9" scale="\d+"', press)
        assert 'fitToHeight="0"' in flat
