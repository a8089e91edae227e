"""The roles: created in their order, given what a version adds, else left to people."""

import pytest
from django.contrib.auth.models import Group, Permission
from django.db import connection
from django.db.migrations.loader import MigrationLoader

from labelling import roles

pytestmark = pytest.mark.django_db


def migrate(operation) -> None:
    """Carry out an operation of a migration that comes after those there are."""
    state = MigrationLoader(connection).project_state()
    operation.database_forwards("labelling", connection.schema_editor(), state, state)


def holders(codename: str) -> list[str]:
    """The roles that have a right."""
    groups = Group.objects.filter(permissions__codename=codename)
    return [*groups.order_by("pk").values_list("name", flat=True)]


class TestRoles:
    def test_are_created_in_the_order_in_which_they_are_written(self):
        Group.objects.all().delete()

        roles.create_roles()

        created = Group.objects.order_by("pk").values_list("name", flat=True)
        assert [*created] == ["consultation", "rédaction", "responsable"]


class TestRightsThatAVersionAdds:
    def test_reach_the_roles_that_exist(self):
        # As before the version: not even the permission is there.
        Permission.objects.get(codename="export_presscontact").delete()

        migrate(roles.granting({"export": ("presscontact",)}, "rédaction", "responsable"))

        assert holders("export_presscontact") == ["rédaction", "responsable"]

    def test_leave_what_a_person_made_of_a_role(self):
        editing = Group.objects.get(name="rédaction")
        editing.permissions.remove(Permission.objects.get(codename="add_site"))
        editing.permissions.add(Permission.objects.get(codename="delete_site"))

        migrate(roles.granting({"export": ("presscontact",)}, "rédaction"))
        roles.create_roles()

        assert holders("add_site") == ["responsable"]
        assert holders("delete_site") == ["rédaction", "responsable"]

    def test_come_with_a_role_that_does_not_exist_yet(self):
        Group.objects.all().delete()

        migrate(roles.granting({"view": ("user",)}, "consultation", "responsable"))
        assert not Group.objects.exists()
        roles.create_roles()

        assert holders("view_user") == ["responsable"]

    def test_are_rights_that_there_are(self):
        with pytest.raises(KeyError, match="view_journey"):
            migrate(roles.granting({"view": ("journey",)}, "responsable"))
