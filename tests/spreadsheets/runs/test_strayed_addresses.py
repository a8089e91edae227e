"""Addresses on the line of another site: told of the file, or asked on the line."""

import pytest

from labelling.choices import Decision
from labelling.models import Site
from labelling.spreadsheets.runs import apply, repairs
from tests.factories import DepartmentFactory, RegionFactory, SiteFactory
from tests.spreadsheets.prepared import prepared, problems, reasons, row, states

pytestmark = pytest.mark.django_db

HEADINGS = "Numéro France Services;Nom;Département;Adresse;Code postal;Commune;Code INSEE"
PLACES = {
    "30": ("Gard", "Nîmes"),
    "42": ("Loire", "Saint-Étienne"),
    "59": ("Nord", "Lille"),
    "69": ("Rhône", "Bron"),
    "13": ("Bouches-du-Rhône", "Arles"),
    "31": ("Haute-Garonne", "Toulouse"),
}
STRAYED = (
    "Colonnes D, E et F\u00a0: Les adresses semblent décalées d’une ligne, ou triées sans le "
    "reste\u00a0: 6 des 6\u00a0codes postaux regardés sont d’un autre département que leur ligne. "
    "Colonnes laissées\u00a0: remettez le fichier en ordre, ou reprenez-les."
)


@pytest.fixture
def sites():
    """Six sites of as many departments."""
    for number, (code, (name, commune)) in enumerate(PLACES.items(), 501):
        region = RegionFactory(code="84", name="Auvergne-Rhône-Alpes")
        SiteFactory(
            name=f"PIMMS {commune}",
            department=DepartmentFactory(code=code, name=name, region=region),
            france_services_id=str(number),
            address="1 place Haute",
            postcode=f"{code}000",
            commune=commune,
            commune_code=f"{code}123",
        )
    return list(Site.objects.order_by("france_services_id"))


def write_line(site: Site, neighbour: Site, code: str = "") -> str:
    """The line of a site, the address of which is its neighbour's."""
    postcode = f"{neighbour.department.code}100"
    address = f"2 rue Basse;{postcode};{neighbour.commune};{code or site.commune_code}"
    return f"{site.france_services_id};{site.name};{site.department.code};{address}"


def list_shifted(sites: list[Site]) -> list[str]:
    return [write_line(one, other) for one, other in zip(sites, sites[1:] + sites[:1], strict=True)]


class TestAFileOfStrayedAddresses:
    def test_is_told_so_once_and_its_addresses_are_left(self, sites):
        run = prepared(HEADINGS, *list_shifted(sites))

        assert run.remarks == [STRAYED]
        assert not run.problems
        assert set(states(run).values()) == {"unchanged"}
        levels = {c.heading: c.level for c in run.columns}
        assert [h for h, level in levels.items() if level == "aside"] == [
            "Adresse",
            "Code postal",
            "Commune",
        ]

    def test_leaves_the_codes_of_communes_too_where_they_went_along(self, sites):
        moved = zip(sites, sites[1:] + sites[:1], strict=True)

        run = prepared(HEADINGS, *(write_line(a, b, b.commune_code) for a, b in moved))

        assert [c.letter for c in run.columns if c.level == "aside"] == ["D", "E", "F", "G"]

    def test_is_taken_all_the_same_by_a_person_and_no_line_asks_again(self, sites):
        run = prepared(HEADINGS, *list_shifted(sites))

        repairs.change_columns(run, None, {4: ("postcode", False)})

        run.refresh_from_db()
        assert run.remarks == []
        assert set(states(run).values()) == {"changed"}
        assert row(run, 2).after == {
            "address": "2 rue Basse",
            "postcode": "42100",
            "commune": "Saint-Étienne",
        }

    def test_is_not_one_where_our_sites_have_these_addresses(self, sites):
        for one, other in zip(sites, sites[1:] + sites[:1], strict=True):
            one.postcode = f"{other.department.code}100"
            one.save()

        run = prepared(HEADINGS, *list_shifted(sites))

        assert run.remarks == []

    def test_is_not_one_for_four_lines(self, sites):
        lines = list_shifted(sites)[:4] + [write_line(site, site) for site in sites[4:]]

        run = prepared(HEADINGS, *lines)

        assert run.remarks == []
        assert "postcode" in {c.field for c in run.columns}


class TestALineWithAPostcodeOfAnotherDepartment:
    @pytest.fixture
    def run(self, sites):
        """Nîmes has the address of Lille, its INSEE code left out."""
        headings = HEADINGS.removesuffix(";Code INSEE")
        lines = [write_line(site, site).rpartition(";")[0] for site in sites]
        lines[0] = write_line(sites[0], sites[2]).rpartition(";")[0]
        return prepared(headings, *lines)

    def test_is_asked_about_and_names_both(self, run):
        assert (row(run, 2).state, row(run, 3).state) == ("wrong", "changed")
        assert reasons(run, 2) == [
            (
                "Le code postal 59100 est du département «\u00a0Nord\u00a0», et ce site est dans "
                "«\u00a0Gard\u00a0»\u00a0: c’est peut-être l’adresse d’une autre ligne. Gardez "
                "notre adresse, ou prenez celle du fichier."
            )
        ]
        (problem,) = problems(run, 2)
        assert (problem.value, problem.letter, problem.is_choice) == ("59100", "E", True)

    def test_keeps_our_whole_address_in_one_answer(self, run):
        repairs.decide(run, None, row(run, 2).pk, "postcode", Decision.OURS)

        kept = row(run, 2)
        assert (kept.state, kept.after) == ("unchanged", {})
        assert kept.kept == {"address": "2 rue Basse", "postcode": "59100", "commune": "Lille"}

    def test_takes_the_file_s_where_a_person_says_so(self, run):
        repairs.decide(run, None, row(run, 2).pk, "postcode", Decision.FILE)
        apply.apply(run, None)

        site = Site.objects.get(france_services_id="501")
        assert (site.address, site.postcode, site.commune) == ("2 rue Basse", "59100", "Lille")

    def test_is_none_where_the_code_of_its_commune_is_of_its_department(self, sites):
        run = prepared(HEADINGS, write_line(sites[0], sites[2]))

        assert row(run, 2).state == "changed"

    def test_of_a_new_site_is_a_warning(self, sites):
        headings = "Nom;Département;Adresse;Code postal;Commune"

        run = prepared(headings, "PIMMS Uzès;30;2 rue Basse;59100;Lille")

        assert row(run, 2).state == "new"
        assert reasons(run, 2) == [
            (
                "Le code postal 59100 est du département «\u00a0Nord\u00a0», et ce site est dans "
                "«\u00a0Gard\u00a0»\u00a0: c’est peut-être l’adresse d’une autre ligne. Vérifiez "
                "l’adresse."
            )
        ]

    @pytest.mark.parametrize(("code", "name"), [("2A", "Corse-du-Sud"), ("971", "Guadeloupe")])
    def test_knows_corsica_and_overseas(self, code, name):
        postcode = {"2A": "20000", "971": "97100"}[code]
        SiteFactory(
            name="PIMMS Rochebelle",
            department=DepartmentFactory(code=code, name=name),
            france_services_id="501",
        )

        run = prepared("Numéro France Services;Nom;Code postal", f"501;PIMMS Rochebelle;{postcode}")

        assert row(run, 2).after == {"postcode": postcode}
