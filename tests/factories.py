"""The smallest valid records; situations are traits. Those of a sequence sort as they were made."""

from datetime import UTC, date, datetime

import factory
from django.contrib.auth.models import Group, User
from django.db.models import F, QuerySet

from labelling import roles
from labelling.choices import Event, WithdrawalReason
from labelling.models import (
    Association,
    ColumnMapping,
    Department,
    JournalEntry,
    KeptValue,
    LabellingWave,
    Letterhead,
    PressContact,
    PressRelease,
    Region,
    Site,
)
from labelling.press_release import publishing


class RegionFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = Region
        django_get_or_create = ("code",)

    code = "76"
    name = "Occitanie"


class DepartmentFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = Department
        django_get_or_create = ("code",)

    code = "30"
    name = "Gard"
    region = factory.SubFactory(RegionFactory)


class AssociationFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = Association

    name = factory.Sequence(lambda n: f"Association {n:04}")


class WaveFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = LabellingWave
        django_get_or_create = ("effective_on",)

    name = "Automne 2020"
    effective_on = date(2020, 9, 1)


class SiteFactory(factory.django.DjangoModelFactory):
    """A candidate; `labelled` and `ended` give it a label, and an end."""

    class Meta:
        model = Site

    class Params:
        labelled = factory.Trait(wave=factory.SubFactory(WaveFactory))
        ended = factory.Trait(
            labelled=True,
            withdrawn_on=date(2021, 3, 1),
            withdrawal_reason=WithdrawalReason.CLOSED,
        )

    name = factory.Sequence(lambda n: f"PIMMS {n:04}")
    department = factory.SubFactory(DepartmentFactory)


class ContactFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = PressContact

    name = factory.Sequence(lambda n: f"Prénom Nom {n:04}")


class LetterheadFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = Letterhead

    name = "Union nationale des PIMMS"


class ReleaseFactory(factory.django.DjangoModelFactory):
    """A draft."""

    class Meta:
        model = PressRelease

    wave = factory.SubFactory(WaveFactory)
    issued_on = date(2020, 10, 14)


def final(release: PressRelease, **when) -> PressRelease:
    """The release, validated as its page does."""
    seen = publishing.compute_digest(publishing.compose_final(release))
    moment = when.get("at", datetime(2020, 10, 14, 8, tzinfo=UTC))
    return publishing.validate(release, by=when.get("by"), at=moment, seen=seen)


def sent(release: PressRelease, on: date = date(2020, 10, 14)) -> PressRelease:
    """The release, validated and marked as sent."""
    return publishing.mark_as_sent(final(release), on=on)


def tamper(release: PressRelease, **values) -> None:
    """Change a row as a hand in the database would: round every guard of ours."""
    QuerySet(PressRelease).filter(pk=release.pk).update(**values)


# A key that no sequence reaches: PostgreSQL's go on counting from one test to the next.
OUT_OF_SEQUENCE = 1_000_000


def records_of_every_page() -> None:
    """What the addresses are asked for, beyond the network of October 2020."""
    UserFactory(pk=OUT_OF_SEQUENCE)
    LetterheadFactory(pk=1)
    release = ReleaseFactory(
        pk=OUT_OF_SEQUENCE, wave=LabellingWave.objects.get(slug="janvier-2020")
    )
    JournalEntryFactory(details={"count": 2, "format": "xlsx", "searched": "Zoé"})
    ColumnMapping.objects.create(pk=OUT_OF_SEQUENCE, model_key="site", heading="fax")
    # Names that an import made.
    QuerySet(Site).filter(wave=release.wave, name__startswith="PIMMS P").update(made_name=F("name"))
    AssociationFactory(pk=OUT_OF_SEQUENCE).delete()
    # Two records of one site.
    ardeche = Department.objects.get(code="07")
    for key, commune in ((OUT_OF_SEQUENCE, "Privas"), (OUT_OF_SEQUENCE + 1, "")):
        SiteFactory(pk=key, name=f"PIMMS Ardèche {key}", department=ardeche, commune=commune)
    KeptValue.objects.create(
        pk=OUT_OF_SEQUENCE, model_key="site", record_id=1, field="postcode", value="30900"
    )


class UserFactory(factory.django.DjangoModelFactory):
    """Somebody who signs in. `role` gives them what a role may do."""

    class Meta:
        model = User
        skip_postgeneration_save = True

    username = factory.Sequence(lambda n: f"personne{n}@example.org")
    first_name = "Prénom"
    last_name = factory.Sequence(lambda n: f"Nom{n:04}")
    is_staff = True

    @factory.post_generation
    def role(self, create, name, **kwargs):
        if name:
            self.groups.add(Group.objects.get(name=name))


class JournalEntryFactory(factory.django.DjangoModelFactory):
    """Somebody who downloaded a contact."""

    class Meta:
        model = JournalEntry

    author = factory.SubFactory(UserFactory)
    event = Event.DOWNLOAD
    model_key = "presscontact"
    details = {"count": 1, "format": "csv"}


def reader(**kwargs) -> User:
    return UserFactory(role=roles.READER, **kwargs)


def editor(**kwargs) -> User:
    return UserFactory(role=roles.EDITOR, **kwargs)


def manager(**kwargs) -> User:
    return UserFactory(role=roles.MANAGER, **kwargs)
