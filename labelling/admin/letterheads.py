"""« En-tête des communiqués »: one record, with its logo."""

from typing import Any

from django import forms
from django.contrib import admin
from django.core.exceptions import ValidationError
from django.http import HttpRequest
from django.utils.html import format_html

from labelling import text
from labelling.admin.base import RecordAdmin
from labelling.admin.conflicts import RecordForm
from labelling.models import Letterhead
from labelling.models.letterhead import check_logo_size
from labelling.press_release.composition import make_head
from labelling.press_release.formats import find_logo_fault


class LetterheadForm(RecordForm):
    """The letterhead, its logo given as a file."""

    instance: Letterhead

    logo_file = forms.FileField(
        label="Logo",
        required=False,
        help_text="Une image PNG ou JPEG de 100\u00a0ko au plus. Sans fichier, le logo reste celui "
        "qu’il est.",
    )
    no_logo = forms.BooleanField(label="Retirer le logo", required=False)

    def clean_logo_file(self) -> Any:
        file = self.cleaned_data["logo_file"]
        if file:
            check_logo_size(file.size)
            self.picture = file.read()
            letterhead = Letterhead(name="Logo")
            letterhead.set_logo(self.picture)
            # Every release bears it from now on, and keeps it once validated.
            if fault := find_logo_fault(make_head(letterhead)):
                raise ValidationError(text.typeset(fault))
        return file

    def _post_clean(self) -> None:
        super()._post_clean()
        if self.cleaned_data.get("no_logo"):
            self.instance.logo = self.instance.logo_type = ""
        elif self.cleaned_data.get("logo_file"):
            self.instance.set_logo(self.picture)


@admin.register(Letterhead)
class LetterheadAdmin(RecordAdmin):
    """The letterhead: added once, then changed. What was sent keeps its own."""

    form = LetterheadForm
    list_name = "En-tête des communiqués"
    add_label = "Composer l’en-tête"
    add_another_label = ""
    created_sentence = text.typeset("{record} : enregistré.")
    empty_sentence = text.typeset(
        "Les communiqués n’ont pas encore d’en-tête. Choisissez « Composer l’en-tête »."
    )
    list_display = ("name", "colour", "second_colour")
    readonly_fields = ("current_logo",)
    fieldsets = (
        (
            None,
            {
                "description": "Imprimé en haut de chaque communiqué, dans tous les formats. Les "
                "communiqués déjà validés gardent le leur.",
                "fields": ("name", "colour", "second_colour"),
            },
        ),
        ("Logo", {"fields": ("current_logo", "logo_file", "no_logo")}),
    )

    @admin.display(description="Logo en place")
    def current_logo(self, letterhead: Letterhead) -> str:
        if not letterhead.logo:
            return "Aucun"
        return format_html(
            '<img src="data:{};base64,{}" alt="{}" class="letterhead-logo">',
            letterhead.logo_type,
            letterhead.logo,
            text.typeset(f"Logo : {letterhead.name}"),
        )

    def has_add_permission(self, request: HttpRequest) -> bool:
        """Once: who has typed one meanwhile is told so by the form, not turned away without it."""
        is_open = request.method == "POST" or not Letterhead.objects.exists()
        return super().has_add_permission(request) and is_open

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """It is changed, or emptied of its logo; there is nothing to erase."""
        return False
