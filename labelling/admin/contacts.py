"""« Contacts presse de l’Union »: the persons whom journalists call. Personal data."""

from django.contrib import admin

from labelling import text
from labelling.admin.base import RecordAdmin
from labelling.models import PressContact


@admin.register(PressContact)
class PressContactAdmin(RecordAdmin):
    list_name = "Contacts presse de l’Union"
    add_label = "Ajouter un contact presse"
    add_another_label = "Enregistrer puis ajouter un autre contact presse"
    delete_label = "Effacer ce contact"
    created_sentence = "{record} : contact presse ajouté."
    deleted_sentence = "{record} : contact presse effacé, avec son historique."
    empty_sentence = (
        "Aucun contact presse. Ajoutez la personne de l’Union que les journalistes appellent."
    )

    list_display = ("name", "role", "phone", "last_day")
    fieldsets = (
        (
            None,
            {
                "description": "La personne de l’Union que les journalistes appellent. "
                "N’inscrivez pas ici de journalistes.",
                "fields": ("name", "role", "organisation", "phone", "email"),
            },
        ),
        (None, {"fields": ("proposed_until",)}),
    )

    @admin.display(description="ne plus proposer après le", ordering="proposed_until")
    def last_day(self, contact: PressContact) -> str:
        return text.short_date(contact.proposed_until) if contact.proposed_until else "–"
