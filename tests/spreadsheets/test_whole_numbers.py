"""Whole numbers that other programs write as « 158.0 »: codes and numbers are read whole."""

import pytest

from tests.factories import DepartmentFactory, SiteFactory
from tests.spreadsheets.prepared import prepared, row

pytestmark = pytest.mark.django_db

HEADINGS = "Numéro France Services;Nom;Département;Code postal;Code INSEE;Rang"


class TestWholeNumbersWithADecimal:
    @pytest.fixture(autouse=True)
    def ain(self):
        return DepartmentFactory(code="01", name="Ain")

    @pytest.mark.parametrize("point", [".0", ",0", ".00"])
    def test_are_read_whole(self, ain, point):
        numbers = range(158, 166)
        sites = [
            SiteFactory(
                name=f"PIMMS {n}",
                department=ain,
                france_services_id=str(n),
                commune_code=f"01{n}",
                commune="Belley",
            )
            for n in numbers
        ]
        lines = (
            f"{n}{point};PIMMS {n};1{point};{1000 + n}{point};{1000 + n}{point};{n - 157}{point}"
            for n in numbers
        )

        run = prepared(HEADINGS, *lines)

        assert run.problems == []
        assert run.remarks == []
        assert [row(run, n).record_id for n in range(2, 10)] == [site.pk for site in sites]
        assert row(run, 2).after == {"rank": 1, "postcode": "01158"}

    @pytest.mark.parametrize("titled", [True, False])
    def test_are_recognised_by_their_values(self, titled):
        gard = DepartmentFactory()
        for n in range(158, 166):
            SiteFactory(
                name=f"PIMMS {n}",
                department=gard,
                france_services_id=str(n),
                commune_code=f"30{n}",
                commune=f"Belley {n}",
            )
        lines = (f"{n}.0;Belley {n};{30000 + n}.0;PIMMS {n}" for n in range(158, 166))

        run = prepared("id_fs;lib_com;insee_com;Nom" if titled else "a;b;c;d", *lines)

        fields = {column.letter: (column.field, column.level) for column in run.columns}
        level = "certain" if titled else "proven"
        assert fields["A"] == ("france_services_id", level)
        assert fields["C"] == ("commune_code", level)
        assert not run.rows.exclude(state="unchanged").exists()
