"""A file that is brought from the page of an association or of a wave: it says whose it is."""

import re
from datetime import date

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from labelling.models import Association, ImportRun, Site
from labelling.spreadsheets.resources import ORIGIN_HEADING
from labelling.spreadsheets.runs.lines_to_correct import make_mark
from tests.admin.imports.test_pages import address, applied, words
from tests.conftest import signed_in
from tests.factories import (
    AssociationFactory,
    DepartmentFactory,
    SiteFactory,
    WaveFactory,
    reader,
)
from tests.spreadsheets.prepared import lines, states

pytestmark = pytest.mark.django_db

KNOWN = ("Espace Alpha", "Espace Bravo", "Espace Charlie")
NEW = ("Delta", "Écho", "Fox-trot", "Golf", "Hôtel", "India", "Juliette")
# Three known sites and seven new ones: nothing shows that these are the network's.
SHEET = (
    "Nom;Département;Commune",
    *(f"{name};Gard;Nîmes" for name in KNOWN),
    *(f"Maison {name};Gard;Alès" for name in NEW),
)


@pytest.fixture
def known():
    department = DepartmentFactory()
    return [SiteFactory(name=name, department=department) for name in KNOWN]


@pytest.fixture
def valbrune():
    return AssociationFactory(name="Valbrune")


def find_link(client, page: str, words: str) -> str:
    """Where a link of a page leads."""
    found = re.search(rf'<a href="([^"]+)"[^>]*>{words}</a>', client.get(page).text)
    assert found, words
    return found[1].replace("&amp;", "&")


def page_of(record: Association) -> str:
    return f"/labelling/association/{record.pk}/change/"


def send(client, door: str, *sheet: str, **fields):
    file = SimpleUploadedFile("sites.csv", lines(*sheet))
    return client.post(door, {"model": "site", "pasted": "", "wave": "", "file": file, **fields})


class TestASheetOfAnAssociation:
    def test_is_cut_down_to_what_is_known_where_nobody_says_whose_it_is(self, as_ana, known):
        send(as_ana, reverse("admin:labelling_importrun_add"), *SHEET)

        assert list(states(ImportRun.objects.get()).values()).count("outside") == 7

    def test_loses_no_site_and_its_new_ones_are_of_the_association(self, as_ana, known, valbrune):
        door = find_link(as_ana, page_of(valbrune), "Importer ses sites")
        assert "Les sites de ce fichier sont ceux de l’association «\u00a0Valbrune\u00a0»" in words(
            as_ana.get(door).text
        )

        send(as_ana, door, *SHEET)
        run = ImportRun.objects.get()
        assert [*states(run).values()] == ["changed"] * 3 + ["new"] * 7
        assert "ceux de l’association «\u00a0Valbrune\u00a0»" in words(
            as_ana.get(address(run)).text
        )
        applied(as_ana, run)

        assert Site.objects.count() == 10
        assert Site.objects.filter(association=valbrune).count() == 7
        # Of the known ones, the file changes what it says.
        assert not Site.objects.filter(name__in=KNOWN, association=valbrune).exists()

    def test_keeps_the_association_that_a_line_names(self, as_ana, known, valbrune):
        other = AssociationFactory(name="Rochebelle")
        door = find_link(as_ana, page_of(valbrune), "Importer ses sites")

        send(
            as_ana,
            door,
            "Nom;Département;Association membre",
            "Maison Delta;Gard;Rochebelle",
            "Maison Écho;Gard;",
            "Maison Golf;Gard;Rochebel",
        )

        rows = ImportRun.objects.get().rows.order_by("number")
        assert [row.after.get("association_id") for row in rows] == [other.pk, valbrune.pk, None]
        assert [row.state for row in rows] == ["new", "new", "wrong"]

    def test_stays_through_a_refusal(self, as_ana, known, valbrune, settings):
        door = find_link(as_ana, page_of(valbrune), "Importer ses sites")
        said = "Les sites de ce fichier sont ceux de l’association"

        nothing = as_ana.post(door, {"model": "site", "pasted": "", "wave": ""})
        too_long = as_ana.post(
            door, {"model": "site", "pasted": "x" * (settings.DATA_UPLOAD_MAX_MEMORY_SIZE + 1)}
        )

        for answer in (nothing, too_long):
            assert 'class="errornote"' in answer.text
            assert said in words(answer.text)
            # The form is sent to the address that says whose the file is.
            assert re.search(r'<form method="post" enctype="[^"]*" id="import-form"', answer.text)
            assert answer.wsgi_request.get_full_path() == door
        send(as_ana, door, *SHEET)
        assert ImportRun.objects.get().association == valbrune

    def test_is_of_sites_and_of_nothing_else(self, as_ana, valbrune):
        door = find_link(as_ana, page_of(valbrune), "Importer ses sites")

        assert re.findall(r'<option value="(\w+)" ?(?:selected)?>', as_ana.get(door).text) == [
            "site"
        ]
        answer = send(as_ana, door, "Nom", "Durand", model="presscontact")
        assert "Choisissez des fiches que votre accès permet d’importer." in answer.text
        assert not ImportRun.objects.exists()

    def test_stays_the_associations_when_lines_to_correct_come_back(self, as_ana, known, valbrune):
        door = find_link(as_ana, page_of(valbrune), "Importer ses sites")
        send(as_ana, door, "Nom;Département", "Maison Delta;Gare", "Maison Écho;Garde")
        first = ImportRun.objects.get()
        marks = [make_mark(row) for row in first.rows.order_by("number")]

        send(
            as_ana,
            reverse("admin:labelling_importrun_add"),
            f"Nom;Département;{ORIGIN_HEADING}",
            f"Maison Delta;Gard;{marks[0]}",
            f"Maison Écho;Gard;{marks[1]}",
        )

        second = ImportRun.objects.exclude(pk=first.pk).get()
        assert [*states(second).values()] == ["new", "new"]
        assert {row.after["association_id"] for row in second.rows.all()} == {valbrune.pk}

    def test_is_not_offered_to_who_may_not_import(self, valbrune):
        assert "Importer ses sites" not in signed_in(reader()).get(page_of(valbrune)).text

    @pytest.mark.parametrize("owner", ["association", "wave"])
    def test_is_not_looked_up_for_who_may_not_import(self, valbrune, owner):
        door = reverse("admin:labelling_importrun_add")

        for key in (valbrune.pk, 99_999):
            assert signed_in(reader()).get(f"{door}?{owner}={key}").status_code == 403

    def test_may_be_of_others_after_all(self, as_ana, known, valbrune):
        send(as_ana, find_link(as_ana, page_of(valbrune), "Importer ses sites"), *SHEET)
        run = ImportRun.objects.get()

        as_ana.post(address(run, "answer"), {"all": "no"})

        assert list(states(run).values()).count("outside") == 7


class TestASheetOfAWave:
    def test_loses_no_site_and_labels_those_that_are_marked(self, as_ana, known):
        wave = WaveFactory(name="Printemps 2021", effective_on=date(2021, 3, 1))
        page = f"/labelling/labellingwave/{wave.pk}/sites/"
        door = find_link(as_ana, page, "Importer un tableur")
        form = as_ana.get(door).text
        assert "Vague\u00a0: Printemps 2021. Les nouveaux sites la prennent" in words(form)
        assert 'name="wave"' not in form

        sheet = [line.replace("Maison Golf", "Maison Golf*") for line in SHEET]
        send(as_ana, door, *sheet, wave=WaveFactory().pk)
        run = ImportRun.objects.get()
        assert [*states(run).values()] == ["changed"] * 3 + ["new"] * 7
        shown = as_ana.get(address(run)).text
        assert "Vague\u00a0: Printemps 2021. Les nouveaux sites la prennent" in words(shown)
        assert 'id="import-wave"' not in shown
        applied(as_ana, run)

        assert Site.objects.count() == 10
        assert Site.objects.filter(wave=wave).exclude(name__in=KNOWN).count() == 7

    def test_leaves_the_wave_that_a_site_or_its_line_has(self, as_ana, known):
        wave, earlier = WaveFactory(), WaveFactory(name="Été 2020", effective_on=date(2020, 6, 1))
        labelled, candidate = KNOWN[:2]
        Site.objects.filter(name=labelled).update(wave=earlier)
        Site.objects.filter(name=candidate).update(wave=None)
        door = f"{reverse('admin:labelling_importrun_add')}?model=site&wave={wave.pk}"

        send(
            as_ana,
            door,
            "Nom;Département;Vague",
            f"{labelled};Gard;",
            f"{candidate};Gard;",
            "Maison Golf;Gard;Été 2020",
            "Maison Hôtel;Gard;",
        )

        run = ImportRun.objects.get()
        assert [*states(run).values()] == ["unchanged", "changed", "new", "new"]
        given = [row.after.get("wave_id") for row in run.rows.order_by("number")]
        assert given == [None, wave.pk, earlier.pk, wave.pk]

    def test_says_nothing_of_records_that_have_no_wave(self, as_ana, valbrune):
        door = reverse("admin:labelling_importrun_add")

        sheet = ("Nom", valbrune.name, "Rochebelle")
        send(as_ana, door, *sheet, model="association", wave=WaveFactory().pk)

        assert states(ImportRun.objects.get()) == {2: "unchanged", 3: "new"}

    def test_gives_its_wave_to_lines_that_come_back_corrected(self, as_ana, known):
        wave = WaveFactory()
        door = f"{reverse('admin:labelling_importrun_add')}?model=site&wave={wave.pk}"
        send(as_ana, door, "Nom;Département", "Maison Golf;Gar")
        run = ImportRun.objects.get()

        headings = f"Nom;Département;{ORIGIN_HEADING}"
        corrected = f"Maison Golf;Gard;{make_mark(run.rows.get())}"
        send(as_ana, reverse("admin:labelling_importrun_add"), headings, corrected)

        again = ImportRun.objects.latest("pk")
        assert again.rows.get().after["wave_id"] == wave.pk


class TestLinesPastedOnThePageOfAWave:
    MAIL = (
        "Bonjour,\n" + "\n".join(f"- PIMMS {name} (Gard)" for name in "ABCDE") + "\nPIMMS F (30) *"
    )

    def test_make_sites_of_the_wave(self, as_ana, known):
        wave = WaveFactory(name="Printemps 2021", effective_on=date(2021, 3, 1))
        page = as_ana.get(f"/labelling/labellingwave/{wave.pk}/sites/").text
        form = re.search(
            r'<form method="post" action="([^"]*)"[^>]* id="paste-lines".*?</form>', page, re.S
        )
        assert form
        assert "Vague\u00a0: Printemps 2021" in words(form[0])
        hidden = dict(re.findall(r'type="hidden" name="(model)" value="(\w+)"', form[0]))

        answer = as_ana.post(form[1].replace("&amp;", "&"), {**hidden, "pasted": self.MAIL})

        run = ImportRun.objects.get()
        assert answer.url == address(run)
        assert [*states(run).values()] == ["new"] * 6
        assert run.remarks == [
            "1\u00a0ligne n’a pas été lue\u00a0: «\u00a0Bonjour,\u00a0» (ligne 1)."
        ]
        applied(as_ana, run)
        assert Site.objects.filter(wave=wave, name__startswith="PIMMS").count() == 6

    def test_that_are_none_are_there_to_be_changed(self, as_ana, known):
        door = f"{reverse('admin:labelling_importrun_add')}?model=site&wave={WaveFactory().pk}"

        answer = as_ana.post(door, {"model": "site", "pasted": "Bonjour,\nmerci"})

        assert "Aucune ligne de titres" in answer.text
        assert "Bonjour,\nmerci</textarea>" in answer.text

    def test_are_for_who_may_import(self):
        wave = WaveFactory()

        page = signed_in(reader()).get(f"/labelling/labellingwave/{wave.pk}/sites/").text

        assert "paste-lines" not in page

    @pytest.mark.parametrize("owner", ["association=99", "wave=99", "wave=x", "association="])
    def test_of_none_that_exists_is_not_read(self, as_ana, known, owner):
        door = f"{reverse('admin:labelling_importrun_add')}?{owner}"

        assert as_ana.get(door).status_code == 404
        assert send(as_ana, door, *SHEET).status_code == 404
        assert not ImportRun.objects.exists()
