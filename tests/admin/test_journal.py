"""« Journal »: who reads it, how it is narrowed, and how it is taken away [S27]."""

import re
from datetime import UTC, date, datetime
from urllib.parse import urlencode

import pytest
from django.contrib.auth.models import Permission
from django.db import connection
from django.test.utils import CaptureQueriesContext

from labelling.admin import journal
from labelling.admin.events import name_author
from labelling.choices import Event
from labelling.models import JournalEntry
from tests.admin.test_exports import rows
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


def failed(person) -> None:
    """Somebody tried a password for a person's account; for nobody's, if None."""
    JournalEntry.objects.note(
        Event.SIGN_IN_FAILED,
        author=None,
        model_key="user",
        record_id=person and person.pk,
        scope="stranger",
        **{"from": "192.0.2.7"},
    )


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
            "Ce qui a été fait et qu’aucune fiche ne montre. Rien ne s’y modifie. "
            "Les lignes de plus de 365\u00a0jours sont effacées." in page
        )

    def test_says_for_how_long_it_is_kept(self, as_manager, settings):
        """S27."""
        settings.JOURNAL_DAYS = 400

        assert "Les lignes de plus de 400\u00a0jours sont effacées." in as_manager.get(LIST).text

    def test_says_when_it_is_empty(self, as_manager):
        empty = part(as_manager.get(LIST).text, r'<p class="empty">(.*?)</p>')

        assert empty == "Rien n’est encore inscrit ici."

    def test_is_paged(self, as_manager):
        JournalEntryFactory.create_batch(51, author=None)

        assert len(lines(as_manager)) == 50
        assert len(lines(as_manager, p="2")) == 1

    @pytest.mark.parametrize("page", [LIST, f"{LIST}?q=nom", "/labelling/presscontact/"])
    def test_asks_as_many_questions_for_many_persons_as_for_few(self, page, as_manager):
        JournalEntryFactory.create_batch(2)
        failed(UserFactory())
        as_manager.get(page)

        few = queries(as_manager, page)
        JournalEntryFactory.create_batch(8)
        for _ in range(8):
            failed(UserFactory())

        assert queries(as_manager, page) == few


class TestItsFilters:
    def test_offer_actions_persons_and_periods(self, as_manager):
        ana = UserFactory(first_name="Ana", last_name="Durand")
        UserFactory(first_name="Personne", last_name="Ici")
        JournalEntryFactory.create_batch(2, author=ana)
        JournalEntryFactory(author=None)

        assert choices(as_manager) == {
            "Action": [
                "Toutes les actions",
                "Connexions",
                "Refus et blocages",
                "Mots de passe et secondes étapes",
                "Accès et rôles",
                "Téléchargements",
                "Envois et fichiers retirés",
                "Sauvegardes et tâches",
            ],
            "Personne": ["Toutes les personnes", "Ana Durand"],
            "Période": [
                "Toutes les dates",
                "Aujourd’hui",
                "Les 7 derniers jours",
                "Les 30 derniers jours",
                "Les 12 derniers mois",
            ],
        }

    def test_keep_what_a_person_did_and_what_was_done_to_their_account(self, as_manager):
        ana = UserFactory(first_name="Ana", last_name="Durand")
        JournalEntryFactory(author=ana)
        JournalEntryFactory()
        failed(ana)
        JournalEntryFactory(record_id=ana.pk)

        assert [(who, what) for _, who, what in lines(as_manager, person=str(ana.pk))] == [
            (
                "Une personne non connectée",
                "Mot de passe refusé pour Ana Durand, depuis l’adresse 192.0.2.7",
            ),
            ("Ana Durand", "1\u00a0contact téléchargé en CSV"),
        ]
        assert "Ana Durand" in choices(as_manager)["Personne"]

    def test_offer_a_person_who_did_nothing_but_was_concerned(self, as_manager):
        failed(UserFactory(first_name="Ana", last_name="Durand"))

        assert choices(as_manager)["Personne"] == ["Toutes les personnes", "Ana Durand"]

    def test_keep_a_kind_of_action(self, as_manager):
        JournalEntryFactory(author_name="Ana Durand", author=None)
        failed(None)

        assert [who for _, who, _ in lines(as_manager, event="download")] == ["Ana Durand"]
        assert [who for _, who, _ in lines(as_manager, event="refusal")] == [
            "Une personne non connectée"
        ]

    @pytest.mark.parametrize(
        ("searched", "found"),
        [
            ("leveque zo", ["Zoé Lévêque", "Une personne non connectée"]),
            ("zoe@example", ["Zoé Lévêque", "Une personne non connectée"]),
            ("partie", ["Éva Partie"]),
            ("vêque", []),
            ("!", []),
            ("durand", []),
        ],
    )
    def test_find_people_by_their_names(self, searched, found, as_manager):
        zoe = UserFactory(first_name="Zoé", last_name="Lévêque", username="zoe@example.org")
        JournalEntryFactory(author=None, author_name="Éva Partie")
        JournalEntryFactory(author=None)
        failed(zoe)
        JournalEntryFactory(author=zoe)

        page = as_manager.get(LIST, {"q": searched})

        assert [name_author(entry) for entry in page.context["cl"].result_list] == found

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
        "question", [{"event": "x"}, {"person": "x"}, {"person": "9" * 30}, {"days": "-1"}]
    )
    def test_take_no_notice_of_what_makes_no_sense(self, question, as_manager):
        JournalEntryFactory()

        assert len(lines(as_manager, **question)) == 1

    def test_say_that_nothing_is_found(self, as_manager):
        JournalEntryFactory(at=at(1, month=1))

        page = as_manager.get(LIST, {"days": "1"}).text

        assert "Rien ne correspond à ces filtres. Essayez-en moins à la fois." in page


class TestTakingItAway:
    """S27."""

    def take(self, client, extension="csv", **question):
        return client.post(f"{LIST}download/{extension}/?{urlencode(question)}")

    def test_gives_what_is_displayed_in_each_format(self, as_manager):
        ana = UserFactory(first_name="Ana", last_name="Durand")
        JournalEntryFactory(author=ana, at=at(14, 8))
        failed(ana)

        for extension in "csv", "xlsx", "ods":
            answer = self.take(as_manager, extension, event="refusal")
            assert answer["Content-Disposition"] == (
                f'attachment; filename="journal-2026-11-23.{extension}"'
            )
            note, headings, line = rows(answer)
            assert note[0] == "Journal, action\u00a0: Refus et blocages"
            assert headings == [
                "Quand",
                "Qui",
                "Personne concernée",
                "Action",
                "Ce qui a été fait",
                "Depuis l’adresse",
            ]
            assert line[1:] == [
                "Une personne non connectée",
                "Ana Durand",
                "Connexion refusée",
                "Mot de passe refusé pour Ana Durand, depuis l’adresse 192.0.2.7",
                "192.0.2.7",
            ]

    def test_is_a_line_of_the_journal_itself(self, as_manager, manager):
        ana = UserFactory(first_name="Ana", last_name="Durand")
        JournalEntryFactory(author=ana, at=at(1))

        self.take(as_manager, "ods", q="ana", days="30", person=str(ana.pk))

        assert lines(as_manager)[0][1:] == [
            f"{manager.first_name} {manager.last_name}",
            (
                "1\u00a0ligne du journal téléchargée en LibreOffice, personne\u00a0: Ana Durand, "
                "période\u00a0: Les 30 derniers jours, recherche «\u00a0ana\u00a0»"
            ),
        ]
        assert not JournalEntry.objects.downloads_of("presscontact").filter(at__gt=at(1)).exists()

    def test_runs_nothing(self, as_manager):
        """S11."""
        JournalEntryFactory(author=None, author_name="=1+1")

        assert "'=1+1" in self.take(as_manager).content.decode("utf-8-sig")

    def test_is_for_managers_alone(self, as_reader, as_editor, as_manager):
        JournalEntryFactory()

        answers = [self.take(client) for client in (as_reader, as_editor, as_manager)]

        assert [answer.status_code for answer in answers] == [403, 403, 200]
        assert len(JournalEntry.objects.filter(model_key="journalentry")) == 1

    def test_asked_for_by_its_address_leads_to_the_list(self, as_manager):
        answer = as_manager.get(f"{LIST}download/csv/?event=download")

        assert (answer.status_code, answer["Location"]) == (302, f"{LIST}?event=download")
        assert as_manager.post(f"{LIST}download/pdf/").status_code == 404
        assert self.take(as_manager, field="x")["Location"] == f"{LIST}?e=1"

    @pytest.mark.parametrize(
        ("extension", "remedy"),
        [
            ("csv", "choisissez une période plus courte."),
            ("xlsx", "choisissez une période plus courte, ou téléchargez un fichier CSV."),
        ],
    )
    def test_is_bounded(self, extension, remedy, as_manager, monkeypatch):
        monkeypatch.setitem(journal._MOST_LINES, extension, 1)
        JournalEntryFactory.create_batch(2)

        self.take(as_manager, extension)

        assert (
            f"Le journal affiché a 2 lignes, et ce fichier en tient 1\u00a0: {remedy}"
            in as_manager.get(LIST).text
        )
        assert not JournalEntry.objects.filter(model_key="journalentry").exists()

    def test_asks_as_many_questions_for_many_as_for_few(self, as_manager):
        JournalEntryFactory.create_batch(2)
        self.take(as_manager)
        with CaptureQueriesContext(connection) as few:
            self.take(as_manager)

        JournalEntryFactory.create_batch(8)
        for _ in range(8):
            failed(UserFactory())
        with CaptureQueriesContext(connection) as many:
            self.take(as_manager)

        assert len(many) == len(few)

    def test_is_offered_above_the_list(self, as_manager):
        JournalEntryFactory.create_batch(2)

        page = as_manager.get(f"{LIST}?event=download").text

        assert "Télécharger 2\u00a0lignes du journal" in page
        assert f'formaction="{LIST}download/ods/?event=download"' in page
