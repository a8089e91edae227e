"""« Ce que l’import a appris »: what people taught is listed, and forgotten on demand."""

import re

import pytest
from django.contrib.auth.models import Permission
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from labelling.models import ColumnMapping, ImportRun, KeptValue
from labelling.spreadsheets.runs import repairs
from labelling.spreadsheets.runs.apply import apply
from tests.admin.imports.test_pages import address, answered, applied, said, words
from tests.conftest import signed_in
from tests.factories import ContactFactory, SiteFactory, UserFactory, editor
from tests.spreadsheets.prepared import prepared, row

pytestmark = pytest.mark.django_db

PAGE = "/labelling/importrun/learned/"
# No heading says what these are.
FILE = ("Nom;Département;Où ça;Divers", "PIMMS Nîmes;Gard;3 rue du Port;bleu")


@pytest.fixture
def taught(as_ana, ana, gard):
    """An import by which Ana said what two columns are, through its page."""
    run = prepared(*FILE, author=ana)
    fields = {"field-0": "name", "field-1": "department", "field-2": "address", "field-3": ""}
    answered(as_ana, run, columns="yes", **fields)
    applied(as_ana, run)
    return run


def rows(page: str) -> list[str]:
    """The text of each row below the headings of the tables."""
    bodies = re.findall(r"<tbody>(.*?)</tbody>", page, flags=re.S)
    return [words(one).strip() for body in bodies for one in body.split("</tr>")[:-1]]


class TestWhatWasTaught:
    def test_is_listed_with_by_whom_when_and_where(self, as_ana, taught):
        page = as_ana.get(PAGE).text

        divers, where = [" ".join(one.split()) for one in rows(page)]
        said_when = r"Sites Ana Martin aujourd’hui à \d+ h(?: \d\d)? – Import n° \d+ Oublier"
        assert re.match(f"Divers Non reprise {said_when}", divers)
        assert re.match(f"Où ça Adresse {said_when}", where)
        assert page.count(f'href="{address(taught)}"') == 2

    def test_is_what_a_person_said_and_no_guess(self, as_ana, ana, gard):
        apply(prepared("Nom;Département;Divers", "PIMMS Nîmes;Gard;bleu", author=ana), ana)

        assert not ColumnMapping.objects.exists()
        assert "Rien encore" in words(as_ana.get(PAGE).text)

    def test_bears_the_name_of_who_said_it_last(self, as_ana, taught, gard):
        zoe = editor(first_name="Zoé", last_name="Petit")
        run = prepared("Nom;Département;OÙ ÇA", "PIMMS Alès;Gard;Alès", author=zoe)
        repairs.change_columns(run, zoe, {2: ("commune", False)})
        apply(ImportRun.objects.get(pk=run.pk), zoe)

        first = " ".join(rows(as_ana.get(PAGE).text)[0].split())

        assert first.startswith("OÙ ÇA Commune Sites Zoé Petit")
        assert f"Import n°\u00a0{run.pk}".replace("\u00a0", " ") in first

    def test_of_before_it_was_noted_says_so(self, as_ana):
        ColumnMapping.objects.create(model_key="site", heading="ou ca", taught_at=None)
        ColumnMapping.objects.create(model_key="site", heading="bureau", field="address")

        bureau, before = [" ".join(one.split()) for one in rows(as_ana.get(PAGE).text)]

        assert before == "ou ca Non reprise Sites Non renseigné Oublier le titre ou ca"
        assert bureau.startswith("bureau Adresse Sites la ligne de commande aujourd’hui")

    def test_is_forgotten_and_the_next_file_is_read_without(self, as_ana, ana, taught):
        one = ColumnMapping.objects.get(field="address")
        assert {c.field for c in prepared(*FILE, author=ana).columns} >= {"address"}

        answer = as_ana.post(reverse("admin:labelling_importrun_forget_heading", args=[one.pk]))

        assert said(answer)[-1] == (
            "Oublié\u00a0: le titre «\u00a0Où ça\u00a0», lu comme «\u00a0Adresse\u00a0». Le "
            "prochain fichier qui le porte sera compris sans cela."
        )
        assert answer["Location"] == PAGE
        assert [one.split()[0] for one in rows(as_ana.get(PAGE).text)] == ["Divers"]
        assert "address" not in {c.field for c in prepared(*FILE, author=ana).columns}

    def test_is_not_for_who_may_not_import_such_records(self, gard):
        one = ColumnMapping.objects.create(model_key="presscontact", heading="adresse pro")
        KeptValue.objects.create(
            model_key="presscontact", record_id=ContactFactory().pk, field="name", value="Secret"
        )
        person = UserFactory()
        permissions = ("import_site", "view_site", "change_site")
        person.user_permissions.set(Permission.objects.filter(codename__in=permissions))
        client = signed_in(person)

        page = client.get(PAGE)
        answer = client.post(reverse("admin:labelling_importrun_forget_heading", args=[one.pk]))

        assert "adresse pro" not in page.text
        assert "Secret" not in page.text
        assert answer.status_code == 403
        assert ColumnMapping.objects.exists()

    def test_is_led_to_from_the_list_and_from_an_import(self, as_ana, taught):
        for page in ("/labelling/importrun/", address(taught)):
            assert f'href="{PAGE}"' in as_ana.get(page).text


class TestValuesRefusedForGood:
    def test_are_listed_and_forgotten_from_there(self, as_ana, ana, gard):
        site = SiteFactory(name="PIMMS Nîmes", postcode="30000")
        run = prepared("Nom;Département;Code postal", "PIMMS Nîmes;Gard;30900", author=ana)
        repairs.decide(run, ana, row(run, 2).pk, "postcode", "always")
        apply(ImportRun.objects.get(pk=run.pk), ana)

        page = as_ana.get(PAGE).text
        (shown,) = [" ".join(one.split()) for one in rows(page)]
        assert shown.startswith("PIMMS Nîmes Code postal 30900 Ana Martin aujourd’hui à")
        assert f'href="/labelling/site/{site.pk}/change/"' in page

        forget = reverse("admin:labelling_importrun_forget", args=[KeptValue.objects.get().pk])
        assert f'action="{forget}"' in page
        answer = as_ana.post(forget, {"learned": "yes"})

        assert answer["Location"] == PAGE
        assert not KeptValue.objects.exists()

    def test_of_a_record_that_is_no_more_are_listed_all_the_same(self, as_ana, ana):
        KeptValue.objects.create(model_key="site", record_id=99, field="commune", value="Arles")

        assert "Fiche supprimée" in rows(as_ana.get(PAGE).text)[0]


class TestLongLists:
    def test_come_by_pages_that_cost_the_same(self, as_ana, ana, gard):
        def count() -> int:
            with CaptureQueriesContext(
                connection,
            ) as queries:
                as_ana.get(PAGE)
            return len(queries)

        def add(numbers: range) -> None:
            for number in numbers:
                site = SiteFactory(department=gard)
                KeptValue.objects.create(
                    model_key="site", record_id=site.pk, field="association_id", value=None
                )
                ColumnMapping.objects.create(
                    model_key="site",
                    heading=f"titre {number:03}",
                    taught_by=ana,
                    taught_at=timezone.now(),
                )

        add(range(2))
        as_ana.get(PAGE)
        few = count()
        add(range(2, 60))

        assert count() == few
        first, second = as_ana.get(PAGE).text, as_ana.get(f"{PAGE}?headings=2").text
        assert len(rows(first)) == 100
        assert 'href="?headings=2"' in first
        assert len(rows(second)) == 60
        assert 'href="?headings=2&amp;values=2"' in second
