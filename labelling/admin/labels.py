"""Giving the label to several sites, and ending it: a page says what will happen, then does it."""

from typing import Any, ClassVar

from django import forms
from django.contrib import messages
from django.contrib.admin import ModelAdmin
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils import timezone

from labelling import text
from labelling.admin.addresses import locate_page
from labelling.admin.conflicts import RecordChoiceField
from labelling.admin.day_fields import DayField
from labelling.admin.doors import read_form, read_keys, read_number
from labelling.admin.history import find_entry_before
from labelling.admin.lists import is_whole_ticked, read_changelist, read_ticked_keys
from labelling.choices import WithdrawalReason
from labelling.models import Association, LabellingWave, Site, StaleRecord
from labelling.models.site import SiteQuerySet

# The web server takes no longer one.
_LONGEST_ADDRESS = 3000


class LabelForm(forms.Form):
    """What a page asks for, which sites it concerns, and what it does to them."""

    title: ClassVar[str]
    verb: ClassVar[str]  # The button: « Attribuer le label à 3 sites ».
    too_late: ClassVar[str]  # When somebody else has just done it.

    @staticmethod
    def find_concerned(sites: SiteQuerySet) -> SiteQuerySet:
        raise NotImplementedError

    @staticmethod
    def explain_aside(site: Site) -> str:
        raise NotImplementedError

    @staticmethod
    def word_count(sites: SiteQuerySet) -> tuple[str, str]:
        """What the count of labelled sites becomes, in figures and in words; empty if unknown."""
        return "", ""

    def apply(self, sites: SiteQuerySet) -> list[Site]:
        """Do it; return to which sites. Raise ValidationError, and do nothing, if refused."""
        raise NotImplementedError

    def word_result(self, count: int) -> str:
        raise NotImplementedError


class GrantForm(LabelForm):
    """« Attribuer le label »."""

    title = "Attribuer le label"
    verb = "Attribuer le label à"
    too_late = "Ces sites ne sont plus candidats : rien n’a été fait deux fois."

    wave = RecordChoiceField(
        LabellingWave.objects.all(),
        label="Labellisé avec la vague",
        empty_label="Choisissez une vague",
        error_messages={"required": "Choisissez la vague."},
    )

    @staticmethod
    def find_concerned(sites: SiteQuerySet) -> SiteQuerySet:
        return sites.candidates()

    @staticmethod
    def explain_aside(site: Site) -> str:
        if site.withdrawn_on:
            return "son label a pris fin ; pour une nouvelle labellisation, ajoutez un nouveau site"
        return f"le label lui est déjà attribué, avec la vague « {site.wave} »"

    def apply(self, sites: SiteQuerySet) -> list[Site]:
        return sites.label(self.cleaned_data["wave"])

    def word_result(self, count: int) -> str:
        wave = self.cleaned_data["wave"]
        many = f"Les {text.counted(count, 'site')} sont labellisés"
        who = text.plural(count, "Le site est labellisé", many)
        return (
            f"{who} avec la vague « {wave} », à partir du {text.long_date(wave.effective_on)}. "
            "Les communiqués déjà envoyés ne changent pas."
        )


class EndForm(LabelForm):
    """« Mettre fin au label »."""

    title = "Mettre fin au label"
    verb = "Mettre fin au label de"
    too_late = "Le label de ces sites avait déjà pris fin : rien n’a été fait deux fois."

    withdrawn_on = DayField(
        label="N’est plus labellisé depuis le",
        initial=timezone.localdate,
        help_text="Ce jour-là, le label ne vaut déjà plus. Une date à venir est possible.",
        error_messages={"required": "Donnez la date de la fin du label."},
    )
    withdrawal_reason = forms.ChoiceField(
        label="Motif",
        choices=[("", "Choisissez un motif"), *WithdrawalReason.choices],
        error_messages={"required": "Choisissez le motif."},
    )

    @staticmethod
    def find_concerned(sites: SiteQuerySet) -> SiteQuerySet:
        return sites.with_label_to_end()

    @staticmethod
    def explain_aside(site: Site) -> str:
        if site.withdrawn_on:
            return f"la fin de son label est déjà notée, au {text.long_date(site.withdrawn_on)}"
        return "il est candidat : il n’a pas de label"

    @staticmethod
    def word_count(sites: SiteQuerySet) -> tuple[str, str]:
        today, one, many = timezone.localdate(), "site labellisé", "sites labellisés"
        before = Site.objects.labelled_on(today).count()
        after = before - sites.with_label_to_end().labelled_on(today).count()
        figures = f"{text.number(before)} → {text.counted(after, one, many)}"
        counts = f"Le réseau compte aujourd’hui {text.counted(before, one, many)}"
        return figures, text.typeset(f"{counts} ; il en comptera {text.number(after)}.")

    def apply(self, sites: SiteQuerySet) -> list[Site]:
        day, reason = self.cleaned_data["withdrawn_on"], self.cleaned_data["withdrawal_reason"]
        return sites.end_labels(day, reason)

    def word_result(self, count: int) -> str:
        many = f"Les {text.counted(count, 'site')} ne figureront"
        who = text.plural(count, "Le site ne figurera", many)
        return (
            f"{who} plus dans les listes à partir du "
            f"{text.long_date(self.cleaned_data['withdrawn_on'])}. "
            "Les communiqués déjà envoyés ne changent pas."
        )


def label_page(
    model_admin: ModelAdmin, request: HttpRequest, form_class: type[LabelForm]
) -> HttpResponse:
    """Say what will happen to the chosen sites; on POST with « apply », do it."""
    if not model_admin.has_change_permission(request):
        raise PermissionDenied
    chosen = _find_chosen(model_admin, request)
    sites = list(chosen.with_place().order_by("sort_key", "pk"))
    back = _locate_origin(request, sites)
    if not sites:
        messages.warning(request, "Cochez d’abord les sites concernés.")
        return HttpResponseRedirect(back)
    form = form_class(read_form(request.POST) if "apply" in request.POST else None)
    if form.is_bound and form.is_valid():
        try:
            done = form.apply(chosen)
        except ValidationError as refusal:
            form.add_error(None, refusal.messages)
        else:
            _say_done(request, form, done)
            return HttpResponseRedirect(back)
    figures, words = form.word_count(chosen)
    concerned = set(form.find_concerned(chosen).values_list("pk", flat=True))
    context = {
        **model_admin.admin_site.each_context(request),
        "title": form.title,
        "opts": model_admin.opts,
        "media": model_admin.media + form.media,
        "form": form,
        "concerned": [site for site in sites if site.pk in concerned],
        "aside": [(site, form.explain_aside(site)) for site in sites if site.pk not in concerned],
        "count_figures": figures,
        "count_words": words,
        "button": f"{form.verb} {text.counted(len(concerned), 'site')}",
        "sites": ",".join(str(site.pk) for site in sites),
        "back": back,
    }
    return TemplateResponse(request, "admin/labelling/site/labels.html", context)


def _find_chosen(model_admin: ModelAdmin, request: HttpRequest) -> Any:
    """The sites ticked in the list, all those of the list, those of the page, or one.

    Or those of an association, but for the labels that have ended.
    """
    if is_whole_ticked(request):
        changelist = read_changelist(model_admin, request)
        return changelist.queryset if changelist else Site.objects.none()
    if "sites" not in request.POST and (owner := _find_owner(request)):
        return Site.objects.filter(association=owner, withdrawn_on=None)
    listed = request.POST.get("sites", request.GET.get("site", "")).split(",")
    return Site.objects.filter(pk__in=read_ticked_keys(request) or read_keys(listed))


def locate_ending(association: Association) -> str:
    """Where the labels of an association's sites are ended."""
    return f"{locate_page(Site, 'end_label')}?of={association.pk}"


def _find_owner(request: HttpRequest) -> Association | None:
    """The association from whose page one comes."""
    key = read_number(request.GET.get("of"))
    return None if key is None else Association.objects.filter(pk=key).first()


def _locate_origin(request: HttpRequest, sites: list[Site]) -> str:
    """The page that led here: that of a site or an association, or the list with its filters."""
    if owner := _find_owner(request):
        return locate_page(owner, "change", owner.pk)
    if "site" in request.GET and sites:
        return reverse("admin:labelling_site_change", args=[sites[0].pk])
    query = "" if {"site", "of"} & request.GET.keys() else request.GET.urlencode()
    return reverse("admin:labelling_site_changelist") + (query and f"?{query}")


def _say_done(request: HttpRequest, form: LabelForm, done: list[Site]) -> None:
    if not done:
        messages.info(request, form.too_late)
        return
    messages.success(request, form.word_result(len(done)), extra_tags=make_undo_tag(done))
    expected = read_number(request.POST.get("expected")) or 0
    _say_left_aside(request, expected - len(done))


def _say_left_aside(request: HttpRequest, count: int) -> None:
    if count > 0:
        changed = text.plural(count, "a changé", "ont changé")
        it_was = text.plural(count, "il a été laissé", "ils ont été laissés")
        messages.warning(
            request,
            text.typeset(
                f"{text.counted(count, 'site')} {changed} entre-temps : {it_was} de côté."
            ),
        )


def make_undo_tag(sites: list[Site]) -> str:
    """What gives a message its button « Annuler »: where, and each site as it was left.

    Empty for more sites than an address can hold: they go back one by one, from their history.
    """
    left = ",".join(f"{site.pk}:{site.version}" for site in sites)
    address = f"{reverse('admin:labelling_site_take_back')}?sites={left}"
    return f"undo={address}" if len(address) < _LONGEST_ADDRESS else ""


def take_back(request: HttpRequest) -> HttpResponse:
    """Give the sites of an undo tag the values they had before, but for those changed since."""
    back = HttpResponseRedirect(reverse("admin:labelling_site_changelist"))
    if request.method != "POST":  # After a session that expired: back to where the sites are.
        return back
    left = [pair.partition(":") for pair in request.GET.get("sites", "").split(",")]
    versions = {int(key): version for key, _, version in left if read_keys([key])}
    sites = Site.objects.filter(pk__in=versions).order_by("pk")
    with transaction.atomic():
        restored = [
            site for site in sites if str(site.version) == versions[site.pk] and _put_back(site)
        ]
    if restored:
        are_back = text.plural(
            len(restored),
            "Le site est revenu à ce qu’il était.",
            f"Les {len(restored)} sites sont revenus à ce qu’ils étaient.",
        )
        messages.success(request, text.typeset(are_back), extra_tags=make_undo_tag(restored))
    _say_left_aside(request, len(versions) - len(restored))
    return back


def _put_back(site: Site) -> bool:
    entry = find_entry_before(site)
    try:
        return entry is not None and site.restore(entry, "Annulation")
    except (StaleRecord, ValidationError):
        return False
