"""« Journal »: who reads it, what it says aloud, and how it is narrowed."""

import re
from datetime import UTC, date, datetime

import pytest
from django.contrib.auth.models import Permission

from labelling.admin.journal import word_event
from labelling.choices import Event
from labelling.models import JournalEntry
from tests.admin.test_frame import part
from tests.factories import JournalEntryFactory, UserFactory
from tests.test_queries import queries

pytestmark = pytest.mark.django_db

LIST = "/labelling/journalentry/"


@pytest.fixture(autouse=True)
def _today(monkeypatch):
    monkeypatch.setattr("django.utils.timezone.localdate", lambda: date(2026, 11, 23))


def at(day: int, hour: int = 12, month: int = 11) -> datetime:
    return datetime(2026, month, day, hour, tzinfo=UTC)


def lines(client, **question) -> list[list[str]]:
    """The cells of each line."""
    page = client.get(LIST, question).text
    body = re.search(r"<tbody>(.*?)</tbody>", page, re.DOTALL)
    cells = [re.findall(r"<t[hd][^>]*>(.*?)</t[hd]>", row) for row in body[1].split("</tr>")]
    return [found for found in cells if found]


def choices(client) -> dict[str, list[str]]:
    """The words of each filter."""
    filters = client.get(LIST).context["cl"].filter_specs
    changelist = client.get(LIST).context["cl"]
    return {one.title: [c["display"] for c in one.choices(changelist)] for one in filters}


class TestTheJournal:
    def test_says_who_did_what_and_when_the_last_one_first(self, as_manager):
        ana = UserFactory(first_name="Ana", last_name="Durand")
        details = {"count": 3, "format": "xlsx", "searched": "dupont"}
        JournalEntryFactory(author=ana, at=at(14, 8), details=details)
        JournalEntryFactory(author=None, author_name="Zoé Lévêque", at=at(15))
        JournalEntryFactory(author=None, at=at(16))

        assert lines(as_manager) == [
            ["16/11/2026 à 13\u00a0h", "La ligne de commande", "1\u00a0contact téléchargé en CSV"],
            ["15/11/2026 à 13\u00a0h", "Zoé Lévêque", "1\u00a0contact téléchargé en CSV"],
            [
                "14/11/2026 à 9\u00a0h",
                "Ana Durand",
                "3\u00a0contacts téléchargés en Excel, recherche «\u00a0dupont\u00a0»",
            ],
        ]

    def test_writes_what_was_searched_as_text(self, as_manager):
        JournalEntryFactory(details={"count": 1, "format": "csv", "searched": "<b>"})

        assert "recherche «\u00a0&lt;b&gt;\u00a0»" in as_manager.get(LIST).text

    def test_is_readable_by_managers_alone(self, as_reader, as_editor, as_manager):
        JournalEntryFactory()

        answers = [client.get(LIST) for client in (as_reader, as_editor, as_manager)]

        assert [answer.status_code for answer in answers] == [403, 403, 200]
        assert "téléchargé" not in answers[0].text + answers[1].text

    def test_has_a_page_for_nothing_else(self, client):
        client.force_login(UserFactory(is_superuser=True))
        entry = JournalEntryFactory()

        page = client.get(LIST).text

        for more in "add/", f"{entry.pk}/change/", f"{entry.pk}/delete/", f"{entry.pk}/history/":
            assert more not in page
            assert client.get(LIST + more).status_code == 404

    def test_is_reached_from_the_persons_by_those_who_may_read_it(self, as_manager, client):
        person = UserFactory()
        person.user_permissions.add(Permission.objects.get(codename="view_user"))
        client.force_login(person)

        link = f'<a href="{LIST}">Journal</a>'
        assert link in as_manager.get("/auth/user/").text
        assert link not in client.get("/auth/user/").text

    def test_marks_the_persons_in_the_menu(self, as_manager):
        page = as_manager.get(LIST).text

        assert '<a href="/auth/user/" aria-current="page">Accès</a>' in page

    def test_is_called_so_and_says_what_it_holds(self, as_manager):
        page = as_manager.get(LIST).text

        assert "<h1>Journal</h1>" in page
        assert (
            "Ce qui a été fait et qu’aucune fiche ne montre. Ici, rien ne se modifie ni ne "
            "s’efface." in page
        )

    def test_says_when_it_is_empty(self, as_manager):
        empty = part(as_manager.get(LIST).text, r'<p class="empty">(.*?)</p>')

        assert (
            empty == "Rien n’est encore inscrit ici : personne n’a téléchargé de contacts presse."
        )

    def test_is_paged(self, as_manager):
        JournalEntryFactory.create_batch(51, author=None)

        assert len(lines(as_manager)) == 50
        assert len(lines(as_manager, p="2")) == 1

    @pytest.mark.parametrize("page", [LIST, "/labelling/presscontact/"])
    def test_asks_as_many_questions_for_many_persons_as_for_few(self, page, as_manager):
        JournalEntryFactory.create_batch(2)
        as_manager.get(page)

        few = queries(as_manager, page)
        JournalEntryFactory.create_batch(8)

        assert queries(as_manager, page) == few


class TestItsFilters:
    def test_offer_actions_persons_and_periods(self, as_manager):
        ana = UserFactory(first_name="Ana", last_name="Durand")
        UserFactory(first_name="Personne", last_name="Ici")
        JournalEntryFactory.create_batch(2, author=ana)
        JournalEntryFactory(author=None)

        assert choices(as_manager) == {
            "Action": ["Toutes les actions", "Téléchargement"],
            "Personne": ["Toutes les personnes", "Ana Durand"],
            "Période": [
                "Toutes les dates",
                "Aujourd’hui",
                "Les 7 derniers jours",
                "Les 30 derniers jours",
                "Les 12 derniers mois",
            ],
        }

    def test_keep_what_a_person_did(self, as_manager):
        ana = UserFactory(first_name="Ana", last_name="Durand")
        JournalEntryFactory(author=ana)
        JournalEntryFactory()

        assert [who for _, who, _ in lines(as_manager, author=str(ana.pk))] == ["Ana Durand"]

    def test_keep_a_kind_of_action(self, as_manager):
        JournalEntryFactory(author_name="Ana Durand", author=None)
        JournalEntryFactory(event="other")

        assert [who for _, who, _ in lines(as_manager, event="download")] == ["Ana Durand"]

    @pytest.mark.parametrize(
        ("days", "kept"),
        [
            ("1", ["23"]),
            ("7", ["23", "17"]),
            ("30", ["23", "17", "16", "25"]),
            ("365", ["23", "17", "16", "25", "24"]),
        ],
    )
    def test_keep_the_last_days_from_their_midnight_on(self, days, kept, as_manager):
        # Midnight in Paris is 23 h, 22 h in summer, the day before.
        for moment in at(22, 23), at(16, 23), at(16, 22), at(24, 22, month=10), at(24, 9, month=10):
            JournalEntryFactory(at=moment)

        assert [when[:2] for when, _, _ in lines(as_manager, days=days)] == kept

    @pytest.mark.parametrize(
        "question", [{"event": "x"}, {"author": "x"}, {"author": "9" * 30}, {"days": "-1"}]
    )
    def test_take_no_notice_of_what_makes_no_sense(self, question, as_manager):
        JournalEntryFactory()

        assert len(lines(as_manager, **question)) == 1

    def test_say_that_nothing_is_found(self, as_manager):
        JournalEntryFactory(at=at(1, month=1))

        page = as_manager.get(LIST, {"days": "1"}).text

        assert "Rien ne correspond à ces filtres. Essayez-en moins à la fois." in page


class TestADownload:
    @pytest.mark.parametrize(
        ("details", "sentence"),
        [
            ({"count": 1, "format": "csv"}, "1\u00a0contact téléchargé en CSV"),
            ({"count": 2, "format": "ods"}, "2\u00a0contacts téléchargés en LibreOffice"),
            (
                {"count": 1, "format": "csv", "searched": "l'Isère", "is_ticked": True},
                (
                    "1\u00a0contact téléchargé en CSV, recherche «\u00a0l’Isère\u00a0», "
                    "lignes cochées seulement"
                ),
            ),
            (
                {"count": 1, "format": "csv", "searched": "", "filters": ["fonction : Presse"]},
                "1\u00a0contact téléchargé en CSV, fonction\u00a0: Presse",
            ),
            (
                {"count": 1200, "format": "xlsx", "is_whole_base": True},
                "1\u202f200\u00a0contacts téléchargés en Excel, avec toutes les fiches",
            ),
            ({"told": "Une phrase d’avant"}, "Une phrase d’avant"),
        ],
    )
    def test_is_told_aloud(self, details, sentence):
        assert word_event(JournalEntry(event=Event.DOWNLOAD, details=details)) == sentence

    def test_can_be_told_as_every_event_can(self):
        from labelling.admin.journal import _WORDINGS

        assert set(_WORDINGS) == set(Event)
