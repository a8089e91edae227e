"""« Ce qui a changé depuis »: judged line by line, then rectified."""

import re
from datetime import date

import pytest

from labelling.models import Department, PressRelease, Site
from labelling.models.release import compute_content_digest
from labelling.press_release import corrections, drafting, publishing
from labelling.press_release.composition import from_records, read_published
from labelling.spreadsheets.runs import apply
from tests.admin.forms import sentences
from tests.factories import ReleaseFactory, SiteFactory, final, tamper
from tests.spreadsheets.prepared import prepared

PAGE = "/labelling/pressrelease/1/changes/"


@pytest.fixture
def october(network):
    return PressRelease.objects.get()


@pytest.fixture
def in_loire(october):
    for site in Site.objects.filter(name__contains="Stéphanoise"):
        site.department = Department.objects.get(code="42")
        site.save()


def answers(page) -> dict[str, str]:
    """What the page would send: the answers that are checked, and the version."""
    checked = dict(re.findall(r'name="(verdict-\w+)" value="(\w+)" checked', page.text))
    return checked | {"version": re.search(r'name="version" value="(\d+)"', page.text)[1]}


@pytest.mark.usefixtures("in_loire")
class TestThePage:
    def test_lists_each_difference_with_what_explains_it(self, as_reader):
        page = as_reader.get(PAGE).text

        assert page.count('<li class="change">') == 27
        assert page.count("«\u00a0département\u00a0»\u00a0: modification de la fiche.") == 3
        assert page.count("Aucun changement de fiche ne l’explique.") == 22

    def test_begins_with_those_that_a_change_of_a_record_explains(self, as_reader):
        first, others = as_reader.get(PAGE).text.split('<details class="changes-others">')

        assert "<h2>3\u00a0différences à examiner</h2>" in first
        assert re.findall(r"<h3>(.*?) – .* Stéphanoise", first) == ["Département"] * 3
        assert (
            "<summary>24\u00a0autres différences, qu’aucun changement de fiche n’explique</summary>"
        ) in others
        assert others.count('<li class="change">') == 24
        assert others.count("<fieldset") == 24

    def test_begins_with_those_that_were_judged_too(self, as_editor):
        page = as_editor.get(PAGE)
        others = page.text.split('<details class="changes-others">')[1]
        key = re.search(r'name="(verdict-\w+)"', others)[1]

        as_editor.post(PAGE, answers(page) | {key: "error", "keep": "yes"})

        first, others = as_editor.get(PAGE).text.split('<details class="changes-others">')
        assert "<h2>Aucune différence à examiner</h2>" in first
        assert "<h2>4\u00a0différences examinées</h2>" in first
        assert f'name="{key}" value="error" checked' in first
        assert " checked" not in others

    def test_begins_with_the_sentences_that_count_a_changed_list(self, october, as_reader):
        SiteFactory(wave=october.wave, department=Department.objects.get(code="30"))

        first = as_reader.get(PAGE).text.split('<details class="changes-others">')[0]

        assert [
            part
            for part in ("Titre", "Chapô", "Ligne de la liste")
            if re.search(rf"<h3>{part}\b", first)
        ] == ["Titre", "Chapô", "Ligne de la liste"]

    def test_proposes_the_three_lines_as_errors(self, as_editor):
        page = as_editor.get(PAGE)

        assert page.text.count(" checked") == 3
        assert page.text.count('<span class="change-proposed">(proposé)</span>') == 3

    def test_prepares_a_rectificatif_of_exactly_these(self, as_editor):
        data = answers(as_editor.get(PAGE))

        answer = as_editor.post(PAGE, data | {"erratum": "yes"})

        erratum = PressRelease.objects.get(kind="erratum")
        assert answer["Location"] == f"/labelling/pressrelease/{erratum.pk}/change/"
        assert erratum.errata.splitlines() == [
            "PIMMS Métropole Stéphanoise - La Cotonne, département | Isère | Loire",
            "PIMMS Métropole Stéphanoise - Saint-Chamond, département | Isère | Loire",
            "PIMMS Métropole Stéphanoise - Montreynaud, département | Isère | Loire",
        ]
        page = as_editor.get(PAGE).text
        assert page.count("Correction en préparation&nbsp;: <a href=") == 3
        assert "Déjà rectifié" not in page

    def test_adds_nothing_to_the_rectificatif_that_has_them(self, as_editor):
        as_editor.post(PAGE, answers(as_editor.get(PAGE)) | {"erratum": "yes"})
        erratum = PressRelease.objects.get(kind="erratum")
        erratum.errata = erratum.errata.replace(", département |", ", dép. |")
        erratum.save()

        as_editor.post(PAGE, answers(as_editor.get(PAGE)) | {"erratum": "yes"})

        erratum.refresh_from_db()
        assert len(erratum.errata.splitlines()) == 3

    def test_takes_the_answers_as_they_were_given(self, as_editor, monkeypatch):
        """Whatever a colleague corrects between their saving and the rectificatif."""
        data = answers(as_editor.get(PAGE))
        save = PressRelease.save

        def save_while_a_colleague_corrects(release, **kwargs):
            save(release, **kwargs)
            Department.objects.filter(code="42").update(name="Loire (42)")

        monkeypatch.setattr(PressRelease, "save", save_while_a_colleague_corrects)
        as_editor.post(PAGE, data | {"erratum": "yes"})

        erratum = PressRelease.objects.get(kind="erratum")
        assert [line[-15:] for line in erratum.errata.splitlines()] == ["| Isère | Loire"] * 3

    def test_keeps_the_answers_with_the_release(self, as_editor, october):
        data = answers(as_editor.get(PAGE))
        first = next(key for key in data if key.startswith("verdict"))

        answer = as_editor.post(PAGE, data | {first: "evolution", "keep": "yes"}, follow=True)

        assert sentences(answer) == ["Vos réponses sont enregistrées."]
        october.refresh_from_db()
        assert sorted(october.verdicts.values()) == ["error", "error", "evolution"]
        assert october.is_intact
        as_editor.post(PAGE, answers(as_editor.get(PAGE)) | {"erratum": "yes"})
        erratum = PressRelease.objects.get(kind="erratum")
        assert len(erratum.errata.splitlines()) == 2

    def test_does_not_overwrite_the_answers_of_another_person(self, as_editor, as_manager):
        data = answers(as_editor.get(PAGE))
        as_manager.post(PAGE, data | {"keep": "yes"})

        answer = as_editor.post(PAGE, data | {"erratum": "yes"}, follow=True)

        assert sentences(answer) == [
            (
                "Une autre personne a examiné ces différences entre-temps : rien n’a été "
                "enregistré. Relisez ses réponses ci-dessous."
            )
        ]
        assert not PressRelease.objects.filter(kind="erratum").exists()

    def test_prepares_the_whole_document_again(self, as_editor):
        data = answers(as_editor.get(PAGE))

        answer = as_editor.post(PAGE, data | {"replacement": "yes"}, follow=True)

        assert "Annule et remplace le communiqué du 14\u00a0octobre 2020" in answer.text
        again = PressRelease.objects.get(kind="replacement")
        assert again.corrects_id == 1
        assert again.attendance.startswith("Le comité de pilotage ministériel")

    def test_says_that_a_correction_is_done_once_it_is_sent(self, october, as_reader):
        again = final(drafting.prepare_replacement(october, date(2020, 10, 20)))

        page = as_reader.get(PAGE).text
        assert page.count("Correction validée, pas encore envoyée&nbsp;: <a href=") == 27
        assert "Déjà rectifié" not in page

        publishing.mark_as_sent(again, on=date(2020, 10, 20))
        page = as_reader.get(PAGE).text
        assert '<li class="change">' not in page
        there = f'<a href="/labelling/pressrelease/{again.pk}/changes/">'
        assert f"celui qui le remplace,\n{there}" in page

    def test_is_read_by_all_and_answered_by_who_may_prepare(self, as_reader):
        page = as_reader.get(PAGE)

        assert "Préparer un rectificatif" not in page.text
        assert as_reader.post(PAGE, {"version": "1"}).status_code == 403


class TestTheContact:
    def test_who_was_erased_is_one_evolution(self, october, as_editor):
        october.contact.delete()

        page = as_editor.get(PAGE).text

        assert page.count('<li class="change">') == 25
        assert page.count("Le contact presse a été effacé.") == 1
        assert re.findall(r'value="(\w+)" checked', page) == ["evolution"]


class TestWithoutAChangedRecord:
    def test_has_nothing_to_examine_first(self, october, as_reader):
        page = as_reader.get(PAGE).text

        assert "<h2>Aucune différence à examiner</h2>" in page
        assert "<summary>24\u00a0différences, qu’aucun changement" in page


class TestAnImport:
    def test_that_explains_a_difference_is_one_click_away(self, october, as_editor, as_reader):
        site = Site.objects.get(name="PIMMS Métropole Stéphanoise - La Cotonne")
        run = prepared("Numéro France Services;Département", f"{site.france_services_id};Loire")
        apply.apply(run, None)

        said = (
            f'Pourquoi&nbsp;: <a href="/labelling/importrun/{run.pk}/">Import n°\u00a0{run.pk}</a>'
        )
        assert said in as_editor.get(PAGE).text
        assert f"Pourquoi&nbsp;: Import n°\u00a0{run.pk}" in as_reader.get(PAGE).text


class TestWithoutDifferences:
    @pytest.fixture
    def agreed(self, october):
        """The release says what the records say."""
        content = from_records(october.wave, october).to_json()
        tamper(october, content=content, digest=compute_content_digest(content))

    def test_says_so(self, agreed, as_reader):
        page = as_reader.get(PAGE).text

        assert "Les fiches disent encore ce que dit le communiqué." in page
        assert "Préparer un rectificatif" not in page

    def test_prose_can_be_rectified_all_the_same(self, agreed, as_editor):
        page = as_editor.get(PAGE)
        assert page.text.count('<li class="change">') == 0
        assert re.findall(r'<button [^>]*name="(\w+)" value="yes">(.*?)</button>', page.text) == [
            ("erratum", "Préparer un rectificatif")
        ]
        data = answers(page)

        answer = as_editor.post(PAGE, data | {"erratum": "yes"}, follow=True)

        assert "Aucune ligne à rectifier\u00a0: ajoutez-en au moins une." in answer.text
        assert "Rectificatif au communiqué du 14\u00a0octobre 2020" in answer.text


class TestWhatIsNotSent:
    def test_has_no_such_page(self, as_editor, db):
        release = ReleaseFactory()

        assert as_editor.get(f"/labelling/pressrelease/{release.pk}/changes/").status_code == 404


class TestTheWave:
    def test_leads_there(self, october, as_editor):
        page = as_editor.get(f"/labelling/labellingwave/{october.wave_id}/press-release/").text

        assert f'<a href="{PAGE}">Examiner les différences' in page


@pytest.mark.usefixtures("in_loire")
class TestQueries:
    def test_do_not_grow_with_the_differences(self, as_editor, django_assert_max_num_queries):
        with django_assert_max_num_queries(60) as few:
            as_editor.get(PAGE)
        before = len(few)
        for site in Site.objects.exclude(name__contains="Stéphanoise")[:30]:
            site.name = f"{site.name} (autre)"
            site.save()

        with django_assert_max_num_queries(60) as many:
            as_editor.get(PAGE)

        assert len(many) == before


@pytest.mark.usefixtures("in_loire")
class TestWords:
    def test_are_french(self, as_editor):
        from tests.test_french import faults, values_of_records

        page = re.sub(r"<dd>.*?</dd>", "", as_editor.get(PAGE).text, flags=re.DOTALL)

        assert faults(page, values_of_records()) == []


@pytest.mark.usefixtures("in_loire")
class TestAReleaseOfAnOlderSchema:
    @pytest.fixture(params=[1, 2])
    def stored(self, request, october):
        """What was frozen then; the second schema had a letterhead, and printed the digest."""
        older = {"letterhead": {"name": "Union", "colour": "#123456"}, "imprint": "Empreinte"}
        content = october.content | {"schema": request.param} | (older if request.param > 1 else {})
        tamper(october, content=content, digest=compute_content_digest(content))
        return content

    def test_reads_part_by_part_as_it_was_frozen_and_gives_its_rectificatif(
        self, stored, october, as_editor
    ):
        october.refresh_from_db()
        read = read_published(october).to_json()
        page = as_editor.get(PAGE)

        as_editor.post(PAGE, answers(page) | {"erratum": "yes"})

        for name in set(stored) - {"schema", "imprint", "letterhead", "lines"}:
            assert read[name] == stored[name], name
        assert (read["letterhead"] or {}).items() >= stored.get("letterhead", {}).items()
        assert [{name: line[name] for name in stored["lines"][0]} for line in read["lines"]] == (
            stored["lines"]
        )
        erratum = october.corrections.get()
        assert [one.sentence for one in corrections.list_corrections(erratum)] == [
            f"{name}, département. Au lieu de\u00a0: «\u00a0Isère\u00a0», lire\u00a0: "
            "«\u00a0Loire\u00a0»."
            for name in (
                "PIMMS Métropole Stéphanoise - La Cotonne",
                "PIMMS Métropole Stéphanoise - Saint-Chamond",
                "PIMMS Métropole Stéphanoise - Montreynaud",
            )
        ]
        assert corrections.find_outcome(erratum).missed == ()
        assert [line.department for line in corrections.list_rectified_lines(erratum)] == (
            ["Loire"] * 3
        )
        kept = PressRelease.objects.get(pk=october.pk)
        assert (kept.content, kept.is_intact) == (stored, True)
