"""A list of the State that changes no record is the last one all the same, once it is kept."""

from html import unescape

import pytest
from django.urls import reverse

from labelling.models import ImportRun
from tests.admin.imports.test_pages import said, sent
from tests.factories import DepartmentFactory, SiteFactory

HEADINGS = "id_fs;insee_dep;lib_fs;insee_com;lib_com;format_fs;labellisation_fs"
COMMUNES = {"873": "Nîmes", "874": "Alès", "875": "Uzès"}
ABSENT = "Absents de la liste de l’État"


def line(number: str, name: str) -> str:
    return f"{number};30;{name};30189;Nîmes;Fixe;Espace labellisé 01/09/2020"


def make_list(*numbers: str, others: int = 7) -> bytes:
    ours = [line(n, f"France services Pimms Médiation {COMMUNES[n]}") for n in numbers]
    strangers = [line(str(n), f"France services La Poste {n}") for n in range(1, others + 1)]
    return "\n".join([HEADINGS, *ours, *strangers]).encode()


@pytest.fixture
def listed(db, as_editor):
    """Three sites, as the State's list has them."""
    DepartmentFactory()
    for number, commune in COMMUNES.items():
        name = f"France services Pimms Médiation {commune}"
        SiteFactory(
            labelled=True, name=f"PIMMS {commune}", state_name=name, france_services_id=number
        )
    run = upload(as_editor, *COMMUNES)
    keep(as_editor, run)


def upload(client, *numbers: str, **options: int) -> ImportRun:
    sent(client, make_list(*numbers, **options), "liste.csv")
    run = ImportRun.objects.latest("pk")
    assert run.status == "preparing"
    return run


def locate(run: ImportRun, page: str = "change") -> str:
    return reverse(f"admin:labelling_importrun_{page}", args=[run.pk])


def keep(client, run: ImportRun):
    """Press the button of the bar that applies the import."""
    page = client.get(locate(run)).text
    seen = unescape(page.split('name="seen" value="')[1].split('"')[0])
    return client.post(locate(run, "apply"), {"seen": seen})


class TestAListThatChangesNothing:
    def test_is_kept_as_the_last_one(self, listed, as_editor):
        assert ABSENT not in as_editor.get("/").text
        run = upload(as_editor, "873", "874")
        page = as_editor.get(locate(run)).text
        assert "<strong>Aucune fiche ne change.</strong>" in page
        assert ">Enregistrer cette liste</button>" in page

        answer = keep(as_editor, run)

        assert said(answer) == [
            "Aucune fiche modifiée. «\u00a0À vérifier\u00a0» s’en tient à cette liste."
        ]
        run.refresh_from_db()
        assert (run.status, run.created_count, run.changed_count) == ("applied", 0, 0)
        assert ABSENT in as_editor.get("/").text

    def test_is_the_last_no_more_once_it_is_taken_back(self, listed, as_editor):
        run = upload(as_editor, "873", "874")
        keep(as_editor, run)

        as_editor.post(locate(run, "undo"))

        run.refresh_from_db()
        assert run.status == "undone"
        assert ABSENT not in as_editor.get("/").text

    def test_is_nothing_to_keep_if_it_is_of_our_sites_alone(self, listed, as_editor):
        run = upload(as_editor, "873", "874", others=0)

        page = as_editor.get(locate(run)).text

        assert "Rien à appliquer\u00a0: aucune fiche ne change." in unescape(page)
        assert "Enregistrer cette liste" not in page
        as_editor.post(locate(run, "apply"), {"seen": run.touched_at.isoformat()})
        run.refresh_from_db()
        assert run.status == "preparing"
