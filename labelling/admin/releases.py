"""The pages of the press releases: a draft is written here, a frozen one is only read."""

from typing import Any

from django.contrib import admin
from django.contrib.admin.widgets import RelatedFieldWidgetWrapper
from django.http import HttpRequest, HttpResponse
from django.utils import timezone

from labelling import text
from labelling.admin.addresses import admin_url
from labelling.admin.base import RecordAdmin
from labelling.models import PressContact, PressRelease

# What the next release takes over from the last one.
_CARRIED_OVER = ("place", "brand", "about")


@admin.register(PressRelease)
class PressReleaseAdmin(RecordAdmin):
    """The releases, the last one first."""

    add_label = "Préparer un communiqué"
    add_another_label = ""  # One by one: each belongs to its wave.
    delete_label = "Supprimer le communiqué"
    created_sentence = text.typeset("{record} : brouillon enregistré.")
    deleted_sentence = text.typeset("{record} : brouillon supprimé.")
    empty_sentence = text.typeset(
        "Aucun communiqué n’est encore préparé. Ouvrez une vague, puis choisissez « Préparer le "
        "communiqué »."
    )

    list_display = ("issued_day", "wave", "status", "contact")
    ordering = ("-issued_on", "-pk")
    search_help_text = "Nom de la vague, lieu, marque."
    autocomplete_fields = ("wave", "contact")
    fieldsets = (
        (None, {"fields": ("wave", "place", "issued_on", "brand", "contact")}),
        ("Texte", {"fields": ("attendance", "network_detail", "closing", "about")}),
    )

    # The list

    def get_queryset(self, request: HttpRequest) -> Any:
        return super().get_queryset(request).select_related("wave", "contact")

    @admin.display(description="Date", ordering="issued_on")
    def issued_day(self, release: PressRelease) -> str:
        return text.long_date(release.issued_on)

    def changelist_view(self, request: HttpRequest, extra_context: Any = None) -> HttpResponse:
        searched = request.GET.get("q", "").strip()
        no_match = text.typeset(
            f"Aucun communiqué ne correspond à « {searched} ». Essayez un mot plus court."
        )
        context = {"no_match_sentence": no_match, **(extra_context or {})}
        return super().changelist_view(request, context)

    # The form

    def has_change_permission(self, request: HttpRequest, obj: PressRelease | None = None) -> bool:
        """A frozen release no longer changes, whoever asks."""
        return super().has_change_permission(request, obj) and not (obj and obj.is_frozen)

    def get_readonly_fields(self, request: HttpRequest, obj: PressRelease | None = None) -> Any:
        return ("wave",) if obj else ()

    def formfield_for_dbfield(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        field = super().formfield_for_dbfield(db_field, request, **kwargs)
        if field and isinstance(field.widget, RelatedFieldWidgetWrapper):
            # A contact may be new with its release; a wave has its own pages.
            field.widget.can_add_related &= db_field.name == "contact"
            field.widget.can_view_related = field.widget.can_change_related = False
        return field

    def get_changeform_initial_data(self, request: HttpRequest) -> dict[str, Any]:
        initial: dict[str, Any] = super().get_changeform_initial_data(request)
        today = timezone.localdate()
        last = PressRelease.objects.select_related("contact").order_by("issued_on", "pk").last()
        if last:
            initial |= {name: getattr(last, name) for name in _CARRIED_OVER}
            contact = last.contact
            if contact and PressContact.objects.proposed_on(today).contains(contact):
                initial["contact"] = contact.pk
        return {"issued_on": today, **initial}

    def render_change_form(
        self, request: HttpRequest, context: Any, *args: Any, **kwargs: Any
    ) -> HttpResponse:
        release = context.get("original")
        if release and request.user.has_perm("labelling.view_labellingwave"):
            context["release_address"] = admin_url(release.wave, "press_release", release.wave_id)
        return super().render_change_form(request, context, *args, **kwargs)
