"""The smallest valid records; situations are traits."""

from datetime import date

import factory
from django.contrib.auth.models import Group, User

from labelling import roles
from labelling.choices import WithdrawalReason
from labelling.models import (
    Association,
    Department,
    LabellingWave,
    PressContact,
    PressRelease,
    Region,
    Site,
)


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

    name = factory.Sequence(lambda n: f"Association {n}")


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

    name = factory.Sequence(lambda n: f"Prénom Nom {n}")


class ReleaseFactory(factory.django.DjangoModelFactory):
    """A draft."""

    class Meta:
        model = PressRelease

    wave = factory.SubFactory(WaveFactory)
    issued_on = date(2020, 10, 14)


class UserFactory(factory.django.DjangoModelFactory):
    """Somebody who signs in. `role` gives them what a role may do."""

    class Meta:
        model = User
        skip_postgeneration_save = True

    username = factory.Sequence(lambda n: f"personne{n}@example.org")
    first_name = "Prénom"
    last_name = factory.Sequence(lambda n: f"Nom{n}")
    is_staff = True

    @factory.post_generation
    def role(self, create, name, **kwargs):
        if name:
            self.groups.add(Group.objects.get(name=name))


def reader(**kwargs) -> User:
    return UserFactory(role=roles.READER, **kwargs)


def editor(**kwargs) -> User:
    return UserFactory(role=roles.EDITOR, **kwargs)


def manager(**kwargs) -> User:
    return UserFactory(role=roles.MANAGER, **kwargs)
