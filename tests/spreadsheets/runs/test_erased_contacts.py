"""S21: what the imports hold of a person goes with them."""

import json

import pytest
from django.apps import apps

from labelling.models import ImportRun, KeptValue, PressContact
from labelling.spreadsheets.runs import repairs
from labelling.spreadsheets.runs.apply import apply
from labelling.spreadsheets.runs.rights import ImportRefused
from labelling.spreadsheets.runs.undo import undo
from tests.factories import ContactFactory, manager
from tests.spreadsheets.prepared import prepared, row, states

pytestmark = pytest.mark.django_db

TOLD = ("Ancien", "ancien", "0123456789", "01 23 45 67 89")


def contacts(*content: str, **options) -> ImportRun:
    return prepared("Nom;Téléphone", *content, model_key="presscontact", **options)


def left() -> list[tuple[str, str]]:
    """Where the base still says something of Prénom Ancien."""
    return [
        (model.__name__, name)
        for model in apps.get_models()
        for values in model._base_manager.values()
        for name, value in values.items()
        if any(one in said(value) for one in TOLD)
    ]


def said(value: object) -> str:
    if isinstance(value, bytes | memoryview):
        return bytes(value).decode()
    return json.dumps(value, default=str, ensure_ascii=False)


class TestErasingAContact:
    def test_erases_the_lines_that_changed_them(self):
        contact = ContactFactory(name="Prénom Ancien")
        run = contacts("Prénom Ancien;0123456789", "Prénom Autre;0198765432")
        apply(run, None)

        contact.refresh_from_db()
        contact.delete()

        assert left() == []
        assert [line.label for line in run.rows.order_by("number")] == [
            "Personne effacée",
            "Prénom Autre",
        ]

    def test_erases_what_remarks_quote_of_the_file(self):
        contact = ContactFactory(name="Prénom Ancien")
        heading = ("Contacts de Prénom Ancien;", "Nom;Téléphone")
        run = prepared(*heading, "Prénom Ancien;0123456789", model_key="presscontact")
        assert "Prénom Ancien" in said(run.remarks)

        contact.delete()

        assert left() == []

    def test_erases_the_lines_that_name_them_and_wrote_nothing(self):
        """Prepared before the contact existed, so that no line speaks of their record."""
        run = contacts("Prénom Ancien;0123456789", "Ancien, Prénom;1", "Prénom Autre;0198765432")
        contact = ContactFactory(name="Prénom Ancien")

        contact.delete()

        assert left() == []
        assert row(run, 4).label == "Prénom Autre"

    def test_erases_the_lines_that_give_a_name_they_had(self):
        run = contacts("Prénom Ancien;0123456789")
        contact = ContactFactory(name="Prénom Ancien")
        contact.name = "Prénom Nouveau"
        contact.save()

        contact.delete()

        assert left() == []
        assert row(run, 2).label == "Personne effacée"

    def test_erases_what_was_mended_in_a_line(self):
        run = contacts("Prénom Anc;0123456789")
        repairs.edit_cells(run, None, row(run, 2).pk, {0: "Prénom Ancien"})
        contact = ContactFactory(name="Prénom Ancien")

        contact.delete()

        assert left() == []

    def test_erases_the_value_that_was_refused_for_good(self):
        contact = ContactFactory(name="Prénom Ancien")
        KeptValue.objects.create(
            model_key="presscontact", record_id=contact.pk, field="phone", value="01 23 45 67 89"
        )

        contact.delete()

        assert left() == []

    def test_leaves_nothing_to_apply_of_their_lines(self):
        run = contacts("Prénom Ancien;0123456789", "Prénom Autre;0198765432")
        seen = run.touched_at.isoformat()
        contact = ContactFactory(name="Prénom Ancien")
        contact.delete()

        with pytest.raises(ImportRefused):
            apply(run, None, seen=seen)
        apply(run, None)

        assert PressContact.objects.get().name == "Prénom Autre"
        assert row(run, 2).is_aside

    def test_by_undoing_the_import_that_created_them(self):
        user = manager()
        run = contacts("Prénom Ancien;0123456789", author=user)
        apply(run, user)

        undo(run, user)

        assert left() == []
        run.refresh_from_db()
        assert (run.status, run.undone_by) == ("undone", user)
        assert states(run) == {2: "new"}
