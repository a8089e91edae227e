"""A wave whose release is no affair of this tool: what is said of it, and the file that left."""

import re
from datetime import date

import pytest
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import IntegrityError, transaction
from django.db.models import QuerySet
from django.utils import timezone

from labelling.choices import Event
from labelling.models import JournalEntry, LabellingWave, PressRelease, SentFile
from labelling.press_release import past_releases, publishing
from tests.admin.forms import filled, sentences
from tests.factories import ReleaseFactory, SiteFactory, WaveFactory

NAME = "Pas de communiqué pour cette vague"
SENT = "Communiqué diffusé avant cet outil"


@pytest.fixture
def wave(db):
    SiteFactory(labelled=True, name="PIMMS Nîmes")
    return LabellingWave.objects.get()


def address(wave, page="press-release"):
    return f"/labelling/labellingwave/{wave.pk}/{page}/"


def say(client, wave, answer):
    return client.post(address(wave, "past-release"), {"answer": answer}, follow=True)


def attach(client, wave, content=b"%PDF-1.7", name="communique.pdf"):
    file = SimpleUploadedFile(name, content)
    return client.post(address(wave, "attach"), {"file": file}, follow=True)


def stored(wave):
    return LabellingWave.objects.get(pk=wave.pk).past_release


class TestTheAnswer:
    def test_ends_the_project_and_is_said_everywhere(self, wave, as_editor):
        page = as_editor.get(address(wave)).text
        assert "PROJET – NE PAS DIFFUSER" in page
        assert "Cette vague n’a pas encore de communiqué" in page
        assert "Préparer le communiqué" in page

        answer = say(as_editor, wave, "none")

        assert sentences(answer) == ["Automne 2020 : noté « Pas de communiqué pour cette vague »."]
        assert "PROJET" not in answer.text
        assert "cette vague n’a pas eu de communiqué" in answer.text
        assert "Préparer le communiqué" not in answer.text
        download = as_editor.get(f"{address(wave)}records/txt/")
        assert download.headers["Content-Disposition"].endswith(
            'filename="communique-automne-2020-recalcule.txt"'
        )
        assert "PROJET" not in download.text
        assert NAME in as_editor.get("/labelling/labellingwave/").text
        assert "Préparer le communiqué" not in as_editor.get(address(wave, "change")).text

    def test_is_taken_back(self, wave, as_editor):
        say(as_editor, wave, "sent")
        assert stored(wave) == "sent"

        answer = say(as_editor, wave, "take back")

        assert sentences(answer)[-1] == "Automne 2020 : la réponse est retirée."
        assert stored(wave) == ""
        assert "PROJET – NE PAS DIFFUSER" in answer.text
        assert wave.history.count() == 3

    def test_twice_is_written_once(self, wave, as_editor):
        say(as_editor, wave, "none")
        say(as_editor, wave, "none")

        assert wave.history.count() == 2

    def test_that_is_none_changes_nothing(self, wave, as_editor):
        for answer in "", "x", "\x00":
            assert sentences(say(as_editor, wave, answer))[-1] == (
                "Choisissez une réponse pour cette vague."
            )
        assert stored(wave) == ""

    def test_is_not_asked_of_a_wave_with_a_release(self, wave, as_editor):
        ReleaseFactory(wave=wave)

        assert "avant cet outil" not in as_editor.get(address(wave)).text
        assert "past_release" not in as_editor.get(address(wave, "change")).text
        answer = say(as_editor, wave, "none")

        assert sentences(answer) == [
            "Cette vague a son communiqué ici : il n’y a pas à dire ce qu’il est devenu."
        ]
        assert stored(wave) == ""

    def test_is_for_who_writes_waves(self, wave, as_reader):
        assert "avant cet outil" not in as_reader.get(address(wave)).text
        assert as_reader.post(address(wave, "past-release"), {"answer": "none"}).status_code == 403
        assert stored(wave) == ""

    def test_is_told_on_the_form_of_the_wave_too(self, wave, as_editor):
        say(as_editor, wave, "none")
        form = as_editor.get(address(wave, "change"))

        assert NAME in form.text
        as_editor.post(address(wave, "change"), filled(form, past_release="sent"))
        assert stored(wave) == "none"

    def test_is_asked_about_again_before_a_release_is_prepared(self, wave, as_editor):
        form = as_editor.get(f"/labelling/pressrelease/add/?wave={wave.pk}")
        say(as_editor, wave, "none")

        answer = as_editor.post("/labelling/pressrelease/add/", filled(form, place="Lyon"))

        assert answer.context["adminform"].form.errors["wave"] == [
            (
                "La vague «\u00a0Automne 2020\u00a0» porte la réponse «\u00a0Pas de communiqué "
                "pour cette vague\u00a0». Pour préparer son communiqué ici, revenez d’abord sur "
                "cette réponse, depuis la page «\u00a0Communiqué\u00a0» de la vague."
            )
        ]
        assert 'value="Lyon"' in answer.text
        assert not PressRelease.objects.exists()

        say(as_editor, wave, "take back")
        as_editor.post("/labelling/pressrelease/add/", filled(form))
        assert PressRelease.objects.exists()

    def test_gives_way_to_a_release_that_came_all_the_same(self, wave, as_editor):
        say(as_editor, wave, "none")
        ReleaseFactory(wave=wave)

        assert "Brouillon" in as_editor.get("/labelling/labellingwave/").text
        for page in "press-release", "change":
            assert NAME not in as_editor.get(address(wave, page)).text


class TestTheFileThatLeft:
    def test_is_kept_as_it_was_and_says_that_it_left(self, wave, as_manager, as_reader):
        answer = attach(as_manager, wave)

        assert sentences(answer) == ["« communique.pdf » est joint à la vague."]
        assert stored(wave) == "sent"
        assert SENT in answer.text
        file = SentFile.objects.get()
        assert (file.wave, file.release) == (wave, None)
        given_back = as_reader.get(address(wave, f"sent-files/{file.pk}"))
        assert given_back.content == b"%PDF-1.7"
        assert given_back.headers["Content-Disposition"] == 'attachment; filename="communique.pdf"'
        assert "Retirer ce fichier" not in as_reader.get(address(wave)).text

    def test_is_refused_as_those_of_a_release_are_and_leaves_no_answer(self, wave, as_manager):
        answer = attach(as_manager, wave, b"MZ\x90\0")

        assert "est un programme" in sentences(answer)[0]
        assert not SentFile.objects.exists()
        assert stored(wave) == ""

    def test_is_one_of_ten_at_most(self, wave, as_manager):
        for _ in range(10):
            attach(as_manager, wave)

        assert "10 fichiers sont déjà joints" in sentences(attach(as_manager, wave))[-1]
        assert SentFile.objects.count() == 10

    def test_of_a_wave_with_a_release_is_refused(self, wave, as_manager):
        ReleaseFactory(wave=wave)

        answer = attach(as_manager, wave)

        assert sentences(answer)[0].startswith("Cette vague a son communiqué ici")
        assert not SentFile.objects.exists()

    def test_is_attached_and_removed_by_who_validates(self, wave, as_manager, as_editor):
        attach(as_manager, wave)
        file = SentFile.objects.get()

        assert as_editor.post(address(wave, "attach")).status_code == 403
        assert as_editor.post(address(wave, f"sent-files/{file.pk}/remove")).status_code == 403
        assert SentFile.objects.exists()

    def test_is_removed_with_a_motive_then_the_answer_is_taken_back(
        self, wave, as_manager, manager
    ):
        attach(as_manager, wave)
        file = SentFile.objects.get()
        assert "Revenir sur cette réponse" not in as_manager.get(address(wave)).text
        for answer in "none", "take back":
            assert sentences(say(as_manager, wave, answer))[-1].startswith(
                "Un fichier diffusé est joint à cette vague"
            )
        door = address(wave, f"sent-files/{file.pk}/remove")
        assert "sera effacé" in as_manager.get(door).text
        assert 'class="errorlist"' in as_manager.post(door, {"reason": "mistaken"}).text

        answer = as_manager.post(door, {"reason": "mistaken", "details": "Un autre."}, follow=True)

        assert not SentFile.objects.exists()
        assert re.search(
            "« communique.pdf » retiré le .* : Joint par erreur – Un autre.",
            answer.text.replace("\u00a0", " "),
        )
        entry = JournalEntry.objects.get()
        assert (entry.event, entry.author, entry.model_key, entry.record_id) == (
            Event.FILE_REMOVED,
            manager,
            "labellingwave",
            wave.pk,
        )
        assert entry.details["release"] == "Vague Automne 2020"
        say(as_manager, wave, "take back")
        assert stored(wave) == ""

    def test_of_another_wave_is_not_found(self, wave, as_manager):
        attach(as_manager, wave)
        other = WaveFactory(name="Hiver 2021", effective_on=date(2021, 1, 1))
        file = SentFile.objects.get()

        assert as_manager.get(address(other, f"sent-files/{file.pk}")).status_code == 404
        assert as_manager.get(address(other, f"sent-files/{file.pk}/remove")).status_code == 404

    def test_keeps_its_wave(self, as_manager):
        wave = WaveFactory()
        attach(as_manager, wave)

        answer = as_manager.post(address(wave, "delete"), {"post": "yes"}, follow=True)

        assert "Le communiqué diffusé de cette vague y est joint" in answer.text
        assert LabellingWave.objects.exists()

    def test_is_of_a_release_or_of_a_wave_never_of_both(self, wave):
        release = ReleaseFactory(wave=wave)
        for owners in {}, {"release": release, "wave": wave}:
            with pytest.raises(IntegrityError), transaction.atomic():
                SentFile.objects.create(
                    name="a.pdf", content=b"%PDF", size=4, attached_at=timezone.now(), **owners
                )

    def test_tells_that_it_was_altered(self, wave, manager):
        past_releases.attach(wave, name="a.pdf", content=b"%PDF", by=manager, at=timezone.now())
        QuerySet(SentFile).update(content=b"autre")

        assert list(SentFile.objects.word_alterations()) == [
            (
                "Le fichier «\u00a0a.pdf\u00a0», joint à la vague Automne 2020, n’est plus celui "
                "qui a été joint."
            )
        ]

    def test_waits_for_the_answer(self, wave, manager):
        with pytest.raises(ValidationError, match="Dites d’abord que le communiqué"):
            publishing.attach(wave, name="a.pdf", content=b"%PDF", by=manager, at=timezone.now())
