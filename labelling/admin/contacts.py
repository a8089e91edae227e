"""« Contacts presse de l’Union »: the persons whom journalists call. Personal data."""

from typing import Any

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path
from django.utils import timezone

from labelling import text
from labelling.admin.addresses import locate_page
from labelling.admin.conflicts import RecordChoiceField
from labelling.admin.exports import SheetAdmin
from labelling.admin.journal import list_latest_downloads, locate_journal
from labelling.models import PressContact, PressRelease
from labelling.press_release import drafting


class ReplaceForm(forms.Form):
    """Who takes over, and until when the person could be proposed."""

    successor = RecordChoiceField(
        PressContact.objects.none(), label="Remplacer par", empty_label="Choisissez la personne"
    )

    def __init__(self, contact: PressContact, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        others = PressContact.objects.proposed_on(timezone.localdate()).exclude(pk=contact.pk)
        self.fields["successor"].queryset = others  # type: ignore[attr-defined]


@admin.register(PressContact)
class PressContactAdmin(SheetAdmin):
    list_name = "Contacts presse de l’Union"
    delete_label = "Effacer ce contact"
    ticked_label = "Télécharger les contacts cochés"
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
        (None, {"fields": ("proposed_until", "replaced_by")}),
    )
    readonly_fields = ("replaced_by",)

    @admin.display(description="ne plus proposer après le", ordering="proposed_until")
    def last_day(self, contact: PressContact) -> str:
        return text.short_date(contact.proposed_until) if contact.proposed_until else "–"

    def changelist_view(self, request: HttpRequest, extra_context: Any = None) -> HttpResponse:
        own = {
            "taken": list_latest_downloads("presscontact") if self.may_download(request) else [],
            "journal_address": locate_journal(request.user, "download"),
        }
        return super().changelist_view(request, {**own, **(extra_context or {})})

    # Somebody else takes over

    def get_urls(self) -> list[URLPattern]:
        own = path(
            "<int:contact_id>/replace/",
            self.admin_site.admin_view(self.replace_view),
            name="labelling_presscontact_replace",
        )
        return [own, *super().get_urls()]

    def replace_view(self, request: HttpRequest, contact_id: int) -> HttpResponse:
        """« Remplacer par »: who signs the releases to come. What is final keeps its contact."""
        if not request.user.has_perms(
            ("labelling.change_presscontact", "labelling.change_pressrelease")
        ):
            raise PermissionDenied
        contact: Any = self._find_record(request, str(contact_id))
        form = ReplaceForm(contact, request.POST or None)
        if request.method == "POST" and form.is_valid():
            successor = form.cleaned_data["successor"]
            count = drafting.replace_contact(contact, successor, timezone.localdate())
            drafts = text.counted(count, "brouillon change", "brouillons changent")
            messages.success(
                request,
                f"{successor} remplace {contact}{text.NO_BREAK_SPACE}: {drafts} de contact presse. "
                "Les communiqués validés ou envoyés ne changent pas.",
            )
            return HttpResponseRedirect(locate_page(contact, "changelist"))
        context = {
            **self.admin_site.each_context(request),
            "title": f"Remplacer {contact}",
            "opts": self.opts,
            "contact": contact,
            "form": form,
            "drafts": PressRelease.objects.drafts().filter(contact=contact),
        }
        return TemplateResponse(request, "labelling/contact_replace.html", context)
