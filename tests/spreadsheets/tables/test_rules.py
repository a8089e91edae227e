"""What values prove, rule by rule: columns that a rule must know, and columns that it must not."""

from datetime import date

import pytest

from labelling.spreadsheets.resources import SiteResource
from labelling.spreadsheets.tables import kinds
from labelling.spreadsheets.tables.known_headings import FileLine
from labelling.spreadsheets.tables.known_sites import KnownSite, KnownSites
from labelling.spreadsheets.tables.rules import RULES, Table, is_counter, list_proofs
from labelling.spreadsheets.tables.samples import list_samples
from tests.spreadsheets import known

LOOKUPS = known.lookups()
# Of the base: number, department, commune, code, postcode, names.
SITES = (
    ("501", "30", "valbrune", "30501", "30480", ("pimms valbrune",)),
    ("502", "69", "saint orme", "69502", "69120", ("pimms saint orme centre",)),
    ("504", "59", "hautrive", "59504", "59330", ("pimms hautrive",)),
)
NAMES = ("PIMMS Valbrune", "PIMMS Saint-Orme - Centre", "PIMMS Hautrive")
COMMUNES = ("Valbrune", "Saint-Orme", "Hautrive")
FIVE = ("30501", "69502", "59504", "42218", "38185", "13055", "33063", "44109", "31555")
POSTCODES = ("30480", "69120", "59330", "42000", "38000", "13000", "33000", "44200", "31300")
DEPARTMENTS = ("30", "69", "59", "42", "38", "13", "33", "44", "31")
OTHERS = tuple(f"Maison {letter}" for letter in "ABCDEFGHI")

# For each field: columns that prove it, then those that do not; the column looked at is the first.
CASES = {
    "france_services_id": (
        [(("501", "502", "504"), COMMUNES), ((501, 502, 504), FIVE[:3])],
        # Row numbers, numbers beside other towns.
        [(("1", "2", "3"), NAMES), (("501", "502", "504"), OTHERS[:3])],
    ),
    "name": (
        [(NAMES,), ((*NAMES, *OTHERS),)],
        [(COMMUNES,), (("contact@pimms.example", "info@pimms.example"),)],
    ),
    "state_name": (
        [(("Bus Pimms 1", "Pimms 2", "Pimms 3", *OTHERS), (*NAMES, *OTHERS))],
        # Printed names, among others of a member.
        [(NAMES, COMMUNES), ((*OTHERS,), (*OTHERS,)), ((*NAMES, *OTHERS),)],
    ),
    "department": (
        [(("Gard", "Rhône", "Nord"),), (DEPARTMENTS, FIVE), (("30", "69", "59"), NAMES)],
        # Row numbers are codes too; streets have numbers and names.
        [(tuple(range(1, 10)), OTHERS), (("12 rue du Nord", "30 rue du Gard"),)],
    ),
    "region": ([(("Occitanie", "Bretagne"),)], [(("76", "53"),), (COMMUNES,)]),
    "postcode": (
        [(POSTCODES, DEPARTMENTS), (("30480", "69120", "59330"), NAMES)],
        [(FIVE, DEPARTMENTS), (("30 480", "69 120"),)],
    ),
    "commune_code": (
        [(FIVE, DEPARTMENTS), (("30501", "69502", "59504"), NAMES)],
        [(POSTCODES, DEPARTMENTS), (("3050", "6950", "5950"), NAMES)],
    ),
    "latitude": (
        [(("43,85", "45,74", "50,62"), ("4,35", "4,82", "3,05"))],
        [(("43,85", "45,74", "50,62"),), (("0,61", "0,58", "0,70"), ("4,35", "4,82", "3,05"))],
    ),
    "longitude": (
        [(("4,35", "4,82", "3,05"), ("43,85", "45,74", "50,62"))],
        [(("4,35", "4,82", "3,05"),)],
    ),
    "wave": (
        [
            (("Espace labellisé 01/2020", "Espace labellisé 01/09/2020"),),
            (("Janvier 2020", "Janvier 2020", "Automne 2020"), NAMES),
        ],
        [(("18/05/2020", "19/05/2020", "20/05/2020"), NAMES), (OTHERS,)],
    ),
    "format": (
        [(("Fixe", "Bus", "Itinérante"),)],
        [(("Antenne", "Antenne", "Site principal"),), (("Fixe",),)],
    ),
    "address": (
        [(("12 rue Haute", "3 place de la Gare", "Le Bourg"),)],
        [(("Espace labellisé 01/2020", "Espace labellisé 02/2020"),), (COMMUNES,)],
    ),
    "commune": ([(COMMUNES, NAMES)], [(COMMUNES,), (OTHERS[:3], NAMES)]),
}


def make_table(columns) -> Table:
    sites = KnownSites()
    for key, (number, department, commune, code, postcode, names) in enumerate(SITES, 1):
        wave_on = date(2020, 9, 1) if number == "504" else date(2020, 1, 1)
        sites.add(
            KnownSite(key, number, department, commune, code, postcode, wave_on, False, names)
        )
    rows = list(zip(*columns, strict=True))
    lines = [FileLine(number, row) for number, row in enumerate(rows, 2)]
    formats = SiteResource(LOOKUPS).fields["format"].widget
    return Table(list_samples([], lines, len(columns)), lines, sites, LOOKUPS, formats)


def proves(columns, field: str) -> bool:
    table = make_table(columns)
    return field in {proof.field for proof in list_proofs(table, table.samples[0])}


class TestTheRules:
    def test_have_each_their_columns(self):
        assert {rule.field for rule in RULES} == CASES.keys()

    @pytest.mark.parametrize(
        ("field", "columns"), [(name, c) for name, (good, _) in CASES.items() for c in good]
    )
    def test_know_what_they_must(self, field, columns):
        assert proves(columns, field)

    @pytest.mark.parametrize(
        ("field", "columns"), [(name, c) for name, (_, bad) in CASES.items() for c in bad]
    )
    def test_know_nothing_else(self, field, columns):
        assert not proves(columns, field)

    @pytest.mark.parametrize("values", [(1, 2, 3), (7, 8), (10, 20, 30, 40)])
    def test_tell_what_counts_lines(self, values):
        assert is_counter(make_table((values,)).samples[0])

    @pytest.mark.parametrize(
        "values", [(13, 42), (30, 69, 59), (1, 3, 2), ("2A", "2B"), ("A", "B")]
    )
    def test_tell_departments_from_what_counts_lines(self, values):
        assert not is_counter(make_table((values,)).samples[0])

    @pytest.mark.parametrize(
        "value", ["45.1, 5.7", "45,1 ; 5,7", "45.1,5.7", "(4.35 43.85)", "43.85° N, 4.35° E"]
    )
    def test_tell_points(self, value):
        assert kinds.is_point(value)

    @pytest.mark.parametrize(
        "value", ["45.1", "145.1, 85.7", "45, 5", "01.02, 03.04", "12,5 à 13,5"]
    )
    def test_tell_other_numbers_from_points(self, value):
        assert not kinds.is_point(value)

    def test_say_what_spoke(self):
        table = make_table((("501", "502", "504"), COMMUNES))

        (proof,) = list_proofs(table, table.samples[0])

        assert (proof.strength, proof.sentence) == (
            1.0,
            "3 numéros, avec leur commune ou leur nom, sont ceux de nos fiches",
        )
