"""« Rattacher ses sites »: all the sites of an association go to another one."""

from typing import Any

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed, HttpResponseRedirect
from django.template.response import TemplateResponse

from labelling import text
from labelling.admin.addresses import locate_page
from labelling.admin.conflicts import RecordChoiceField
from labelling.admin.doors import KeySelect, LegibleForm
from labelling.admin.labels import make_undo_tag
from labelling.models import Association, Site


class AttachForm(LegibleForm, forms.Form):
    """The association that the sites go to."""

    other = RecordChoiceField(
        Association.objects.all(),
        label="Rattacher à",
        widget=KeySelect(Site._meta.get_field("association"), admin.site),
        error_messages={"required": "Choisissez l’autre association."},
    )

    def __init__(self, association: Association, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.association = association
        self.fields["other"].widget.besides = association.pk

    def clean_other(self) -> Association:
        other: Association = self.cleaned_data["other"]
        if other == self.association:
            raise ValidationError("C’est la même association. Choisissez l’autre.")
        return other

    def apply(self) -> list[Site]:
        """Give the sites to the other association; return them as they are since."""
        with transaction.atomic():
            keys = [*self.association.sites.values_list("pk", flat=True)]
            Site.objects.filter(pk__in=keys).update(association=self.cleaned_data["other"])
            return [*Site.objects.filter(pk__in=keys)]


def may_attach(user: Any) -> bool:
    return bool(user.has_perm("labelling.change_site"))


def locate_attaching(association: Association) -> str:
    return locate_page(association, "attach", association.pk)


def attach_page(
    pages: admin.ModelAdmin, request: HttpRequest, association: Association
) -> HttpResponse:
    """Ask for the other association; on POST, give it the sites."""
    if not may_attach(request.user):
        raise PermissionDenied
    if request.method not in ("GET", "HEAD", "POST"):
        return HttpResponseNotAllowed(["GET", "HEAD", "POST"])
    form = AttachForm(association, request.POST if request.method == "POST" else None)
    if form.is_valid():
        moved, other = form.apply(), form.cleaned_data["other"]
        _say(request, association, other, moved)
        return HttpResponseRedirect(locate_page(association, "change", association.pk))
    context = {
        **pages.admin_site.each_context(request),
        "title": "Rattacher ses sites à une autre association",
        "opts": pages.opts,
        "media": pages.media + form.media,
        "association": association,
        "count": association.sites.count(),
        "form": form,
    }
    return TemplateResponse(request, "labelling/attach_sites.html", context)


def _say(
    request: HttpRequest, association: Association, other: Association, moved: list[Site]
) -> None:
    if not moved:
        messages.info(request, text.typeset(f"{association} n’a aucun site : rien n’a été changé."))
        return
    verb = text.plural(len(moved), "est rattaché", "sont rattachés")
    sentence = (
        f"{text.counted(len(moved), 'site')} {verb} à « {other} ». S’il s’agit d’une même "
        "association, cette fiche, qui n’a plus de site, peut être supprimée."
    )
    messages.success(request, text.typeset(sentence), extra_tags=make_undo_tag(moved, association))
