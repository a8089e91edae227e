"""Giving the label to several sites, and ending it: a page says what will happen, then does it."""

from collections.abc import Collection
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
from labelling.admin import history
from labelling.admin.addresses import locate_page
from labelling.admin.conflicts import RecordChoiceField
from labelling.admin.day_fields import DayField
from labelling.admin.doors import read_form, read_keys, read_number
from labelling.admin.lists import is_whole_ticked, read_changelist, read_ticked_keys
from labelling.choices import WithdrawalReason
from labelling.models import Association, LabellingWave, Site, StaleRecord
from labelling.models.deleted import find_deletion
from labelling.models.site import SiteQuerySet

# The web server takes no longer one.
_LONGEST_ADDRESS = 3000
# Of more sites that were left aside, the others are counted.
_MOST_NAMED = 10


class LabelForm(forms.Form):
    """What a page asks for, which sites it concerns, and what it does to them."""

    title: ClassVar[str]
    verb: ClassVar[str]  # The button: « Attribuer le label à 3 sites ».

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

    def word_result(self, done: list[Site]) -> str:
        raise NotImplementedError

    @staticmethod
    def explain_nothing(sites: SiteQuerySet) -> str:
        """Why there was nothing to do any more: somebody else has just done it."""
        raise NotImplementedError


class GrantForm(LabelForm):
    """« Attribuer le label »."""

    title = "Attribuer le label"
    verb = "Attribuer le label à"

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
        end = site.withdrawn_on
        if end and end <= timezone.localdate():
            return "son label a pris fin ; pour une nouvelle labellisation, ajoutez un nouveau site"
        held = f"le label lui est déjà attribué, avec la vague « {site.wave} »"
        return f"{held}, et prendra fin le {text.long_date(end)}" if end else held

    def apply(self, sites: SiteQuerySet) -> list[Site]:
        return sites.label(self.cleaned_data["wave"])

    def word_result(self, done: list[Site]) -> str:
        wave, count = self.cleaned_data["wave"], len(done)
        many = f"Les {text.counted(count, 'site')} sont labellisés"
        who = text.plural(count, "Le site est labellisé", many)
        return (
            f"{who} avec la vague « {wave} », à partir du {text.long_date(wave.effective_on)}. "
            "Les communiqués déjà envoyés ne changent pas."
        )

    @staticmethod
    def explain_nothing(sites: SiteQuerySet) -> str:
        who = text.plural(
            sites.count(), "Ce site n’est plus candidat", "Ces sites ne sont plus candidats"
        )
        return f"{who} : rien n’a été fait deux fois."


class EndForm(LabelForm):
    """« Mettre fin au label »."""

    title = "Mettre fin au label"
    verb = "Mettre fin au label de"

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
        return "encore candidat, il n’a pas de label"

    @staticmethod
    def word_count(sites: SiteQuerySet) -> tuple[str, str]:
        today = timezone.localdate()
        before = Site.objects.labelled_on(today).count()
        after = before - sites.with_label_to_end().labelled_on(today).count()
        words = (
            f"Le réseau compte aujourd’hui {word_labelled(before)} ; sans les sites "
            f"concernés, il en compterait {text.number(after)}."
        )
        return word_change(before, after), text.typeset(words)

    def apply(self, sites: SiteQuerySet) -> list[Site]:
        day, reason = self.cleaned_data["withdrawn_on"], self.cleaned_data["withdrawal_reason"]
        return sites.end_labels(day, reason)

    def word_result(self, done: list[Site]) -> str:
        day, count = self.cleaned_data["withdrawn_on"], len(done)
        # Of that day, if it is to come: other labels may begin or end before.
        at = max(day, timezone.localdate())
        lost = sum(site.wave is not None and site.wave.effective_on <= at for site in done)
        after = Site.objects.labelled_on(at).count()
        many = f"Les {text.counted(count, 'site')} ne figureront"
        who = text.plural(count, "Le site ne figurera", many)
        return (
            f"{who} plus dans les listes à partir du {text.long_date(day)} "
            f"({word_change(after + lost, after)}). "
            "Les communiqués déjà envoyés ne changent pas."
        )

    @staticmethod
    def explain_nothing(sites: SiteQuerySet) -> str:
        noted = sites.filter(withdrawn_on__isnull=False)
        if not noted:
            who = text.plural(sites.count(), "Ce site n’a", "Ces sites n’ont")
            return f"{who} pas de label auquel mettre fin : rien n’a été changé."
        days = sorted({*noted.values_list("withdrawn_on", flat=True)})
        which = text.plural(len(noted), "ce label", "ces labels")
        when = text.enumeration([f"au {text.long_date(day)}" for day in days])
        return (
            f"La fin de {which} est déjà notée, {when} : rien n’a été changé. Une autre date se "
            "corrige sur la fiche du site."
        )


def word_labelled(count: int) -> str:
    """« 53 sites labellisés »."""
    return text.counted(count, "site labellisé", "sites labellisés")


def word_change(before: int, after: int) -> str:
    """« 53 → 50 sites labellisés »."""
    return f"{text.number(before)} → {word_labelled(after)}"


def label_page(
    model_admin: ModelAdmin, request: HttpRequest, form_class: type[LabelForm]
) -> HttpResponse:
    """Say what will happen to the chosen sites; on POST with « apply », do it."""
    if not model_admin.has_change_permission(request):
        raise PermissionDenied
    chosen = _find_chosen(model_admin, request)
    sites = list(chosen.with_place().order_by("sort_key", "pk"))
    owner = _find_owner(request)
    back = _locate_origin(request, sites, owner)
    if not sites:
        left = _say_left_aside(request, _read_concerned(request))
        if not left or owner is None:
            messages.warning(request, _explain_no_site(request, owner))
        return HttpResponseRedirect(back)
    form = form_class(read_form(request.POST) if "apply" in request.POST else None)
    if form.is_bound and form.is_valid():
        try:
            done = form.apply(chosen)
        except ValidationError as refusal:
            form.add_error(None, refusal.messages)
        else:
            _say_done(request, form, chosen, done, owner)
            return HttpResponseRedirect(back)
    figures, words = form.word_count(chosen)
    concerned = set(form.find_concerned(chosen).values_list("pk", flat=True))
    context = {
        **model_admin.admin_site.each_context(request),
        "title": f"{form.title} des sites {text.of_name(str(owner))}" if owner else form.title,
        "action": form.title,
        "owner": owner,
        "opts": owner._meta if owner else model_admin.opts,
        "media": model_admin.media + form.media,
        "form": form,
        "concerned": [site for site in sites if site.pk in concerned],
        "aside": [(site, form.explain_aside(site)) for site in sites if site.pk not in concerned],
        "count_figures": figures,
        "count_words": words,
        "button": f"{form.verb} {text.counted(len(concerned), 'site')}",
        "sites": ",".join(str(site.pk) for site in sites),
        "concerned_keys": ",".join(map(str, concerned)),
        "back": back,
    }
    return TemplateResponse(request, "admin/labelling/site/labels.html", context)


def _find_chosen(model_admin: ModelAdmin, request: HttpRequest) -> Any:
    """The sites ticked in the list, all those of the list, those of the page, or one.

    Or those of an association, but for the labels that have ended; of those of its page, the ones
    that have not left it since: none, once it is gone.
    """
    if is_whole_ticked(request):
        changelist = read_changelist(model_admin, request)
        return changelist.queryset if changelist else Site.objects.none()
    owner = _find_owner(request)
    if "of" in request.GET and owner is None:
        return Site.objects.none()
    if owner and "sites" not in request.POST:
        return Site.objects.filter(association=owner).exclude(
            withdrawn_on__lte=timezone.localdate()
        )
    listed = request.POST.get("sites", request.GET.get("site", "")).split(",")
    chosen = Site.objects.filter(pk__in=read_ticked_keys(request) or read_keys(listed))
    return chosen.filter(association=owner) if owner else chosen


def locate_ending(association: Association) -> str:
    """Where the labels of an association's sites are ended."""
    return f"{locate_page(Site, 'end_label')}?of={association.pk}"


def _find_owner(request: HttpRequest) -> Association | None:
    """The association from whose page one comes."""
    key = read_number(request.GET.get("of"))
    return None if key is None else Association.objects.filter(pk=key).first()


def _explain_no_site(request: HttpRequest, owner: Association | None) -> str:
    if owner:
        return "Aucun site de cette association n’a de label auquel mettre fin."
    if "of" in request.GET:
        entry = find_deletion(Association, read_number(request.GET["of"]))
        gone = history.word_end(entry) if entry else "Cette association n’existe pas"
        return text.typeset(f"{gone} : rien n’a été changé.")
    return "Cochez d’abord les sites concernés."


def _locate_origin(request: HttpRequest, sites: list[Site], owner: Association | None) -> str:
    """The page that led here: that of a site or an association, or the list with its filters."""
    if owner:
        return locate_page(owner, "change", owner.pk)
    if "site" in request.GET and sites:
        return reverse("admin:labelling_site_change", args=[sites[0].pk])
    query = "" if {"site", "of"} & request.GET.keys() else request.GET.urlencode()
    return reverse("admin:labelling_site_changelist") + (query and f"?{query}")


def _say_done(
    request: HttpRequest,
    form: LabelForm,
    chosen: SiteQuerySet,
    done: list[Site],
    owner: Association | None,
) -> None:
    if not done:
        messages.info(request, text.typeset(form.explain_nothing(chosen)))
        _say_left_aside(request, _read_concerned(request) - {*chosen.values_list("pk", flat=True)})
        return
    messages.success(request, form.word_result(done), extra_tags=make_undo_tag(done, owner))
    _say_left_aside(request, _read_concerned(request) - {site.pk for site in done})


def _read_concerned(request: HttpRequest) -> set[int]:
    """The sites to which the page was to do something, when it was shown."""
    return {*read_keys(request.POST.get("concerned", "").split(","))}


def _say_left_aside(request: HttpRequest, keys: Collection[int]) -> bool:
    """Name the sites that were left as they are, and say whether there are any."""
    if not keys:
        return False
    named = Site.objects.filter(pk__among=keys).order_by("sort_key", "pk")[:_MOST_NAMED]
    words = [text.quoted(str(site)) for site in named]
    if rest := len(keys) - len(words):
        other = ("autre site", "autres sites") if words else ("site", "sites")
        words.append(text.counted(rest, *other))
    changed = text.plural(
        len(keys),
        "a changé entre-temps : il a été laissé",
        "ont changé entre-temps : ils ont été laissés",
    )
    messages.warning(request, text.typeset(f"{text.enumeration(words)} {changed} de côté."))
    return True


def make_undo_tag(sites: list[Site], owner: Association | None = None) -> str:
    """What gives a message its button « Annuler »: where, and each site as it was left.

    It leads back to the page of the association that owns them, if one is given. Empty for more
    sites than an address can hold: they go back one by one, from their history.
    """
    left = ",".join(f"{site.pk}:{site.version}" for site in sites)
    of = f"of={owner.pk}&" if owner else ""
    address = f"{reverse('admin:labelling_site_take_back')}?{of}sites={left}"
    return f"undo={address}" if len(address) < _LONGEST_ADDRESS else ""


def take_back(request: HttpRequest) -> HttpResponse:
    """Give the sites of an undo tag the values they had before, but for those changed since."""
    owner = _find_owner(request)
    back = HttpResponseRedirect(
        locate_page(owner, "change", owner.pk) if owner else locate_page(Site, "changelist")
    )
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
        messages.success(request, text.typeset(are_back), extra_tags=make_undo_tag(restored, owner))
    _say_left_aside(request, versions.keys() - {site.pk for site in restored})
    return back


def _put_back(site: Site) -> bool:
    entry = history.find_entry_before(site)
    try:
        return entry is not None and site.restore(entry, "Annulation")
    except (StaleRecord, ValidationError):
        return False
