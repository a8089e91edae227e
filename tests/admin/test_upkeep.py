"""R20: what the home page says of backups and of the tasks that timers run."""

import re
from datetime import UTC, datetime, timedelta
from html import unescape
from typing import Any

import pytest
from django.contrib.auth.models import Permission
from django.db import connection
from django.test.utils import CaptureQueriesContext

from labelling.choices import Event
from tests.conftest import signed_in
from tests.factories import JournalEntryFactory, UserFactory

pytestmark = pytest.mark.django_db

NOW = datetime(2026, 11, 24, 8, tzinfo=UTC)  # 9 o'clock in Paris
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
NEVER_COPIED = {"name": "network.gz", "size": 11_400_000, "is_copied": False}
SYSTEM = {"author": None, "model_key": ""}
TO_THE_JOURNAL = '<a\nhref="/labelling/journalentry/?event=upkeep">Ce qu’en dit le journal</a>'


@pytest.fixture(autouse=True)
def _now(monkeypatch):
    monkeypatch.setattr("django.utils.timezone.now", lambda: NOW)


@pytest.fixture
def _timed(settings):
    """A server, which makes backups by itself."""
    settings.BACKUP_FOLDER = "/var/backups/pimms"


def note(event: Event, ago: timedelta, **details: Any) -> None:
    JournalEntryFactory(event=event, at=NOW - ago, details=details, **SYSTEM)


def back_up(ago: timedelta, **details: Any) -> None:
    note(Event.BACKED_UP, ago, **{**NEVER_COPIED, **details})


def rehearse(ago: timedelta) -> None:
    note(Event.REHEARSED, ago, name="network.gz", rows=12)


def fail(task: str, ago: timedelta, sentence: str = "Le disque est plein.") -> None:
    note(Event.TASK_FAILED, ago, task=task, sentence=sentence)


def paragraphs(html: str) -> list[str]:
    return [
        unescape(re.sub(r"<[^>]+>", "", one)) for one in re.findall(r"<p>(.*?)</p>", html, re.S)
    ]


def facts(client) -> list[str]:
    """What the block of the backups says."""
    block = client.get("/").text.partition('aria-labelledby="home-upkeep"')[2]
    return paragraphs(block.partition("</section>")[0])


def alarms(client) -> list[tuple[str, list[str]]]:
    """Each alarm above the page: its colour and what it says."""
    page = client.get("/").text
    found = re.findall(r'<div class="note (\w+)">\n(.*?)</div>', page, re.S)
    return [(kind, paragraphs(html)) for kind, html in found]


class TestALaptop:
    def test_is_told_calmly_how_to_make_a_first_backup(self, as_manager):
        assert facts(as_manager) == [
            "Aucune sauvegarde n’a encore été faite.",
            (
                "Pour en faire une, sur cette machine\u00a0: "
                ".venv/bin/python manage.py back_up DOSSIER"
            ),
            "Sauvegardes et tâches, dans le journal",
        ]
        assert alarms(as_manager) == []

    def test_is_told_of_an_old_one_without_an_alarm(self, as_manager):
        back_up(100 * DAY)

        assert facts(as_manager)[:1] == [
            (
                "Dernière sauvegarde\u00a0: le 16\u00a0août 2026 à 10\u00a0h (12\u00a0Mo), "
                "sans copie ailleurs."
            )
        ]
        assert len(facts(as_manager)) == 2
        assert alarms(as_manager) == []


@pytest.mark.usefixtures("_timed")
class TestAServer:
    def test_that_does_all_it_should_says_when_it_last_did(self, as_manager):
        back_up(6 * HOUR, is_copied=True)
        rehearse(12 * DAY)

        assert facts(as_manager) == [
            "Dernière sauvegarde\u00a0: aujourd’hui à 3\u00a0h (12\u00a0Mo), copiée ailleurs.",
            "Restauration répétée le 12\u00a0novembre 2026 à 9\u00a0h.",
            "Sauvegardes et tâches, dans le journal",
        ]
        assert alarms(as_manager) == []

    def test_that_never_did_is_alarming(self, as_manager):
        assert alarms(as_manager) == [
            (
                "warn",
                [
                    (
                        "Aucune sauvegarde n’a encore été faite\u00a0: si la machine tombe en "
                        "panne, tout est perdu. Faites-en une."
                    ),
                    "Sur la machine\u00a0: manage.py back_up · Ce qu’en dit le journal",
                ],
            ),
            (
                "warn",
                [
                    (
                        "Aucune restauration n’a encore été répétée\u00a0: on ne sait pas si les "
                        "sauvegardes se relisent. Répétez-en une."
                    ),
                    "Sur la machine\u00a0: manage.py rehearse_restore · Ce qu’en dit le journal",
                ],
            ),
        ]

    @pytest.mark.parametrize(
        ("backed_up", "rehearsed", "told"),
        [
            (36 * HOUR, 35 * DAY, []),
            (37 * HOUR, DAY, ["Aucune sauvegarde depuis plus d’un jour et demi"]),
            (HOUR, 36 * DAY, ["Aucune restauration n’a été répétée depuis plus de 35 jours"]),
        ],
    )
    def test_that_missed_one_says_which(self, backed_up, rehearsed, told, as_manager):
        back_up(backed_up)
        rehearse(rehearsed)

        seen = alarms(as_manager)

        assert [(kind, said[0].partition("\u00a0:")[0]) for kind, said in seen] == [
            ("warn", sentence) for sentence in told
        ]

    def test_whose_task_fails_says_since_when_and_why(self, as_manager):
        back_up(2 * DAY)
        rehearse(DAY)
        fail("back_up", 30 * HOUR)

        # Once: that it fails says enough of what it missed.
        assert alarms(as_manager) == [
            (
                "bad",
                [
                    (
                        "La tâche «\u00a0Sauvegarde\u00a0» échoue depuis hier à 3\u00a0h\u00a0: "
                        "lisez ce qu’elle dit, puis relancez-la."
                    ),
                    "Le disque est plein.",
                    "Sur la machine\u00a0: manage.py back_up · Ce qu’en dit le journal",
                ],
            )
        ]
        assert TO_THE_JOURNAL in as_manager.get("/").text

    def test_whose_task_works_again_is_told_no_more(self, as_manager):
        back_up(HOUR)
        rehearse(DAY)
        fail("check_releases", 2 * DAY)
        note(Event.TASK_RECOVERED, DAY, task="check_releases")

        assert alarms(as_manager) == []


class TestWhoIsTold:
    def test_who_opens_no_access_is_told_nothing_and_nothing_is_asked(self, as_editor, settings):
        settings.BACKUP_FOLDER = "/var/backups/pimms"
        fail("back_up", DAY)

        with CaptureQueriesContext(connection) as captured:
            page = as_editor.get("/").text

        assert "auvegarde" not in page
        assert not [one for one in captured if Event.BACKED_UP in one["sql"]]

    def test_who_opens_accesses_is_told_in_one_question(self, as_manager):
        with CaptureQueriesContext(connection) as captured:
            as_manager.get("/")

        assert len([one for one in captured if Event.BACKED_UP in one["sql"]]) == 1

    def test_who_may_not_read_the_journal_is_not_led_there(self):
        person = UserFactory(is_staff=True)
        person.user_permissions.add(Permission.objects.get(codename="change_user"))
        fail("back_up", DAY)

        page = signed_in(person).get("/").text

        assert "La tâche «\u00a0Sauvegarde\u00a0» échoue" in page
        assert "journalentry" not in page


class TestTheJournal:
    def test_has_a_filter_for_them(self, as_manager):
        JournalEntryFactory()
        back_up(HOUR)

        page = as_manager.get("/labelling/journalentry/", {"event": "upkeep"}).text

        assert "Sauvegarde «\u00a0network.gz\u00a0» (12\u00a0Mo)" in page
        assert "La ligne de commande" in page
        assert "contact téléchargé" not in page
        assert "Sauvegardes et tâches" in page
