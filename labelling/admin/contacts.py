"""« Contacts presse de l’Union »: the persons whom journalists call. Personal data."""

from typing import Any

from django.contrib import admin
from django.http import HttpRequest, HttpResponse

from labelling import text
from labelling.admin.exports import SheetAdmin, latest_downloads
from labelling.models import PressContact


@admin.register(PressContact)
class PressContactAdmin(SheetAdmin):
    list_name = "Contacts presse de l’Union"
    add_label = "Ajouter un contact presse"
    add_another_label = "Enregistrer puis ajouter un autre contact presse"
    delete_label = "Effacer ce contact"
    ticked_label = "Télécharger les contacts cochés"
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

    def changelist_view(self, request: HttpRequest, extra_context: Any = None) -> HttpResponse:
        taken = latest_downloads() if self.may_download(request) else []
        return super().changelist_view(request, {"taken": taken, **(extra_context or {})})
