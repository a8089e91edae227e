"""What a line of totals counts: the column under which each number stands."""

import pytest

from labelling.models.stored import FileColumn
from labelling.spreadsheets.resources import SiteResource
from labelling.spreadsheets.tables.totals import ColumnCounts, is_total_line, list_foot_totals
from tests.spreadsheets import known

RESOURCE = SiteResource(known.lookups())
COLUMNS = [
    FileColumn(position, "ABCDE"[position], heading, field, "exact", ())
    for position, (heading, field) in enumerate(
        [
            ("Nom", "name"),
            ("Département", "department"),
            ("Code postal", "postcode"),
            ("Visites", None),
            ("", None),
        ]
    )
]
ROWS = [
    ["PIMMS Nîmes", 30, 30000.0, "1 200", None],
    ["PIMMS Alès", 30, None, "300", None],
    ["PIMMS Uzès", 30, "-", 0, None],
]


def totals(*cells):
    return [
        (total.what, total.stated, total.counted)
        for total in list_foot_totals(cells, ColumnCounts(ROWS), COLUMNS, RESOURCE)
    ]


class TestALineOfTotals:
    @pytest.mark.parametrize(
        ("cells", "expected"),
        [
            (("Total : 3 PIMMS",), [("lines", 3, 3)]),
            (("Total", 3), [("lines", 3, 3)]),
            (("Nombre de sites", 3), [("lines", 3, 3)]),
            (("Total", 4.0), [("lines", 4, 3)]),
            (("Total", None, 1), [("cells", 1, 1)]),
            (("Total", None, "2"), [("cells", 2, 1)]),
            (("Total", "", "", "1 500"), [("sum", 1500, 1500)]),
            (("TOTAL", None, None, 1400), [("sum", 1400, 1500)]),
            # A column of numbers may be counted as well.
            (("Total", None, None, 3), [("lines", 3, 3)]),
            (("Total", None, None, None, 3), [("lines", 3, 3)]),
            (("Total", 3, 1, 1500), [("lines", 3, 3), ("cells", 1, 1), ("sum", 1500, 1500)]),
            (("Total général", 3, 1), [("lines", 3, 3), ("cells", 1, 1)]),
        ],
        ids=repr,
    )
    def test_counts_what_its_column_counts(self, cells, expected):
        assert totals(*cells) == expected

    @pytest.mark.parametrize(
        "cells",
        [
            ("PIMMS Nîmes", 30),
            ("Total Énergies", 30, 30000),
            ("Total", "Gard", 3),
            (None, None),
            ("Total",),
        ],
        ids=repr,
    )
    def test_is_not_a_line_of_a_site(self, cells):
        assert not is_total_line(cells)
        assert totals(*cells) == []

    def test_says_which_column_it_disagrees_with(self):
        cells = ("Total", None, 2, 1400)

        total, other = list_foot_totals(cells, ColumnCounts(ROWS), COLUMNS, RESOURCE)

        assert str(total) == (
            "Le fichier annonce 2, colonne «\u00a0Code postal\u00a0»\u202f; elle a 1\u00a0cellule "
            "remplie."
        )
        assert str(other) == (
            "Le fichier annonce 1\u202f400, colonne «\u00a0Visites\u00a0»\u202f; ses nombres font "
            "1\u202f500."
        )
