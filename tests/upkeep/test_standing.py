"""What the journal keeps of backups and of the tasks that timers run [R20]."""

from datetime import timedelta
from pathlib import Path

import pytest
from django.core.management import call_command
from django.core.management.base import CommandError
from django.db import Error, OperationalError, connection
from django.utils import timezone

from labelling.admin.events import word_event
from labelling.choices import Event, TimedTask
from labelling.models import JournalEntry, PressRelease
from labelling.upkeep.standing import (
    note_backup,
    note_failure,
    note_rehearsal,
    read_standing,
    watched,
)
from tests.factories import tamper

pytestmark = pytest.mark.django_db

BACKUPS = Path("/var/backups/pimms")
KILLED = "Elle s’est arrêtée sans dire pourquoi\u00a0: la machine l’a peut-être noté."


def told() -> list[str]:
    """The sentences of the journal, the first noted first."""
    return [word_event(entry) for entry in JournalEntry.objects.order_by("pk")]


def fail(task: str, sentence: str = "Rien ne va.") -> None:
    with pytest.raises(CommandError, match=sentence), watched(task):
        raise CommandError(sentence)


def succeed(task: str) -> None:
    with watched(task):
        pass


class TestATask:
    """R20: what fails is noted once, until it works again."""

    def test_that_works_notes_nothing(self):
        call_command("purge_imports", verbosity=0)
        call_command("check_releases", verbosity=0)
        call_command("clearsessions")

        assert told() == []

    @pytest.mark.parametrize(
        ("command", "label", "setting", "value", "remedied"),
        [
            ("purge_imports", "Effacement des anciens imports", "JOURNAL_DAYS", None, 365),
            (
                "clearsessions",
                "Effacement des sessions finies",
                "SESSION_ENGINE",
                "nowhere",
                "django.contrib.sessions.backends.db",
            ),
        ],
    )
    def test_that_fails_each_night_is_noted_once_until_it_works_again(
        self, command, label, setting, value, remedied, settings
    ):
        setattr(settings, setting, value)
        for _ in range(3):
            with pytest.raises((TypeError, ImportError)) as fault:
                call_command(command, verbosity=0)
        setattr(settings, setting, remedied)
        for _ in range(2):
            call_command(command, verbosity=0)

        assert told() == [
            (
                f"La tâche «\u00a0{label}\u00a0» échoue. Elle s’est arrêtée sur une erreur "
                f"({fault.type.__name__}), que la machine a notée."
            ),
            f"La tâche «\u00a0{label}\u00a0» fonctionne de nouveau",
        ]

    def test_says_the_sentence_of_its_command(self, network):
        tamper(PressRelease.objects.get(), content={})

        with pytest.raises(CommandError):
            call_command("check_releases")

        assert told() == [
            (
                "La tâche «\u00a0Vérification des communiqués\u00a0» échoue. Le texte figé du "
                "communiqué du 14\u00a0octobre 2020 n’est plus celui qui a été validé\u00a0: son "
                "empreinte a changé. Ne le diffusez pas\u202f; comparez-le à l’exemplaire envoyé."
            )
        ]

    def test_fails_and_works_apart_from_the_others(self):
        fail("back_up")
        fail("check_releases")
        succeed("back_up")

        failing = read_standing(timezone.now()).failing

        assert [one.task for one in failing] == [TimedTask.CHECK_RELEASES]

    def test_that_fails_again_is_told_since_then(self):
        fail("back_up", "Hier.")
        succeed("back_up")
        fail("back_up", "Aujourd’hui.")

        (failing,) = read_standing(timezone.now()).failing

        assert failing.sentence == "Aujourd’hui."
        assert failing.since == JournalEntry.objects.latest("pk").at

    def test_says_what_failed_even_where_nothing_can_be_noted(self):
        def refuse(*args):
            raise OperationalError("no such base")

        with connection.execute_wrapper(refuse):
            fail("back_up")

        assert told() == []

    @pytest.mark.django_db(transaction=True)
    @pytest.mark.skipif(connection.vendor != "postgresql", reason="a file is not lost that way")
    def test_that_lost_the_base_notes_it_by_another_connection(self):
        @watched("back_up")
        def lose_the_base():
            connection.ensure_connection()
            connection.connection.close()
            JournalEntry.objects.count()

        with pytest.raises(Error):
            lose_the_base()

        assert [one.task for one in read_standing(timezone.now()).failing] == [TimedTask.BACK_UP]

    @pytest.mark.parametrize(
        ("said", "noted"),
        [
            ("«\u00a0/var/backups/pimms\u00a0» est plein.", "«\u00a0pimms\u00a0» est plein."),
            ("Le fichier /var/backups/a.gz, coupé.", "Le fichier a.gz, coupé."),
            ("Depuis le 3/11/2026, 5 et/ou 6.", "Depuis le 3/11/2026, 5 et/ou 6."),
            ("Vers postgres://ana:secret@db/network\u202f: non.", "Vers …\u202f: non."),
            ("Une ligne.\nUne autre.", "Une ligne."),
            ("Long " * 100, "Long " * 59 + "Long…"),
        ],
    )
    def test_notes_no_place_no_address_and_no_more_than_a_line(self, said, noted):
        note_failure("back_up", said)

        assert JournalEntry.objects.get().details == {"task": "back_up", "sentence": noted}


class TestTheCommandOfSystemd:
    """R20: a task that was killed is noted by who saw it."""

    def test_notes_what_the_task_could_not(self):
        call_command("note_failure", "back_up")

        (failing,) = read_standing(timezone.now()).failing
        assert (failing.task, failing.sentence) == (TimedTask.BACK_UP, KILLED)

    def test_adds_nothing_to_what_the_task_noted(self):
        fail("back_up", "Le disque est plein.")

        call_command("note_failure", "back_up")

        assert told() == ["La tâche «\u00a0Sauvegarde\u00a0» échoue. Le disque est plein."]

    def test_knows_the_tasks_by_their_commands(self):
        for task in TimedTask.values:
            call_command("note_failure", task)

        assert len(told()) == 5

    def test_refuses_another_name(self):
        with pytest.raises(CommandError) as refusal:
            call_command("note_failure", "migrate")

        assert str(refusal.value) == (
            "Aucune tâche ne s’appelle «\u00a0migrate\u00a0»\u00a0: les tâches sont "
            "«\u00a0back_up\u00a0», «\u00a0rehearse_restore\u00a0», «\u00a0purge_imports\u00a0», "
            "«\u00a0clearsessions\u00a0» et «\u00a0check_releases\u00a0»."
        )
        assert told() == []

    def test_says_that_the_base_does_not_answer(self):
        def refuse(*args):
            raise OperationalError("no such base")

        with connection.execute_wrapper(refuse), pytest.raises(CommandError) as refusal:
            call_command("note_failure", "back_up")

        assert str(refusal.value) == (
            "La base ne répond pas\u00a0: l’échec de la tâche «\u00a0Sauvegarde\u00a0» n’est pas "
            "inscrit au journal."
        )


class TestABackup:
    """R20."""

    def test_is_noted_by_its_name_alone(self):
        note_backup(BACKUPS / "network.gz", 12_000_000, is_copied=True)
        note_backup(BACKUPS / "network.gz", 800, is_copied=False)
        note_rehearsal(BACKUPS / "network.gz", 1_234)

        assert told() == [
            "Sauvegarde «\u00a0network.gz\u00a0» (12\u00a0Mo), copiée ailleurs",
            "Sauvegarde «\u00a0network.gz\u00a0» (1\u00a0ko)",
            (
                "Restauration répétée d’après «\u00a0network.gz\u00a0»\u00a0: "
                "1\u202f234\u00a0lignes retrouvées"
            ),
        ]
        assert "var" not in str([*JournalEntry.objects.values_list("details", flat=True)])

    def test_the_last_one_is_told(self):
        for name in "ab":
            note_backup(BACKUPS / name, 1, is_copied=False)

        assert read_standing(timezone.now()).backup.name == "b"


class TestForgettingTheJournal:
    """R20: what is old is forgotten, but how backups and tasks stand."""

    def test_leaves_the_newest_of_each(self):
        for name in "ab":
            note_backup(BACKUPS / name, 1, is_copied=False)
            note_rehearsal(BACKUPS / name, 1)
            for task in "back_up", "check_releases":
                fail(task)
                succeed(task)
        fail("check_releases", "Toujours.")
        far = timezone.now() + timedelta(days=4000)
        before = read_standing(far)

        JournalEntry.objects.forget_before(far)

        assert read_standing(far) == before
        assert (before.backup.name, before.failing[0].sentence) == ("b", "Toujours.")
        assert JournalEntry.objects.filter(event=Event.BACKED_UP).count() == 1
        assert JournalEntry.objects.filter(event=Event.REHEARSED).count() == 1
        assert JournalEntry.objects.filter(event=Event.TASK_FAILED).count() == 2
