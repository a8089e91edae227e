"""« Fusionner »: two records of one site, side by side, a choice a field, made one."""

from typing import Any

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.utils import timezone
from django.utils.http import urlencode

from labelling import text
from labelling.admin import deleted, history
from labelling.admin.addresses import locate_page
from labelling.admin.conflicts import RecordChoiceField
from labelling.admin.doors import KeySelect, LegibleForm, read_number
from labelling.admin.labels import word_change, word_labelled
from labelling.admin.lists import is_whole_ticked, read_ticked_keys
from labelling.admin.merged_values import GOES, STAYS, Part, list_parts, list_warnings
from labelling.models import MergedSite, PressRelease, Site, StaleRecord, merging
from labelling.press_release.carrying import carry_verdicts


class _OtherField(RecordChoiceField):
    def label_from_instance(self, obj: Any) -> str:
        return word_choice(obj)


class OtherForm(LegibleForm, forms.Form):
    """Which other record is of the same site."""

    other = _OtherField(
        Site.objects.select_related("department"),
        label="Autre fiche du même site",
        widget=KeySelect(MergedSite._meta.get_field("into"), admin.site),
        error_messages={"required": "Choisissez l’autre fiche."},
    )

    def __init__(self, *args: Any, site: Site, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.site = site
        self.fields["other"].widget.besides = site.pk

    def clean_other(self) -> Site:
        other: Site = self.cleaned_data["other"]
        if other == self.site:
            raise ValidationError("C’est la même fiche. Choisissez l’autre.")
        return other


class MergeForm(forms.Form):
    """For each part that differs, whose stands; and the versions of both records."""

    stays_version = forms.IntegerField()
    goes_version = forms.IntegerField()

    def __init__(self, stays: Site, goes: Site, data: Any = None, swapped: Any = None) -> None:
        """`swapped` is what was sent of the same records when the other one was to stay: the same
        values stay chosen."""
        self.stays, self.goes, self.swapped = stays, goes, swapped or {}
        self.parts = list_parts(stays, goes)
        super().__init__(data, label_suffix="")
        other = {STAYS: GOES, GOES: STAYS}
        for part in self.differing:
            chosen = other.get(self.swapped.get(part.names[0], ""))
            self.fields[part.names[0]] = forms.ChoiceField(
                label=part.label,
                choices=[(STAYS, part.stays), (GOES, part.goes)],
                initial=chosen or part.proposed,
                widget=forms.RadioSelect,
                error_messages={"required": "Choisissez la valeur qui reste."},
            )

    @property
    def differing(self) -> list[Part]:
        return [part for part in self.parts if not part.is_alike]

    @property
    def alike(self) -> list[Part]:
        return [part for part in self.parts if part.is_alike]

    @property
    def choices(self) -> list[tuple[Part, Any]]:
        return [(part, self[part.names[0]]) for part in self.differing]

    def clean(self) -> None:
        # Said even where a difference that has come since is not answered.
        read = self.cleaned_data
        if changed := self.find_changed(read.get("stays_version"), read.get("goes_version")):
            raise ValidationError(_word_overtaken(changed))

    def find_changed(self, stays_version: int | None, goes_version: int | None) -> Site | None:
        """The record that somebody changed since a page showed both at these versions, if any."""
        shown = ((self.stays, stays_version), (self.goes, goes_version))
        return next((site for site, version in shown if site.version != version), None)

    def apply(self) -> None:
        """Make one record of the two. Raise what `merging.merge` raises."""
        stays, goes = self.stays, self.goes
        for part in self.differing:
            if self.cleaned_data[part.names[0]] == GOES:
                for name in part.names:
                    setattr(stays, name, getattr(goes, name))
        stays.version = self.cleaned_data["stays_version"]
        goes.version = self.cleaned_data["goes_version"]
        with transaction.atomic():
            carry_verdicts(stays, goes)
            merging.merge(stays, goes)


def word_choice(site: Site) -> str:
    """The name of a site with its place, by which it is told from its namesakes."""
    place = ", ".join(filter(None, (str(site.department), site.commune)))
    return f"{site} ({place})"


def may_merge(user: Any) -> bool:
    """Whether a person may merge sites: one record is changed, and one is no more."""
    return user.has_perms(["labelling.change_site", "labelling.delete_site"])


def locate_merge(site: int, other: int | None = None) -> str:
    """Where a site is merged with another, or with one to choose."""
    query = {"site": site} | ({"other": other} if other else {})
    return f"{locate_page(Site, 'merge')}?{urlencode(query)}"


def merge_page(pages: admin.ModelAdmin, request: HttpRequest) -> HttpResponse:
    """Show two records side by side, and what becomes of them; on POST with « apply », do it."""
    if not may_merge(request.user):
        raise PermissionDenied
    if request.method not in ("GET", "HEAD", "POST"):
        return HttpResponseNotAllowed(["GET", "HEAD", "POST"])
    if request.method == "POST" and "site" not in request.GET:
        return _lead_from_list(request)
    asked = {name: read_number(request.GET.get(name)) for name in ("site", "other", STAYS)}
    found = Site.objects.with_place().in_bulk([key for key in asked.values() if key])
    site, other = found.get(asked["site"] or 0), found.get(asked["other"] or 0)
    if site is None or (other is None and MergedSite.objects.find_successor(asked["other"] or 0)):
        return _lead_to_what_is_left(request, asked)
    if other is None or other == site:
        return _show_choice(pages, request, site)
    stays, goes = _choose_staying(site, other, asked[STAYS])
    obstacle = merging.find_obstacle(stays, goes)
    if request.method == "POST" and "apply" in request.POST and not obstacle:
        form = MergeForm(stays, goes, request.POST)
        if form.is_valid() and (answer := _apply(request, form)):
            return answer
        # As they are stored: what was chosen stays ticked.
        kept = Site.objects.with_place().in_bulk([stays.pk, goes.pk])
        if len(kept) < 2:
            return _lead_to_what_is_left(request, asked)
        stays, goes, refused = kept[stays.pk], kept[goes.pk], form.non_field_errors()
        form = MergeForm(stays, goes, request.POST)
        for sentence in refused:
            if sentence not in form.non_field_errors():
                form.add_error(None, sentence)
    else:
        form = MergeForm(stays, goes, swapped=request.POST)
        # On the page that was swapped, each stood in the other's place.
        sent = [read_number(request.POST.get(name)) for name in ("goes_version", "stays_version")]
        if form.swapped and (changed := form.find_changed(*sent)):
            messages.warning(request, _word_overtaken(changed))
    return _show_both(pages, request, form, obstacle)


def unmerge_page(request: HttpRequest) -> HttpResponse:
    """Take back the merge of the record that the address names."""
    if not deleted.may_unmerge(request.user):
        raise PermissionDenied
    key = read_number(request.GET.get("record"))
    # After a session that expired, too: back to where the sites are.
    if request.method != "POST" or key is None:
        return HttpResponseRedirect(locate_page(Site, "changelist"))
    into = MergedSite.objects.find_successor(key)
    try:
        site = merging.unmerge(key)
    except ValidationError as refusal:
        reasons = " ".join(refusal.messages)
        if into:
            # Its page shows what is in the way.
            messages.error(request, text.typeset(f"La fusion n’a pas été annulée. {reasons}"))
            return HttpResponseRedirect(deleted.locate_deleted(Site, key))
        messages.error(request, reasons)
        page = ("change", key) if Site.objects.filter(pk=key).exists() else ("changelist",)
        return HttpResponseRedirect(locate_page(Site, *page))
    sentence = f"{site} : fusion annulée, l’autre fiche est revenue."
    messages.success(request, text.typeset(sentence))
    return HttpResponseRedirect(locate_page(site, "change", site.pk))


def _apply(request: HttpRequest, form: MergeForm) -> HttpResponse | None:
    """Do it; None where it is refused, with the reason."""
    gone, key, user = str(form.goes), form.goes.pk, request.user
    before = _count_labelled()
    try:
        form.apply()
    except StaleRecord as stale:
        form.add_error(None, _word_overtaken(stale.args[0]))
        return None
    except ValidationError as refusal:
        form.add_error(None, refusal.messages)
        return None
    site, after = form.stays, _count_labelled()
    sentence = f"{site} : fusionné avec « {gone} » (fiche n° {key})."
    if after != before:
        sentence += f" {word_change(before, after)}."
    messages.success(
        request,
        text.typeset(sentence),
        extra_tags=f"undo={deleted.locate_unmerge(key)}" if deleted.may_unmerge(user) else "",
    )
    return HttpResponseRedirect(locate_page(site, "change", site.pk))


def _word_overtaken(record: Any) -> str:
    latest = history.find_latest(record) if isinstance(record, Site) else None
    who = (latest and history.name_author(latest)) or "Une autre personne"
    return text.typeset(
        f"{who} a modifié l’une des fiches pendant que cette page était ouverte : rien n’a été "
        "fusionné. Relisez les valeurs ci-dessous, puis recommencez."
    )


def _lead_from_list(request: HttpRequest) -> HttpResponse:
    """From the list, with one site or two that are ticked."""
    ticked = [] if is_whole_ticked(request) else read_ticked_keys(request)
    if 1 <= len(ticked) <= 2:
        return HttpResponseRedirect(locate_merge(*ticked))
    messages.warning(
        request,
        text.typeset(
            "Cochez les deux fiches du même site, ou une seule : vous choisirez l’autre ensuite."
        ),
    )
    query = request.GET.urlencode()
    return HttpResponseRedirect(locate_page(Site, "changelist") + (query and f"?{query}"))


def _lead_to_what_is_left(request: HttpRequest, asked: dict[str, int | None]) -> HttpResponse:
    """Where one of the records is no more: to the one that it went into, if it did."""
    keys = [key for key in asked.values() if key]
    merged = MergedSite.objects.filter(pk__in=keys).select_related("into").first()
    if merged is None:
        messages.warning(
            request, text.typeset("Cette fiche n’existe plus : rien n’a été fusionné.")
        )
        return HttpResponseRedirect(locate_page(Site, "changelist"))
    sentence = word_merged(merged)
    if "apply" in request.POST:
        sentence += text.typeset(
            " Elle l’était déjà : relisez la fiche, si vos choix étaient autres."
        )
    messages.info(request, sentence)
    return HttpResponseRedirect(locate_page(Site, "change", merged.into_id))


def word_merged(merged: MergedSite) -> str:
    """What is said to whom asks for a record that went into another."""
    gone = Site.history.filter(id=merged.pk).order_by("-version", "-history_id").first()
    name = f"La fiche « {gone.name} »" if gone else "Cette fiche"
    return text.typeset(f"{name} a été fusionnée avec celle-ci, qui reste.")


def _choose_staying(site: Site, other: Site, asked: int | None) -> tuple[Site, Site]:
    if asked == site.pk:
        return site, other
    if asked == other.pk:
        return other, site
    return merging.choose_staying(site, other)


def _show_choice(pages: admin.ModelAdmin, request: HttpRequest, site: Site) -> HttpResponse:
    """The page that asks for the other record."""
    form = OtherForm(request.GET if "other" in request.GET else None, site=site)
    context = {
        **pages.admin_site.each_context(request),
        "title": "Fusionner avec un autre site",
        "opts": pages.opts,
        "media": pages.media + form.media,
        "site": site,
        "form": form,
    }
    return TemplateResponse(request, "labelling/merge_choice.html", context)


def _show_both(
    pages: admin.ModelAdmin, request: HttpRequest, form: MergeForm, obstacle: str
) -> HttpResponse:
    stays, goes = form.stays, form.goes
    context = {
        **pages.admin_site.each_context(request),
        "title": "Fusionner deux fiches d’un même site",
        "opts": pages.opts,
        "media": pages.media,
        "form": form,
        "stays": stays,
        "goes": goes,
        "obstacle": obstacle,
        "swapped": f"{locate_merge(stays.pk, goes.pk)}&{urlencode({STAYS: goes.pk})}",
        "here": f"{locate_merge(stays.pk, goes.pk)}&{urlencode({STAYS: stays.pk})}",
        "consequences": _word_consequences(stays, goes),
        "warnings": list_warnings(stays, goes),
    }
    return TemplateResponse(request, "labelling/merge.html", context)


def _word_consequences(stays: Site, goes: Site) -> list[str]:
    """What becomes of what was stored of the record that goes."""
    moved = merging.find_moved(stays, goes)
    entries = text.counted(moved.entries, "version reste lisible", "versions restent lisibles")
    sentences = ["Les liens vers la fiche qui disparaît mèneront à celle qui reste."]
    if stays.pk in PressRelease.objects.find_printed_sites():
        sentences.append("La fiche qui reste garde sa place dans la liste imprimée.")
    sentences += [
        f"Historique : {entries} depuis celui de la fiche qui reste.",
    ]
    if moved.imports:
        count = text.counted(moved.imports, "import a écrit", "imports ont écrit")
        them = text.plural(moved.imports, "L’annuler", "Les annuler")
        sentences.append(
            f"Imports : {count} la fiche qui disparaît. {them} ne changera plus ce site."
        )
    if carried := moved.kept_values + moved.accepted:
        parts = []
        if moved.kept_values:
            parts.append(text.counted(moved.kept_values, "valeur refusée", "valeurs refusées"))
        if moved.accepted:
            one, many = "signalement accepté", "signalements acceptés"
            parts.append(text.counted(moved.accepted, one, many))
        verb = text.plural(carried, "passe", "passent")
        sentences.append(f"{text.enumeration(parts)} {verb} à la fiche qui reste.")
    if moved.releases:
        days = text.enumeration([text.long_date(one.issued_on) for one in moved.releases])
        its = text.plural(len(moved.releases), "Le communiqué du", "Les communiqués des")
        keeps = text.plural(len(moved.releases), "garde la ligne imprimée", "gardent leur ligne")
        sentences.append(
            f"{its} {days} {keeps}. Ce qui s’y lit autrement que sur la fiche qui reste se voit "
            "sous « Ce qui a changé depuis »."
        )
    if words := _word_count(stays, goes):
        sentences.append(words)
    return [text.typeset(sentence) for sentence in sentences]


def _word_count(stays: Site, goes: Site) -> str:
    """What the count of labelled sites becomes, where one of the two is counted today, or both."""
    labelled = Site.objects.labelled_on(timezone.localdate())
    counted = labelled.filter(pk__in=[stays.pk, goes.pk]).count()
    if not counted:
        return ""
    count = _count_labelled()
    less = word_change(count, count - 1)
    if counted == 2:
        return f"{less} : les deux fiches étaient comptées."
    return (
        f"{word_labelled(count)}, comme avant, si vous gardez le label qui vaut aujourd’hui ; "
        f"sinon {less}."
    )


def _count_labelled() -> int:
    return Site.objects.labelled_on(timezone.localdate()).count()
