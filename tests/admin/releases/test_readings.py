"""Proofreading: asked, answered, received, and what stands of it when the draft moves."""

import re
from datetime import timedelta

import pytest
from django.contrib.auth.models import User
from django.core import mail
from django.db import IntegrityError, connection, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from labelling import roles, text
from labelling.choices import ReadingAnswer, ReadingWay
from labelling.models import Account, DraftText, PressRelease, Proofreading, ReturnedWord, Site
from labelling.press_release import proofreading, publishing
from tests.admin.forms import filled, sentences
from tests.admin.home.test_changes import changes
from tests.admin.home.test_tasks import tasks
from tests.admin.releases.test_steps import address
from tests.conftest import signed_in
from tests.factories import (
    ProofreadingFactory,
    ReleaseFactory,
    SiteFactory,
    UserFactory,
    WaveFactory,
    final,
    sent,
)

pytestmark = pytest.mark.django_db

ASKED = "Relecture demandée à Camille Martin."
KEPT = "Votre réponse est enregistrée."
MOVED = (
    f"{KEPT} Le brouillon a changé pendant votre lecture : elle porte sur la version que vous "
    "avez lue. Ce qui a changé depuis est dit à côté."
)
UNKNOWN = (
    "Le brouillon a changé depuis que vous avez ouvert cette page : votre réponse n’est pas "
    "enregistrée. Relisez-le, puis répondez."
)


@pytest.fixture
def draft():
    SiteFactory(labelled=True, name="PIMMS Nîmes")
    return ReleaseFactory()


@pytest.fixture
def camille():
    return UserFactory(
        username="camille@example.org", first_name="Camille", last_name="Martin", role=roles.READER
    )


@pytest.fixture
def odile():
    return UserFactory(
        username="odile@example.org", first_name="Odile", last_name="Presse", role=roles.EDITOR
    )


@pytest.fixture
def as_camille(camille):
    return signed_in(camille)


@pytest.fixture
def as_odile(odile):
    return signed_in(odile)


def ask(client: Client, release: PressRelease, *readers: User, note: str = ""):
    sent = {"readers": [reader.pk for reader in readers], "note": note}
    return client.post(address(release, "readings/ask"), sent, follow=True)


def read(client: Client, release: PressRelease) -> tuple[str, str]:
    """Open the document: where the answer goes, and the version that it will be about."""
    page = client.get(address(release)).text
    action = re.search(r'action="(/labelling/pressrelease/\d+/readings/\d+/)"', page)[1]
    return action, re.search(r'name="seen" value="(\w+)"', page)[1]


def answer(client: Client, release: PressRelease, said: str, note: str = ""):
    action, seen = read(client, release)
    return client.post(action, {"seen": seen, "answer": said, "note": note}, follow=True)


def receive(client: Client, release: PressRelease, **changes):
    sent = {
        "name": "Jean Dupont",
        "way": "phone",
        "day": f"{timezone.localdate():%d/%m/%Y}",
        "version": "",
        "answer": "review",
        "note": "Le titre est trop long.",
    }
    return client.post(address(release, "readings/note"), sent | changes, follow=True)


def word(client: Client, release: PressRelease, **words) -> None:
    here = address(release, "change")
    assert client.post(here, filled(client.get(here), **words)).status_code == 302


def section(response) -> str:
    """What the page says of the readings, its spaces plain."""
    found = re.search(r'<section class="readings".*?</section>', response.text, re.DOTALL)
    words = re.sub(r"<[^>]+>", " ", found[0]) if found else ""
    return " ".join(words.replace("\u202f", " ").split())


def today() -> str:
    return text.long_date(timezone.localdate()).replace("\u00a0", " ")


class TestAsking:
    def test_tells_the_reader_on_their_home_page(self, draft, as_odile, as_camille, camille):
        said = ask(as_odile, draft, camille, note="Surtout la citation,\navant midi.")

        (task,) = tasks(as_camille)
        assert sentences(said) == [ASKED]
        assert task.startswith(
            "Communiqué du 14 octobre 2020 Relecture demandée Demandée par Odile Presse le "
            f"{today()}"
        )
        assert task.endswith("« Surtout la citation, avant midi. » Relire et répondre")
        home = as_camille.get("/").text
        assert f'href="{address(draft)}#votre-relecture"' in home
        assert 'id="votre-relecture"' in as_camille.get(address(draft)).text

    def test_is_told_among_the_latest_changes(self, draft, as_odile, camille):
        other = UserFactory(first_name="Ana", last_name="Durand", role=roles.READER)
        ask(as_odile, draft, camille, other)

        said = "Relecture demandée à Camille Martin et Ana Durand par Odile Presse"
        assert said in changes(as_odile)

    def test_says_how_they_will_know(self, draft, as_odile, camille):
        page = as_odile.get(address(draft, "readings/ask"))
        ask(as_odile, draft, camille)

        said = " ".join(page.text.replace("\u00a0", " ").replace("\u202f", " ").split())
        assert (
            "La demande s’affiche à leur accueil, dans « À faire ». Aucun courriel ne part d’ici : "
            "prévenez-les si cela presse." in said
        )
        assert mail.outbox == []

    def test_is_offered_for_who_may_see_releases_but_oneself(self, draft, as_odile, camille):
        UserFactory(last_name="Sans Rôle")
        gone = UserFactory(last_name="Parti", role=roles.READER)
        yesterday = timezone.localdate() - timedelta(days=1)
        Account.objects.create(user=gone, access_until=yesterday)

        form = as_odile.get(address(draft, "readings/ask")).context["form"]

        assert [name for _, name in form.fields["readers"].choices] == ["Camille Martin"]

    def test_tells_people_of_one_name_apart(self, draft, as_odile, camille):
        UserFactory(
            username="c.martin@example.org",
            first_name="Camille",
            last_name="Martin",
            role=roles.READER,
        )

        form = as_odile.get(address(draft, "readings/ask")).context["form"]

        assert sorted(name for _, name in form.fields["readers"].choices) == [
            "Camille Martin (c.martin@example.org)",
            "Camille Martin (camille@example.org)",
        ]

    def test_needs_somebody(self, draft, as_odile):
        page = ask(as_odile, draft)

        assert page.context["form"].errors["readers"] == ["Cochez au moins une personne."]
        assert not Proofreading.objects.exists()

    def test_asks_nothing_twice_of_who_has_not_answered(self, draft, odile, as_odile, camille):
        ask(as_odile, draft, camille)
        page = as_odile.get(address(draft, "readings/ask"))
        again = proofreading.ask(draft, [camille], by=odile, note="", at=timezone.now())

        assert "Déjà demandée à&nbsp;: Camille Martin." in page.text
        assert "Il n’y a personne d’autre à qui le demander" in page.text
        assert page.context["form"].fields["readers"].choices == []
        assert again == []
        assert Proofreading.objects.count() == 1

    def test_asks_anew_of_who_has_answered(self, draft, as_odile, as_camille, camille):
        ask(as_odile, draft, camille)
        answer(as_camille, draft, "read")
        ask(as_odile, draft, camille)

        assert Proofreading.objects.count() == 2
        assert len(tasks(as_camille)) == 1

    def test_is_taken_back(self, draft, as_odile, as_camille, camille):
        ask(as_odile, draft, camille)
        row = Proofreading.objects.get()
        here = address(draft, f"readings/{row.pk}/withdraw")

        done, again = (as_odile.post(here, follow=True) for _ in range(2))

        assert sentences(done) == ["Camille Martin : la demande est retirée."]
        assert sentences(again) == ["Cette demande de relecture a déjà été retirée."]
        assert "À faire" not in as_camille.get("/").text

    def test_is_not_taken_back_once_answered(self, draft, as_odile, as_camille, camille):
        ask(as_odile, draft, camille)
        row = Proofreading.objects.get()
        answer(as_camille, draft, "read")

        done = as_odile.post(address(draft, f"readings/{row.pk}/withdraw"), follow=True)

        assert sentences(done) == ["Camille Martin a répondu entre-temps : la demande reste."]
        assert Proofreading.objects.filter(pk=row.pk).exists()

    def test_is_for_drafts_alone(self, draft, as_odile, camille):
        final(draft)

        said = ask(as_odile, draft, camille)

        assert sentences(said) == [
            "Ce communiqué est validé : il ne se relit plus. Ses relectures sont gardées."
        ]
        assert not Proofreading.objects.exists()


class TestAnswering:
    """R36."""

    def test_says_who_read_which_version(self, draft, as_odile, as_camille, camille):
        ask(as_odile, draft, camille)

        said = answer(as_camille, draft, "read", "Très bien.")

        row = Proofreading.objects.get()
        assert sentences(said) == [KEPT]
        assert (row.answer, row.answer_note, row.noted_by) == ("read", "Très bien.", camille)
        assert row.text.content["title"] in said.text.replace("&#x27;", "'")
        shown = section(as_odile.get(address(draft)))
        assert f"Camille Martin Relu le {today()}, sur la version du {today()}" in shown
        assert shown.count("Très bien. Rien n’a changé depuis.") == 1
        assert "À faire" not in as_camille.get("/").text
        assert "«\u00a0Relu\u00a0» par Camille Martin" in changes(as_odile)

    def test_tells_who_asked_what_is_to_review(self, draft, as_odile, as_camille, camille):
        ask(as_odile, draft, camille)

        answer(as_camille, draft, "review", "La date est fausse.")

        told = [task for task in tasks(as_odile) if "À revoir" in task]
        start = f"Communiqué du 14 octobre 2020 À revoir Camille Martin, le {today()}."
        assert told == [f"{start} « La date est fausse. » Voir la relecture"]

    def test_is_told_no_more_once_read_again(self, draft, as_odile, as_camille, camille):
        ask(as_odile, draft, camille)
        answer(as_camille, draft, "review", "La date est fausse.")
        ask(as_odile, draft, camille)
        answer(as_camille, draft, "read")

        assert [task for task in tasks(as_odile) if "À revoir" in task] == []

    def test_says_what_is_to_review(self, draft, as_odile, as_camille, camille):
        ask(as_odile, draft, camille)

        page = answer(as_camille, draft, "review", "  ")

        assert page.status_code == 200
        assert "Dites ce qui est à revoir." in page.text
        assert '<article class="release"' in page.text
        assert not Proofreading.objects.exclude(answer="").exists()

    def test_chooses_an_answer_and_keeps_what_was_typed(self, draft, as_odile, as_camille, camille):
        ask(as_odile, draft, camille)
        action, seen = read(as_camille, draft)

        page = as_camille.post(action, {"seen": seen, "answer": "", "note": "À moitié lu"})

        assert "À moitié lu</textarea>" in page.text
        assert "Choisissez «\u00a0Relu\u00a0» ou «\u00a0À revoir\u00a0»." in page.text

    def test_is_about_the_version_that_was_read(self, draft, as_odile, as_camille, camille):
        ask(as_odile, draft, camille)
        action, seen = read(as_camille, draft)
        word(as_odile, draft, own_lead="Un autre chapô.")

        said = as_camille.post(action, {"seen": seen, "answer": "read"}, follow=True)

        assert sentences(said) == [MOVED]
        row = Proofreading.objects.get()
        assert row.text.digest == seen
        assert row.text.content["lead"] != "Un autre chapô."
        assert "1 passage a changé depuis." in section(said)

    def test_follows_the_records_too(self, draft, as_odile, as_camille, camille):
        ask(as_odile, draft, camille)
        answer(as_camille, draft, "read")
        site = Site.objects.get()
        site.name = "PIMMS de Nîmes"
        site.save()

        assert "1 ligne de la liste a changé depuis." in section(as_odile.get(address(draft)))

    def test_of_a_version_that_nobody_knows_is_asked_again(
        self, draft, as_odile, as_camille, camille
    ):
        ask(as_odile, draft, camille)
        action, _ = read(as_camille, draft)

        page = as_camille.post(action, {"seen": "f" * 64, "answer": "read", "note": "Bien vu"})

        assert sentences(page) == [UNKNOWN]
        assert "Bien vu</textarea>" in page.text
        assert not Proofreading.objects.exclude(answer="").exists()

    def test_shows_what_changed_word_by_word(self, draft, as_odile, as_camille, camille):
        word(as_odile, draft, own_lead="Un long chapô.")
        ask(as_odile, draft, camille, note="Vite.")
        answer(as_camille, draft, "review", "Trop long.")
        word(as_odile, draft, own_lead="Un court chapô.")
        row = Proofreading.objects.get()

        page = as_camille.get(address(draft, f"readings/{row.pk}")).text

        assert "Un <del>long</del> chapô." in page
        assert "Un <ins>court</ins> chapô." in page
        assert "Ce qui a été lu" in page
        assert "Trop long." in page
        assert "Ce qui était demandé&nbsp;:" in as_camille.get(address(draft)).text

    def test_is_the_reader_s_alone(self, draft, as_odile, as_editor, camille):
        ask(as_odile, draft, camille)
        row = Proofreading.objects.get()
        sent = {"seen": "", "answer": "read"}

        for client in (as_odile, as_editor):
            answer = client.post(address(draft, f"readings/{row.pk}"), sent)
            assert answer.status_code == 403
        assert 'id="votre-relecture"' not in as_odile.get(address(draft)).text

    def test_of_another_release_is_not_found(self, draft, as_odile, camille):
        ask(as_odile, draft, camille)
        row = Proofreading.objects.get()
        other = ReleaseFactory(wave=WaveFactory(name="Hiver 2021", effective_on="2021-01-15"))

        assert as_odile.get(address(other, f"readings/{row.pk}")).status_code == 404


class TestTooLate:
    """R36."""

    @pytest.fixture
    def asked(self, draft, as_odile, as_camille, camille):
        ask(as_odile, draft, camille)
        action, seen = read(as_camille, draft)
        return action, {"seen": seen, "answer": "review", "note": "Deux fautes."}

    WORDS = [("Réponse", "À revoir"), ("Remarques", "Deux fautes.")]

    def test_it_was_validated_meanwhile(self, draft, asked, as_camille, as_odile, odile):
        final(draft, by=odile)

        said = as_camille.post(*asked, follow=True)

        assert sentences(said) == [
            (
                "Votre réponse est enregistrée. Ce communiqué est déjà validé par Odile Presse : "
                "elle est marquée « reçue après la validation »."
            )
        ]
        shown = section(said).replace("&nbsp;", " ")
        assert f"Camille Martin À revoir le {today()}, sur la version du {today()}" in shown
        assert (
            ", reçue après la validation Ses remarques : Deux fautes. Rien n’a changé depuis."
        ) in shown
        assert [task for task in tasks(as_odile) if "À revoir" in task]

    def test_it_was_validated_and_nobody_knows_what_was_read(self, draft, asked, as_camille, odile):
        action, words = asked
        final(draft, by=odile)

        page = as_camille.post(action, words | {"seen": "f" * 64})

        assert page.status_code == 409
        assert page.context["words"] == self.WORDS

    def test_it_was_sent_meanwhile(self, draft, asked, as_camille):
        sent(draft)

        page = as_camille.post(*asked)

        assert page.status_code == 409
        assert "Ce communiqué a été validé pendant que vous" in page.text
        assert page.context["words"] == self.WORDS
        assert not Proofreading.objects.exclude(answer="").exists()

    def test_it_was_deleted_meanwhile(self, draft, asked, as_camille, as_manager):
        as_manager.post(address(draft, "delete"), {"post": "yes"})

        page = as_camille.post(*asked)

        assert page.status_code == 409
        assert "Ce brouillon a été supprimé par" in page.text
        assert page.context["words"] == self.WORDS

    def test_it_was_taken_back_meanwhile(self, draft, asked, as_camille, as_odile):
        row = Proofreading.objects.get()
        as_odile.post(address(draft, f"readings/{row.pk}/withdraw"))

        page = as_camille.post(*asked)

        assert page.status_code == 409
        assert "Cette demande de relecture a été retirée" in page.text
        assert page.context["words"] == self.WORDS

    def test_it_was_answered_already(self, asked, as_camille):
        action, words = asked
        as_camille.post(action, words | {"answer": "read", "note": ""})

        page = as_camille.post(action, words)

        assert "Cette relecture a déjà sa réponse" in page.text
        assert page.context["words"] == self.WORDS
        assert Proofreading.objects.get().answer == "read"

    def test_nothing_was_typed(self, draft, asked, as_camille):
        action, words = asked
        sent(draft)

        page = as_camille.post(action, words | {"answer": "read", "note": ""}, follow=True)

        assert page.redirect_chain == [(address(draft), 302)]
        assert "a été validé" in sentences(page)[0]

    def test_of_what_never_was_is_not_found(self, asked, as_camille):
        assert as_camille.post("/labelling/pressrelease/987654/readings/1/").status_code == 404


class TestReceived:
    def test_is_noted_with_its_day_and_its_way(self, draft, as_odile):
        said = receive(as_odile, draft)

        assert sentences(said) == ["Jean Dupont : « À revoir » est consigné."]
        shown = section(said)
        assert (
            f"Jean Dupont À revoir le {today()}, par téléphone, consigné par Odile Presse, sur la "
            f"version du {today()}"
        ) in shown
        assert "Le titre est trop long." in shown
        noted = "«\u00a0À revoir\u00a0», réponse de Jean Dupont par Odile Presse"
        assert noted in changes(as_odile)

    def test_is_the_answer_of_who_was_asked_here(self, draft, as_odile, camille):
        ask(as_odile, draft, camille)

        receive(as_odile, draft, name="camille martin", way="mail")

        row = Proofreading.objects.get()
        assert (row.reader, row.way, row.answer) == (camille, ReadingWay.MAIL, ReadingAnswer.REVIEW)

    def test_is_the_last_word_of_who_was_asked_here(
        self, draft, as_odile, as_camille, as_manager, camille
    ):
        ask(as_odile, draft, camille)
        answer(as_camille, draft, "review", "La date est fausse.")

        receive(as_odile, draft, name="camille MARTIN", answer="read", note="")

        assert as_manager.get(address(draft, "validate")).context["readings_left"] == []
        assert [task for task in tasks(as_odile) if "À revoir" in task] == []

    def test_is_heeded_until_they_read_it_here(
        self, draft, as_odile, as_camille, as_manager, camille
    ):
        receive(as_odile, draft, name="Camille Martin")
        ask(as_odile, draft, camille)
        answer(as_camille, draft, "read")

        assert as_manager.get(address(draft, "validate")).context["readings_left"] == []
        assert [task for task in tasks(as_odile) if "À revoir" in task] == []

    def test_is_on_the_home_page_of_who_noted_it(self, draft, as_odile, as_manager):
        receive(as_odile, draft, note="Elle veut « Hauts-de-France » dans le titre.")

        told = [task for task in tasks(as_odile) if "À revoir" in task]
        start = f"Communiqué du 14 octobre 2020 À revoir Jean Dupont, le {today()}."
        assert told == [f"{start} « Elle veut “Hauts-de-France” dans le titre. » Voir la relecture"]
        assert [task for task in tasks(as_manager) if "À revoir" in task] == []

    def test_is_noted_after_the_validation_too(self, draft, as_odile):
        final(draft)
        assert "Consigner une relecture reçue…" in as_odile.get(address(draft)).text

        said = receive(as_odile, draft, answer="read", note="")

        assert sentences(said) == ["Jean Dupont : « Relu » est consigné."]
        assert "reçue après la validation" in section(said)

    def test_is_noted_no_more_once_it_is_sent(self, draft, as_odile):
        sent(draft)

        said = receive(as_odile, draft)

        assert sentences(said) == [
            "Ce communiqué est validé : il ne se relit plus. Ses relectures sont gardées."
        ]
        assert not Proofreading.objects.exists()

    def test_is_about_a_version_that_somebody_has(self, draft, as_odile):
        as_odile.get(address(draft, "download/docx"))
        older = DraftText.objects.get()
        word(as_odile, draft, own_lead="Un autre chapô.")
        page = as_odile.get(address(draft, "readings/note"))

        receive(as_odile, draft, version=str(older.pk))

        assert [key for key, _ in page.context["form"].fields["version"].choices] == [
            "",
            str(older.pk),
        ]
        assert Proofreading.objects.get().text == older
        assert "1 passage a changé depuis." in section(as_odile.get(address(draft)))

    def test_is_about_the_version_that_was_downloaded(self, draft, as_odile):
        """Read here or taken away, one version is kept once, and is the same one."""
        as_odile.get(address(draft, "download/docx"))

        said = receive(as_odile, draft)

        assert DraftText.objects.count() == 1
        assert "Rien n’a changé depuis." in section(said)

    @pytest.mark.parametrize(
        ("field", "typed", "sentence"),
        [
            ("day", "1er janvier 2099", "Le 1er\u00a0janvier 2099 est à venir"),
            ("way", "", "Choisissez « Courriel » ou « Téléphone »."),
            ("way", "here", "«\u00a0here\u00a0» n’y figure pas."),
            ("note", "", "Dites ce qui est à revoir."),
            ("version", "987", "«\u00a0987\u00a0» n’y figure pas."),
        ],
    )
    def test_is_refused_in_words(self, draft, as_odile, field, typed, sentence):
        page = receive(as_odile, draft, **{field: typed})

        assert sentence in page.context["form"].errors[field][0]
        assert not Proofreading.objects.exists()

    @pytest.mark.parametrize(("field", "longest"), [("name", 301), ("note", 2000)])
    def test_has_a_length(self, draft, as_odile, field, longest):
        page = receive(as_odile, draft, **{field: "x" * (longest + 1)})

        assert list(page.context["form"].errors) == [field]


class TestValidating:
    def test_is_told_and_not_stopped(self, draft, as_odile, as_camille, as_manager, camille):
        other = UserFactory(first_name="Ana", last_name="Durand", role=roles.READER)
        ask(as_odile, draft, camille, other)
        answer(as_camille, draft, "review", "Le titre.")
        ask(as_odile, draft, camille)
        answer(as_camille, draft, "review", "La date est fausse.")
        ask(as_odile, draft, camille)

        page = as_manager.get(address(draft, "validate"))

        said = [one.replace("\u00a0", " ") for one in page.context["readings_left"]]
        asked = f"n’a pas encore répondu à la relecture demandée le {today()}"
        assert said[0].startswith(f"Camille Martin {asked}")
        assert said[2].startswith(f"Ana Durand {asked}")
        assert said[1:2] == [
            (
                "Camille Martin a répondu « À revoir » : « La date est fausse. » Rien n’a changé "
                "depuis."
            )
        ]
        assert "Vous pouvez valider quand même." in page.text
        done = as_manager.post(
            address(draft, "validate"), {"seen": page.context["seen"]}, follow=True
        )
        assert "version définitive validée" in sentences(done)[0]

    def test_leaves_the_readings_to_be_read(self, draft, as_odile, as_camille, camille):
        ask(as_odile, draft, camille)
        answer(as_camille, draft, "review", "La date est fausse.")
        ask(as_odile, draft, camille)
        final(draft)

        page = as_odile.get(address(draft))

        shown = section(page)
        assert "Camille Martin À revoir" in shown
        assert "Rien n’a changé depuis." in shown
        assert "Demander une relecture" not in shown

    def test_leaves_what_was_asked_to_be_answered_until_it_is_sent(
        self, draft, as_odile, as_camille, camille
    ):
        ask(as_odile, draft, camille)
        final(draft)

        (task,) = tasks(as_camille)
        assert "Ce communiqué est validé, mais pas encore envoyé. Relire et répondre" in task
        said = answer(as_camille, draft, "review", "La date est fausse.")
        assert "elle est marquée « reçue après la validation »" in sentences(said)[0]
        assert not tasks(as_camille)

    def test_leaves_nothing_to_be_answered_once_it_is_sent(
        self, draft, as_odile, as_camille, camille
    ):
        ask(as_odile, draft, camille)
        validated = final(draft)
        shown = section(as_odile.get(address(draft)))
        assert "Camille Martin Demandée" in shown
        assert "Retirer la demande" in shown

        publishing.mark_as_sent(validated, on=timezone.localdate())

        shown = section(as_odile.get(address(draft)))
        assert "Camille Martin Restée sans réponse" in shown
        assert "Retirer la demande" not in shown
        assert not tasks(as_camille)
        assert 'id="votre-relecture"' not in as_camille.get(address(draft)).text

    def test_lets_a_request_be_taken_back_until_it_is_sent(self, draft, as_odile, camille):
        ask(as_odile, draft, camille)
        row = Proofreading.objects.get()
        final(draft)

        done = as_odile.post(address(draft, f"readings/{row.pk}/withdraw"), follow=True)

        assert sentences(done) == ["Camille Martin : la demande est retirée."]
        assert not Proofreading.objects.exists()


class TestDeleting:
    def test_says_that_the_readings_go_too(self, draft, as_odile, as_manager, camille):
        here = address(draft, "delete")
        before = as_manager.get(here).text
        ask(as_odile, draft, camille)
        after = as_manager.get(here).text
        as_manager.post(here, {"post": "yes"})

        assert "avec ses relectures" not in before
        assert "avec ses relectures" in after
        assert not Proofreading.objects.exists()

    def test_names_the_word_files_that_go_too(self, draft, odile, as_manager):
        ReturnedWord.objects.create(release=draft, read_by=odile, name="v2.docx", document={})

        page = " ".join(as_manager.get(address(draft, "delete")).text.split())

        assert "1 Word corrigé y est déposé et sera perdu&nbsp;:" in page.replace("\u00a0", " ")
        assert "<li>«&nbsp;v2.docx&nbsp;», déposé par Odile Presse le " in page
        assert "depuis « Fiches supprimées », sans ces Word, tant que" in page.replace(
            "\u00a0", " "
        )

    def test_says_that_a_word_is_lost(self, draft, odile, as_odile, as_manager):
        ReturnedWord.objects.create(release=draft, read_by=odile, name="v2.docx", document={})
        as_manager.post(address(draft, "delete"), {"post": "yes"})

        said = as_odile.post(address(draft, "word"), {"take": "yes"}, follow=True)

        assert sentences(said)[0].endswith(
            "pendant que vous l’aviez ouvert : rien n’est repris, et le Word corrigé qui y était "
            "déposé a été supprimé avec lui. Gardez votre fichier : si le brouillon est remis "
            "depuis « Fiches supprimées », déposez-le à nouveau."
        )


class TestAnOpenWord:
    def test_is_told_on_the_draft_and_before_validating(self, draft, odile, as_odile, as_manager):
        ReturnedWord.objects.create(release=draft, read_by=odile, name="v2.docx", document={})

        pages = (as_odile.get(address(draft)), as_manager.get(address(draft, "validate")))

        for page in pages:
            assert (
                "Un Word corrigé reste ouvert&nbsp;: «&nbsp;v2.docx&nbsp;», déposé par Odile Presse"
            ) in " ".join(page.text.split())
        offered = ["Revoir ses corrections" in page.text for page in pages]
        assert offered == [True, False]

    def test_is_told_no_more_once_it_is_final(self, draft, odile, as_odile):
        ReturnedWord.objects.create(release=draft, read_by=odile, name="v2.docx", document={})
        final(draft)

        assert "reste ouvert" not in as_odile.get(address(draft)).text


class TestALoan:
    def test_is_told_in_the_history_of_what_was_validated(self, draft, odile, as_odile):
        Account.objects.update_or_create(
            user=odile, defaults={"validates_until": timezone.localdate()}
        )
        seen = as_odile.get(address(draft, "validate")).context["seen"]
        as_odile.post(address(draft, "validate"), {"seen": seen})

        until = text.short_date(timezone.localdate())
        said = f"Version définitive (droit de valider prêté jusqu’au {until})"
        assert said in as_odile.get(address(draft, "history")).text

    def test_that_ended_says_who_marks_it_as_sent(self, draft, as_odile):
        boss = UserFactory(first_name="Ana", last_name="Durand", role=roles.MANAGER)
        final(draft, by=boss)

        page = as_odile.get(address(draft)).text

        assert "À envoyer, puis à marquer comme envoyé, par Ana Durand." in page


class TestTheHistory:
    def test_words_the_editions(self, draft, as_odile):
        draft.editions = [
            {
                "region": "Bretagne",
                "is_chosen": True,
                "title": "La Bretagne « attend ».",
                "lead": "",
                "contact": "",
            },
            {
                "region": "Occitanie",
                "is_chosen": False,
                "title": "",
                "lead": "",
                "contact": "",
            },
        ]
        draft.save()

        page = as_odile.get(address(draft, "history")).text.replace("\u00a0", " ")

        assert ">Bretagne : préparée, titre « La Bretagne “attend”. »</td>" in page
        assert "is_chosen" not in page


class TestACorrectedVersion:
    def test_shows_the_readings_of_the_one_that_it_replaces(self, draft, as_odile):
        receive(as_odile, draft, note="Le titre s'allonge.")
        final(draft)
        as_odile.post(address(draft, "correct"))
        corrected = PressRelease.objects.get(replaces=draft)

        shown = section(as_odile.get(address(corrected)))

        assert "Personne n’a encore relu ce brouillon." in shown
        assert "Relectures de la version qu’il remplace Jean Dupont À revoir" in shown
        assert "Le titre s’allonge." in shown


class TestPeopleWhoLeave:
    def test_take_the_version_that_names_them_but_not_the_reading(
        self, draft, as_odile, as_camille, camille
    ):
        """S21: a contact whose name was read is erased."""
        ask(as_odile, draft, camille)
        answer(as_camille, draft, "read", "Bien.")
        draft.draft_texts.all().delete()

        shown = section(as_odile.get(address(draft)))
        assert "Bien. La version qui a été lue n’est plus gardée." in shown

    def test_keep_their_name(self, draft, as_odile, as_camille, camille):
        ask(as_odile, draft, camille)
        answer(as_camille, draft, "read")
        User.objects.filter(pk=camille.pk).delete()

        assert "Camille Martin Relu" in section(as_odile.get(address(draft)))


class TestConstraints:
    @pytest.mark.parametrize(
        "wrong",
        [
            {"answer": "read"},
            {"way": "phone"},
            {"asked_at": None},
            {"answered_on": "2020-10-14"},
        ],
    )
    def test_hold_whatever_writes(self, wrong):
        with pytest.raises(IntegrityError), transaction.atomic():
            ProofreadingFactory(**wrong)

    def test_ask_once_at_a_time(self):
        first = ProofreadingFactory()

        with pytest.raises(IntegrityError), transaction.atomic():
            ProofreadingFactory(release=first.release, reader=first.reader)


class TestQueries:
    def test_do_not_grow_with_the_readings(self, draft, as_odile, as_manager):
        def count(address: str) -> int:
            as_manager.get(address)
            with CaptureQueriesContext(connection) as asked:
                as_manager.get(address)
            return len(asked)

        pages = ("/", address(draft), address(draft, "validate"))
        receive(as_odile, draft)
        ProofreadingFactory(release=draft)
        few = [count(page) for page in pages]
        for number in range(4):
            ProofreadingFactory(release=draft)
            receive(as_odile, draft, name=f"Une personne {number}")

        assert [count(page) for page in pages] == few
