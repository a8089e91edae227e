"""What was validated does not change, on every path there is; a digest reveals any other."""

import json
from datetime import UTC, date, datetime
from io import StringIO

import pytest
from django.core import serializers
from django.core.management import CommandError, call_command
from django.db import IntegrityError, transaction
from django.db.models import F, ProtectedError, QuerySet

from labelling.choices import ReleaseKind, ReleaseStatus
from labelling.models import FrozenRow, PressContact, PressRelease, SentFile
from labelling.press_release import publishing
from tests.factories import ContactFactory, ReleaseFactory, UserFactory, WaveFactory, tamper
from tests.factories import final as validated

SENT = "Ce communiqué a été envoyé\u00a0: son texte ne change plus. Préparez un rectificatif."
KEPT = (
    "Ce communiqué a été envoyé\u00a0: il ne peut pas être supprimé. S’il contient une faute, "
    "corrigez les fiches\u00a0: «\u00a0Ce qui a changé depuis\u00a0» la montrera."
)
FINAL = (
    "Ce communiqué est en version définitive\u00a0: son texte ne change plus. Préparez une "
    "version corrigée."
)
KEPT_FILE = (
    "Le fichier envoyé est une pièce d’archive\u00a0: il ne change plus. Un responsable peut le "
    "retirer, avec un motif, depuis la page du communiqué."
)
IN_BULK = "Ce qui est définitif ne se remplace pas en bloc\u00a0: rien n’a été écrit."


@pytest.fixture
def release(network):
    return PressRelease.objects.get()


@pytest.fixture
def sent_file(release):
    return publishing.attach(
        release,
        name="communique.pdf",
        content=b"%PDF-1.7",
        by=UserFactory(),
        at=datetime(2020, 10, 14, 8, tzinfo=UTC),
    )


def save(release):
    release.place = "Lyon"
    release.save()


def save_one_field(release):
    release.content = {**release.content, "title": "14 PIMMS"}
    release.save(update_fields=["content"])


def save_a_copy(release):
    PressRelease(pk=release.pk, wave=release.wave, issued_on=release.issued_on).save()


def back_to_draft(release):
    release.status, release.content, release.digest = ReleaseStatus.DRAFT, None, ""
    release.sent_on = None
    release.save()


def another_content_with_its_digest(release):
    from labelling.models.frozen import compute_content_digest

    release.content = {**release.content, "title": "14 PIMMS"}
    release.digest = compute_content_digest(release.content)
    release.save()


def bulk_update(release):
    release.place = "Lyon"
    PressRelease.objects.bulk_update([release], ["place"])


def update_or_create(release):
    PressRelease.objects.update_or_create(pk=release.pk, defaults={"place": "Lyon"})


def load_a_fixture(release):
    release.place = "Lyon"
    with transaction.atomic():
        for one in serializers.deserialize("json", serializers.serialize("json", [release])):
            one.save()


def restore(release):
    entry = release.history.get()
    restored = entry.instance
    restored.place = "Lyon"
    restored.save()


def restore_by_the_page(release):
    entry = release.history.get()
    entry.place = "Lyon"
    release.restore(entry, "Retour à la version du 14 octobre 2020")


def move_to_another_wave(release):
    WaveFactory(name="Pilote", effective_on=date(2019, 1, 1)).releases.add(release)


CHANGES = {
    "save": save,
    "save with update_fields": save_one_field,
    "save of a copy": save_a_copy,
    "back to draft": back_to_draft,
    "content with its own digest": another_content_with_its_digest,
    "queryset update": lambda r: PressRelease.objects.filter(pk=r.pk).update(place="Lyon"),
    "update with an expression": lambda r: PressRelease.objects.update(brand=F("place")),
    "update of the whole table": lambda r: PressRelease.objects.update(content=None),
    "update by the base manager": lambda r: PressRelease._base_manager.update(place="Lyon"),
    "update through its wave": lambda r: r.wave.releases.update(place="Lyon"),
    "moved to another wave": move_to_another_wave,
    "bulk_update": bulk_update,
    "update_or_create": update_or_create,
    "fixture": load_a_fixture,
    "restored entry": restore,
    "restored from its page": restore_by_the_page,
}
DELETIONS = {
    "instance": lambda r: r.delete(),
    "queryset": lambda r: PressRelease.objects.all().delete(),
    "base manager": lambda r: PressRelease._base_manager.filter(pk=r.pk).delete(),
    "raw": lambda r: PressRelease.objects.filter(pk=r.pk)._raw_delete("default"),
}


def stored(release):
    return PressRelease.objects.filter(pk=release.pk).values().get()


class TestASentRelease:
    @pytest.mark.parametrize("way", CHANGES)
    def test_refuses_every_change(self, way, release):
        before = stored(release)

        with pytest.raises(FrozenRow) as refusal, transaction.atomic():
            CHANGES[way](PressRelease.objects.get())

        assert str(refusal.value) == SENT
        assert stored(release) == before

    @pytest.mark.parametrize("way", DELETIONS)
    def test_refuses_to_be_deleted(self, way, release):
        with pytest.raises(ProtectedError) as refusal, transaction.atomic():
            DELETIONS[way](release)

        assert refusal.value.args[0] in (KEPT, SENT)
        assert PressRelease.objects.filter(pk=release.pk).exists()

    def test_refuses_to_be_overwritten_in_bulk(self, release):
        release.place = "Lyon"

        with pytest.raises(FrozenRow) as refusal, transaction.atomic():
            PressRelease.objects.bulk_create(
                [release],
                update_conflicts=True,
                update_fields=["place"],
                unique_fields=["id"],
            )

        assert str(refusal.value) == IN_BULK
        assert PressRelease.objects.get().place == "Paris"

    def test_is_found_and_not_changed_by_get_or_create(self, release):
        found, created = PressRelease.objects.get_or_create(
            pk=release.pk, defaults={"place": "Lyon"}
        )

        assert (found.place, created) == ("Paris", False)

    def test_keeps_its_wave(self, release):
        with pytest.raises(ProtectedError):
            release.wave.delete()

        with pytest.raises((ProtectedError, IntegrityError)), transaction.atomic():
            type(release.wave).objects.filter(pk=release.wave_id).delete()

    def test_does_not_know_the_contact_any_more_once_erased(self, release):
        PressContact.objects.get().delete()

        release.refresh_from_db()
        assert release.contact is None
        assert "Alexandre Carlier" in json.dumps(release.content)
        assert release.is_intact

    def test_takes_what_a_person_says_of_its_differences(self, release):
        release.verdicts = {"x": "error"}

        release.save()

        assert PressRelease.objects.get().verdicts == {"x": "error"}


@pytest.mark.django_db
class TestAFinalRelease:
    def test_refuses_a_change_and_says_what_to_do(self):
        release = validated(ReleaseFactory())
        release.place = "Lyon"

        with pytest.raises(FrozenRow) as refusal:
            release.save()

        assert str(refusal.value) == FINAL

    def test_does_not_become_a_draft_again(self):
        release = validated(ReleaseFactory())

        with pytest.raises(FrozenRow):
            back_to_draft(release)

    def test_keeps_who_validated_it_unless_the_account_goes(self):
        person, other = UserFactory(), UserFactory()
        release = validated(ReleaseFactory(), by=person)

        release.validated_by = other
        with pytest.raises(FrozenRow):
            release.save()

        person.delete()
        release = PressRelease.objects.get()
        assert (release.validated_by, release.status) == (None, ReleaseStatus.FINAL)

    def test_is_not_inserted_with_another_content_than_its_digest_says(self):
        release = ReleaseFactory.build(
            wave=WaveFactory(), status=ReleaseStatus.FINAL, content={"title": "x"}, digest="0" * 64
        )

        with pytest.raises(FrozenRow) as refusal:
            release.save()
        with pytest.raises(FrozenRow):
            PressRelease.objects.bulk_create([release])

        assert str(refusal.value) == (
            "L’empreinte de ce communiqué n’est pas celle de son texte\u00a0: il n’a pas été "
            "enregistré."
        )


@pytest.mark.django_db
class TestADraft:
    def test_is_changed_and_deleted(self):
        release = ReleaseFactory()

        assert PressRelease.objects.filter(pk=release.pk).update(place="Lyon") == 1
        release.refresh_from_db()
        release.delete()

        assert not PressRelease.objects.exists()

    def test_next_to_a_frozen_one_is_not_updated_with_it(self):
        draft = ReleaseFactory()
        validated(ReleaseFactory(wave=WaveFactory(name="Pilote", effective_on=date(2019, 1, 1))))

        with pytest.raises(FrozenRow):
            PressRelease.objects.update(place="Lyon")
        PressRelease.objects.drafts().update(place="Lyon")

        draft.refresh_from_db()
        assert draft.place == "Lyon"

    def test_loses_its_contact_with_the_person(self):
        contact = ContactFactory()
        release = ReleaseFactory(contact=contact)

        contact.delete()

        release.refresh_from_db()
        assert release.contact is None


def overwrite_in_bulk(file):
    file.content = b"autre"
    SentFile.objects.bulk_create(
        [file], update_conflicts=True, update_fields=["content"], unique_fields=["id"]
    )


def save_the_file(file):
    file.name = "autre.pdf"
    file.save()


def save_another_in_its_place(file):
    values = {f.attname: getattr(file, f.attname) for f in SentFile._meta.concrete_fields}
    SentFile(**values | {"content": b"autre"}).save()


def load_the_file(file):
    file.name = "autre.pdf"
    for one in serializers.deserialize("json", serializers.serialize("json", [file])):
        one.save()


def bulk_update_the_file(file):
    file.name = "autre.pdf"
    SentFile.objects.bulk_update([file], ["name"])


CHANGES_OF_A_FILE = {
    "save": save_the_file,
    "save of another in its place": save_another_in_its_place,
    "fixture": load_the_file,
    "overwritten in bulk": overwrite_in_bulk,
    "bulk_update": bulk_update_the_file,
    "queryset update": lambda file: SentFile.objects.update(content=b""),
    "update through its release": lambda file: file.release.sent_files.update(digest=""),
    "deletion": lambda file: file.delete(),
    "deletion by queryset": lambda file: SentFile.objects.all().delete(),
    "deletion by the base manager": lambda file: SentFile._base_manager.all().delete(),
    "raw deletion": lambda file: SentFile.objects.all()._raw_delete("default"),
}


class TestASentFile:
    @pytest.mark.parametrize("way", CHANGES_OF_A_FILE)
    def test_refuses_every_change(self, way, sent_file):
        before = SentFile.objects.values().get()

        with pytest.raises(FrozenRow) as refusal, transaction.atomic():
            CHANGES_OF_A_FILE[way](SentFile.objects.get())

        assert str(refusal.value) == (IN_BULK if way == "overwritten in bulk" else KEPT_FILE)
        assert SentFile.objects.values().get() == before

    def test_outlives_the_account_of_who_attached_it(self, sent_file):
        UserFactory()
        sent_file.attached_by.delete()

        assert SentFile.objects.get().attached_by is None

    def test_is_loaded_again_from_a_fixture_unchanged(self, sent_file):
        for one in serializers.deserialize("json", serializers.serialize("json", [sent_file])):
            one.save()

        assert SentFile.objects.get().name == "communique.pdf"


class TestTheCheck:
    def test_passes_what_is_intact(self, release):
        out = StringIO()

        call_command("check_releases", stdout=out)

        assert out.getvalue() == "1\u00a0communiqué vérifié\u00a0: intact.\n"

    def test_names_what_was_altered(self, release):
        tamper(release, content={**release.content, "title": "14 PIMMS"})

        with pytest.raises(CommandError) as complaint:
            call_command("check_releases")

        assert str(complaint.value) == (
            "Le texte figé du communiqué du 14\u00a0octobre 2020 n’est plus celui qui a été "
            "validé\u00a0: son empreinte a changé. Ne le diffusez pas\u202f; comparez-le à "
            "l’exemplaire envoyé."
        )

    def test_names_a_sent_file_that_was_altered(self, sent_file):
        QuerySet(SentFile).update(content=b"autre")

        with pytest.raises(CommandError) as complaint:
            call_command("check_releases")

        assert str(complaint.value) == (
            "Le fichier «\u00a0communique.pdf\u00a0», joint au communiqué du 14\u00a0octobre 2020, "
            "n’est plus celui qui a été joint."
        )


@pytest.mark.django_db
class TestNaturalKeys:
    def test_tell_a_release_from_its_corrections(self, network):
        original = PressRelease.objects.get()
        erratum = ReleaseFactory(wave=original.wave, kind=ReleaseKind.ERRATUM, corrects=original)

        assert original.natural_key() == ("2020-09-01", 1)
        assert erratum.natural_key() == ("2020-09-01", 2)
        assert PressRelease.objects.get_by_natural_key("2020-09-01", 2) == erratum

    def test_come_back_from_a_fixture(self, network):
        original = PressRelease.objects.get()
        erratum = ReleaseFactory(wave=original.wave, kind=ReleaseKind.ERRATUM, corrects=original)
        fixture = serializers.serialize(
            "json", [erratum], use_natural_foreign_keys=True, use_natural_primary_keys=True
        )
        erratum.delete()

        for one in serializers.deserialize("json", fixture):
            one.save()

        assert PressRelease.objects.get(kind=ReleaseKind.ERRATUM).corrects == original
