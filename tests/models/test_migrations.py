"""A migration that has landed stays as it is, and can be taken back with records [R23]."""

import hashlib
from datetime import UTC, date, datetime
from pathlib import Path
from types import SimpleNamespace

import pytest
from django.contrib.admin.models import LogEntry
from django.contrib.auth.models import User
from django.contrib.contenttypes.models import ContentType
from django.core.management import call_command
from django.db import connection, transaction
from django.db.models import QuerySet

from labelling import migrations
from labelling.choices import Event
from labelling.models import (
    AcceptedFinding,
    JournalEntry,
    KeptValue,
    PressContact,
    PressRelease,
    SentFile,
    Site,
)
from labelling.models.accepted import make_end_evidence
from labelling.press_release import drafting, publishing
from labelling.spreadsheets.runs.apply import apply
from tests.factories import (
    AssociationFactory,
    ContactFactory,
    DepartmentFactory,
    LetterheadFactory,
    ReleaseFactory,
    SiteFactory,
    UserFactory,
    WaveFactory,
    final,
    sent,
)
from tests.spreadsheets.prepared import prepared

DAY = date(2020, 10, 20)
AT = datetime(2021, 3, 1, 8, 30, tzinfo=UTC)

# The migrations that have landed, as `sha256sum` writes them.
TABLE = Path(__file__).with_name("migrations.sha256")
LANDED = TABLE.read_text(encoding="utf-8").splitlines()


def migrate(name):
    call_command("migrate", "labelling", name, verbosity=0)


@pytest.fixture(scope="class")
def and_back(base_of_the_class):
    """Whatever the tests of a class leave behind, the next one finds every table."""
    yield
    call_command("migrate", "labelling", verbosity=0)


def digests():
    """The migrations as they are now."""
    paths = sorted(Path(migrations.__path__[0]).glob("[0-9]*.py"))
    return [f"{hashlib.sha256(path.read_bytes()).hexdigest()}  {path.name}" for path in paths]


def told(release):
    """What a release is to the others of its wave, by their texts."""
    related = (release.corrects, release.replaces)
    return (release.number, release.kind, release.status, *[one and one.brand for one in related])


def corrected(release, brand):
    """The draft of a version that will replace this one."""
    version = drafting.prepare_corrected_version(release)
    version.brand = brand
    version.save()
    return version


def a_wave_with_each_kind_of_release():
    """A first version, the one that replaced it and was sent, and what corrects that one."""
    SiteFactory(labelled=True)
    second = sent(corrected(final(ReleaseFactory(brand="v1")), "v2"))
    erratum = drafting.prepare_erratum(second, [], DAY)
    erratum.errata, erratum.brand = "Titre | a | b", "rectificatif"
    erratum.save()
    final(corrected(final(erratum), "rectificatif corrigé"))
    again = drafting.prepare_replacement(second, DAY)
    again.brand = "v3"
    again.save()
    at = datetime(2020, 10, 14, tzinfo=UTC)
    publishing.attach(second, name="v2.pdf", content=b"%PDF", by=UserFactory(), at=at)
    return second.wave


def a_wave_with_three_versions():
    wave = WaveFactory(name="Pilote", effective_on=date(2019, 1, 1))
    first = final(ReleaseFactory(wave=wave, brand="v1"))
    corrected(final(corrected(first, "v2")), "v3")
    return wave


class TestLandedMigrations:
    def test_stay_as_they_are(self):
        changed = [line for line in LANDED if line not in digests()]

        assert changed == [], "Bases have applied these: what changes goes into a new migration."

    def test_are_all_written_down(self):
        new = [line for line in digests() if line not in LANDED]

        assert new == [], f"As soon as a migration is as it will land, add its line to {TABLE}."


def written(record, **values):
    """Write a row as a version of ours that let everything through: round every guard."""
    QuerySet(type(record)).filter(pk=record.pk).update(**values)


@pytest.fixture(scope="class")
def older_base(and_back):
    """The rows of a base of 0005, by what is wrong with them, once 0006 has been at them."""
    rows = SimpleNamespace(
        invisible=SiteFactory(name="PIMMS Nîmes", note="rien"),
        clean=SiteFactory(),
        original=AssociationFactory(name="Métropole Stéphanoise"),
        twin=AssociationFactory(name="x"),
        validated=final(ReleaseFactory()),
        draft=ReleaseFactory(wave=WaveFactory(name="Pilote", effective_on=date(2019, 1, 1))),
        person=UserFactory(),
        digits=[SiteFactory(), SiteFactory()],
    )
    # Made as records are made today, taken back, and written to as they were then.
    migrate("0005_journal")
    nimes = {"name": "PIMMS\u200b Nîmes", "sort_key": "pimms\u200b nimes"}
    written(rows.invisible, **nimes, commune="Ni\u0302mes")
    stephanoise = {"name": "Métropole\u200b Stéphanoise", "sort_key": "metropole\u200b stephanoise"}
    written(rows.twin, **stephanoise)
    written(rows.validated, brand="PI\u200bMMS")
    written(rows.draft, brand="PI\u200bMMS")
    written(rows.person, username="lea@exam\u200bple.org")
    if connection.vendor == "sqlite":
        for site, digits in zip(rows.digits, ("\uff13\uff10000", "\u0663\u0660000"), strict=True):
            written(site, postcode=digits)

    call_command("migrate", "labelling", verbosity=0)

    return rows


@pytest.mark.django_db
class TestLegibleTexts:
    def test_are_what_was_read_of_those_of_an_older_base(self, older_base):
        site, clean = older_base.invisible, older_base.clean

        site.refresh_from_db()
        assert (site.name, site.sort_key, site.commune) == ("PIMMS Nîmes", "pimms nimes", "Nîmes")
        assert (site.version, site.search_key) == (2, "pimms nimes nimes")
        latest = site.history.latest()
        assert (latest.version, latest.name) == (2, "PIMMS Nîmes")
        assert latest.history_change_reason == "Caractères invisibles retirés"
        assert Site.objects.get(pk=clean.pk).version == clean.history.count() == 1

    @pytest.mark.skipif(connection.vendor != "sqlite", reason="PostgreSQL never took them")
    def test_have_the_digits_of_french(self, older_base):
        keys = [site.pk for site in older_base.digits]

        found = Site.objects.filter(pk__in=keys).values_list("postcode", flat=True)

        assert [*found] == ["30000", "30000"]

    def test_of_two_that_look_the_same_are_told_apart(self, older_base):
        twin = older_base.twin

        twin.refresh_from_db()
        assert twin.name == "Métropole Stéphanoise (2)"
        assert twin.sort_key == "metropole stephanoise (2)"
        twin.save()
        assert twin.version == 2

    def test_leave_what_was_validated(self, older_base):
        validated, draft = older_base.validated, older_base.draft

        assert PressRelease.objects.get(pk=validated.pk).brand == "PI\u200bMMS"
        assert PressRelease.objects.get(pk=draft.pk).brand == "PIMMS"

    def test_let_somebody_sign_in_whose_address_had_one(self, older_base):
        person = older_base.person

        person.refresh_from_db()
        assert person.username == "lea@example.org"


class TestReleaseDocuments:
    @pytest.mark.usefixtures("and_back")
    def test_are_taken_back_and_made_again_with_every_kind_of_release(self):
        LetterheadFactory()
        autumn, pilot = a_wave_with_each_kind_of_release(), a_wave_with_three_versions()
        digests = dict(PressRelease.objects.values_list("pk", "digest"))

        migrate("0002_imports")
        call_command("migrate", "labelling", verbosity=0)  # Today's models read today's columns.

        # Before, a wave had one release, and the others could only correct one.
        assert [told(one) for one in autumn.releases.order_by("number")] == [
            (1, "erratum", "final", "v2", None),
            (2, "original", "sent", None, None),
            (3, "erratum", "final", "v2", None),
            (4, "erratum", "final", "v2", None),
            (5, "erratum", "draft", "v2", None),
        ]
        assert [told(one) for one in pilot.releases.order_by("number")] == [
            (1, "erratum", "final", "v2", None),
            (2, "original", "final", None, None),
            (3, "erratum", "draft", "v2", None),
        ]
        assert autumn.releases.get(number=2).sent_on == date(2020, 10, 14)
        assert dict(PressRelease.objects.values_list("pk", "digest")) == digests
        assert all(release.is_intact for release in PressRelease.objects.all())
        assert not SentFile.objects.exists()


LIST = (
    "id_fs;insee_dep;lib_fs;insee_com;code_postal;lib_com;format_fs",
    "180;30;France services Pimms Nîmes;30189;30000;Nîmes;Fixe",
    "181;30;France services Pimms Alès;30007;30100;Alès;Fixe",
    "182;30;France services Pimms Uzès;30334;30700;Uzès;Fixe",
)


@pytest.fixture(scope="class")
def with_answers(and_back):
    """A base of 0007 in which an import made two names, and ends of labels were said to stand."""
    DepartmentFactory(code="30", name="Gard")
    apply(prepared(*LIST, name="liste.csv"), None)
    renamed = Site.objects.get(name="PIMMS Alès")
    renamed.name = "PIMMS du Gardon"
    renamed.save()
    Site.objects.get(name="PIMMS Uzès").delete()
    ended, by = SiteFactory(ended=True), UserFactory()
    migrate("0007_recognition")
    refused = {"model_key": "site", "field": "withdrawn_on", "refused_by": by, "refused_at": AT}
    KeptValue.objects.create(record_id=ended.pk, value=None, **refused)
    KeptValue.objects.create(record_id=renamed.pk, value="2024-01-01", **refused)

    call_command("migrate", "labelling", verbosity=0)
    there = SimpleNamespace(
        made=list(Site.objects.exclude(made_name="")),
        told=list(Site.history.exclude(made_name="").values_list("name", "made_name")),
        accepted=list(AcceptedFinding.objects.select_related("accepted_by")),
        kept=held_values(),
    )
    migrate("0007_recognition")
    back = SimpleNamespace(kept=held_values())
    return SimpleNamespace(ended=ended, renamed=renamed, by=by, there=there, back=back)


def held_values():
    return set(KeptValue.objects.values_list("record_id", "value", "refused_by", "refused_at"))


class TestSettledFindings:
    def test_note_the_names_that_an_import_made_and_that_stand(self, with_answers):
        (made,) = with_answers.there.made

        assert (made.name, made.made_name, made.version) == ("PIMMS Nîmes", "PIMMS Nîmes", 1)
        assert with_answers.there.told == [("PIMMS Nîmes", "PIMMS Nîmes")]

    def test_hold_that_our_end_of_a_label_stands(self, with_answers):
        (accepted,) = with_answers.there.accepted
        ended, renamed = with_answers.ended, with_answers.renamed

        assert (accepted.rule, accepted.record_id) == ("Q005", ended.pk)
        assert accepted.evidence == make_end_evidence(ended.withdrawn_on)
        assert accepted.motive == "Notre fin de label fait foi"
        assert (accepted.accepted_by, accepted.accepted_at) == (with_answers.by, AT)
        assert with_answers.there.kept == {(renamed.pk, "2024-01-01", with_answers.by.pk, AT)}

    def test_give_the_answers_back(self, with_answers):
        given = with_answers.back.kept - with_answers.there.kept

        assert given == {(with_answers.ended.pk, None, with_answers.by.pk, AT)}


DOWNLOADS = {
    "1\u00a0contact, CSV": {
        "count": 1,
        "format": "csv",
        "searched": "",
        "filters": [],
        "is_ticked": False,
    },
    "1\u202f200\u00a0contacts, «\u00a0l’été, «\u00a0dur\u00a0»\u00a0», LibreOffice (ODS)": {
        "count": 1200,
        "format": "ods",
        "searched": "l’été, «\u00a0dur\u00a0»",
        "filters": [],
        "is_ticked": False,
    },
    "2\u00a0contacts, «\u00a0…\u00a0», lignes cochées, Excel (XLSX)": {
        "count": 2,
        "format": "xlsx",
        "searched": "…",
        "filters": [],
        "is_ticked": True,
    },
    "2\u00a0contacts, avec toutes les fiches": {
        "count": 2,
        "format": "xlsx",
        "is_whole_base": True,
    },
    "Une phrase, «\u00a0durand\u00a0», CSV": {"told": "Une phrase, «\u00a0durand\u00a0», CSV"},
}


def logged(person, message, **values):
    """An entry of Django's log, as a download of contacts wrote it."""
    contacts = ContentType.objects.get_for_model(PressContact)
    entry = {"content_type": contacts, "action_flag": 4, "action_time": AT, **values}
    return LogEntry.objects.create(
        user=person, object_repr="Contacts presse de l’Union", change_message=message, **entry
    )


def log():
    return list(
        LogEntry.objects.order_by("pk").values_list("user", "action_time", "change_message")
    )


@pytest.fixture(scope="class")
def moved(and_back):
    """What a log of downloads, and of other things, came to in the journal, and back in the log."""
    ana = UserFactory(first_name="Ana", last_name="Durand")
    nameless = UserFactory(first_name="", last_name="", username="zoe@example.org")
    JournalEntry.objects.note(
        Event.DOWNLOAD, author=None, model_key="presscontact", count=1, format="csv"
    )
    migrate("0003_release_documents")
    for message in DOWNLOADS:
        logged(ana, message)
    logged(nameless, "1\u00a0contact, CSV")
    downloads = log()
    logged(ana, "[]", action_flag=2)
    logged(ana, "[]", content_type=ContentType.objects.get_for_model(User))
    others = log()[len(downloads) :]

    migrate("0005_journal")

    there = SimpleNamespace(entries=list(JournalEntry.objects.order_by("pk")), log=log())
    call_command("migrate", "labelling", verbosity=0)
    with transaction.atomic():
        ContactFactory(name="Ana Durand").delete()
        there.once_erased = list(JournalEntry.objects.all())
        transaction.set_rollback(True)

    migrate("0003_release_documents")

    back = SimpleNamespace(log=log())
    return SimpleNamespace(
        ana=ana, nameless=nameless, downloads=downloads, others=others, there=there, back=back
    )


class TestJournal:
    def test_takes_the_downloads_out_of_the_log(self, moved):
        entries = moved.there.entries

        assert [entry.details for entry in entries] == [*DOWNLOADS.values(), entries[0].details]
        assert {(e.at, e.event, e.model_key, e.record_id) for e in entries} == {
            (AT, "download", "presscontact", None)
        }
        assert [e.author_name for e in entries] == ["Ana Durand"] * 5 + ["zoe@example.org"]
        assert [e.author_id for e in entries] == [moved.ana.pk] * 5 + [moved.nameless.pk]

    def test_leaves_the_other_entries_of_the_log(self, moved):
        assert moved.there.log == moved.others

    def test_forgets_who_is_erased_in_what_was_moved_too(self, moved):
        left = [(e.details.get("searched"), e.details.get("told")) for e in moved.there.once_erased]

        assert set(left) == {("", None), ("…", None), (None, None), (None, "…")}

    def test_gives_the_log_back_what_it_held_and_no_download_of_an_account_that_is_gone(
        self, moved
    ):
        assert sorted(moved.back.log) == sorted(moved.downloads + moved.others)


@pytest.fixture(scope="class")
def with_older_keys(and_back):
    """A base of 0016, whose keys hold neither days, streets nor numbers, taken on and back."""
    wave = WaveFactory()
    release = sent(ReleaseFactory(wave=wave, issued_on=date(2020, 10, 14)))
    rows = [
        SiteFactory(name="PIMMS Nîmes", address="12 rue des Héros", commune_code="30189"),
        ContactFactory(phone="06 78 12 34 56", email="zoe@pimms.org"),
        release,
        drafting.prepare_erratum(release, [], DAY),
    ]
    keys = [row.search_key for row in rows]
    migrate("0016_proofreadings")
    for row in rows:
        written(row, search_key="x")
    call_command("migrate", "labelling", verbosity=0)
    found = [type(row).objects.get(pk=row.pk) for row in rows]
    migrate("0016_proofreadings")
    back = [type(row).objects.values_list("search_key", flat=True).get(pk=row.pk) for row in rows]
    return SimpleNamespace(keys=keys, rows=rows, found=found, back=back)


class TestSearchKeys:
    def test_are_those_that_saving_computes(self, with_older_keys):
        found = with_older_keys.found

        assert [row.search_key for row in found] == with_older_keys.keys
        assert found[0].search_key == "pimms nimes 12 rue des heros 30189"
        assert found[0].telling_key == "nimes"
        assert [row.version for row in found] == [row.version for row in with_older_keys.rows]

    def test_stay_when_it_is_taken_back(self, with_older_keys):
        assert with_older_keys.back == with_older_keys.keys
