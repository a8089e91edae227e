"""The regional editions of a release: chosen and worded in its draft, read and taken away."""

import hashlib
import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from typing import Any

from django import forms
from django.contrib import messages
from django.contrib.admin import ModelAdmin
from django.db import transaction
from django.http import (
    Http404,
    HttpRequest,
    HttpResponse,
    HttpResponseNotAllowed,
    HttpResponseRedirect,
    QueryDict,
)
from django.template.response import TemplateResponse
from django.utils import timezone
from django.utils.text import slugify

from labelling import sheets, text
from labelling.admin.doors import LegibleForm, read_form
from labelling.admin.exports import make_attachment
from labelling.admin.releases import lost
from labelling.admin.releases.files import as_file, keep_text
from labelling.admin.releases.forms import SentenceWidget
from labelling.admin.releases.frame import (
    READ,
    TO_PREPARE,
    locate_release,
    make_release_frame,
    word_frozen,
)
from labelling.models import PressRelease, geography
from labelling.models.base import LONGEST_TEXT
from labelling.press_release import editions, file_names, publishing
from labelling.press_release.content import Content, Edition
from labelling.press_release.editions import Region, Wording
from labelling.press_release.formats import FORMATS
from labelling.press_release.renderers import html
from labelling.press_release.renderers.characters import UnprintableCharacterError

_CHANGED_MEANWHILE = (
    "Un collègue a enregistré d’autres choix pendant que vous aviez cette page ouverte. Les vôtres "
    "sont ci-dessous, et rien n’en est encore enregistré : comparez, puis enregistrez de nouveau."
)


# What a person may write for a region.
_WORDS = ("title", "lead", "contact")


class EditionForm(LegibleForm, forms.Form):
    """The edition of one region: whether there is one, and a person's own words in it."""

    is_chosen = forms.BooleanField(required=False)
    title = forms.CharField(
        label="Titre",
        max_length=LONGEST_TEXT,
        required=False,
        widget=SentenceWidget(attrs={"rows": 2}),
    )
    lead = forms.CharField(
        label="Chapô",
        max_length=LONGEST_TEXT,
        required=False,
        widget=SentenceWidget(attrs={"rows": 3}),
    )
    contact = forms.CharField(
        label="Contact local",
        max_length=200,
        required=False,
        widget=forms.TextInput(attrs={"class": "vTextField"}),
        help_text="Imprimé sous le contact presse, sur une ligne.",
    )

    def __init__(self, *args: Any, region: Region, derived: Edition, **kwargs: Any) -> None:
        super().__init__(*args, prefix=region.slug, **kwargs)
        self.region, self.derived = region, derived
        self.fields["is_chosen"].label = text.typeset(f"Préparer l’édition : {region.name}")
        for name in ("title", "lead"):
            self.fields[name].widget.computed = getattr(derived, name)

    @property
    def worded(self) -> list[forms.BoundField]:
        return [self[name] for name in _WORDS]

    @property
    def is_worded(self) -> bool:
        """Whether there is anything to see below the choice itself."""
        return bool(self.errors or any(field.value() for field in self.worded))

    @property
    def wording(self) -> Wording:
        """What was typed; what a sentence says by itself stays derived."""
        typed = {name: self.cleaned_data[name] for name in _WORDS}
        own = {n: w for n, w in typed.items() if w != getattr(self.derived, n, None)}
        is_chosen = self.cleaned_data["is_chosen"]
        return Wording(region=self.region.name, is_chosen=is_chosen, **own)

    def tell_saved(self, saved: Wording) -> None:
        """Say beside each field what a colleague saved there, where it is something else."""
        for name in _WORDS:
            theirs = getattr(saved, name)
            if theirs != self.cleaned_data.get(name, ""):
                words = f"« {theirs} »" if theirs else "rien"
                self.add_error(name, text.typeset(f"Enregistré entre-temps : {words}."))
        if saved.is_chosen != self.cleaned_data["is_chosen"]:
            kept = "préparée" if saved.is_chosen else "laissée de côté"
            self.add_error("is_chosen", text.typeset(f"Entre-temps, cette édition a été {kept}."))


@dataclass(frozen=True, kw_only=True)
class Row:
    """An edition on the page of a release: `is_chosen` if it is one of those that were prepared."""

    region: Region
    title: str
    address: str
    files: list[tuple[str, str]]
    is_chosen: bool
    form: EditionForm | None = None


def editions_page(pages: ModelAdmin, request: HttpRequest, release: PressRelease) -> HttpResponse:
    """The editions that a release has; in a draft, which ones it is to have, and their words."""
    if request.method not in (*READ, "POST"):
        return HttpResponseNotAllowed([*READ, "POST"])
    if request.method == "POST":
        with transaction.atomic():
            return _answer(pages, request, publishing.lock(release))
    document = _read(release)
    return _show(pages, request, release, document, _make_forms(release, document))


def _answer(pages: ModelAdmin, request: HttpRequest, release: PressRelease) -> HttpResponse:
    if release.is_frozen:
        return lost_page(pages, request, release, release.pk)
    document = _read(release)
    asked = _make_forms(release, document, request.POST)
    if not _save(request, release, document, asked):
        return _show(pages, request, release, document, asked)
    messages.success(request, "Les éditions régionales sont enregistrées.")
    return HttpResponseRedirect(locate_release(release, "editions"))


def lost_page(
    pages: ModelAdmin, request: HttpRequest, release: PressRelease | None, key: int
) -> HttpResponse:
    """Give back what was chosen and typed for the editions of a draft that is one no longer."""
    sentence = word_frozen(release) if release else lost.word_deleted(key)
    return lost.give_back(pages, request, release, sentence, _list_typed(request, release))


def _list_typed(request: HttpRequest, release: PressRelease | None) -> list[tuple[str, str]]:
    """Each text that was typed, under its region and its name; then the regions that were ticked.

    Not what the release has as well.
    """
    sent: Any = read_form(request.POST)
    words, ticked = [], set()
    stored = {one["region"]: one for one in (release and release.editions) or ()}
    names = geography.Region.objects.values_list("name", flat=True)
    regions = {slugify(name): name for name in names}
    for key, typed in sent.items():
        slug, _, name = key.rpartition("-")
        region = regions.get(slug, slug)
        if name == "is_chosen":
            ticked.add(region)
        elif name in _WORDS and typed.split() != stored.get(region, {}).get(name, "").split():
            label = text.lowered(str(EditionForm.base_fields[name].label))
            words.append((f"{region}, {label}", typed))
    if ticked != ({*_list_chosen(release, _read(release))} if release else set()):
        words.append(("Éditions à préparer", text.enumeration(sorted(ticked)) or "Aucune"))
    return words


def _show(
    pages: ModelAdmin,
    request: HttpRequest,
    release: PressRelease,
    document: Content,
    asked: Sequence[EditionForm],
) -> HttpResponse:
    may_edit = request.user.has_perms(TO_PREPARE) and not release.is_frozen
    may_download = request.user.has_perm("labelling.export_site")
    chosen = _list_chosen(release, document)
    context = {
        **make_release_frame(pages, request, release, "Éditions régionales"),
        "may_edit": may_edit and bool(asked),
        "is_bound": request.method == "POST",
        "seen": _compute_mark(release),
        "rows": [
            Row(
                region=form.region,
                title=editions.read_edition(document, release, form.region).title,
                address=locate_release(release, "edition", form.region.slug),
                files=_locate_files(release, form.region.slug) if may_download else [],
                is_chosen=form.region.name in chosen,
                form=form if may_edit else None,
            )
            for form in asked
        ],
        "is_frozen_with_it": release.is_frozen and bool(document.editions),
        "chosen_count": len(chosen),
        "archive": locate_release(release, "editions_archive") if chosen and may_download else "",
    }
    return TemplateResponse(request, "labelling/release/editions.html", context)


def edition_page(
    pages: ModelAdmin, request: HttpRequest, release: PressRelease, slug: str
) -> HttpResponse:
    """The edition of a region as its reader sees it."""
    if request.method not in READ:
        return HttpResponseNotAllowed(READ)
    _, region, content = _find(release, slug)
    may_download = request.user.has_perm("labelling.export_site")
    context = {
        **make_release_frame(
            pages, request, release, text.typeset(f"Édition régionale : {region.name}")
        ),
        "body": html.render_body(content),
        "files": _locate_files(release, slug) if may_download else [],
        "editions_address": locate_release(release, "editions"),
    }
    return TemplateResponse(request, "labelling/release/edition.html", context)


def download(
    request: HttpRequest, release: PressRelease, slug: str, extension: str
) -> HttpResponse:
    """Send the edition of a region as a file to keep."""
    if request.method not in READ:
        return HttpResponseNotAllowed(READ)
    document, region, content = _find(release, slug)
    now = timezone.now()
    properties = publishing.make_properties(content, release, now, region.name)
    properties = keep_text(release, document, properties, extension)
    name = file_names.name_file(release.wave, release, extension, now, region=slug)
    back = locate_release(release, "editions")
    return as_file(request, content, properties, name, extension, back=back)


def download_all(request: HttpRequest, release: PressRelease) -> HttpResponse:
    """Send the editions that were chosen, in one archive."""
    if request.method not in READ:
        return HttpResponseNotAllowed(READ)
    now, document = timezone.now(), _read(release)
    chosen = _list_chosen(release, document)
    if not chosen:
        raise Http404
    properties = publishing.make_properties(document, release, now)
    properties = keep_text(release, document, properties, file_names.ARCHIVE)
    files = []
    try:
        for region in editions.list_regions(document):
            if region.name not in chosen:
                continue
            content = editions.compose(document, chosen[region.name])
            own = replace(properties, region=region.name)
            for extension in editions.FORMATS:
                name = file_names.name_file(
                    release.wave, release, extension, now, region=region.slug
                )
                files.append((name, FORMATS[extension].render(content, own)))
    except UnprintableCharacterError as refusal:
        messages.error(request, text.typeset(str(refusal)))
        return HttpResponseRedirect(locate_release(release, "editions"))
    name = file_names.name_file(
        release.wave, release, file_names.ARCHIVE, now, region="editions-regionales"
    )
    return make_attachment(sheets.archive(files), name, "application/zip")


def _read(release: PressRelease) -> Content:
    """The release that has editions; 404 for a « rectificatif », which has none."""
    if release.is_erratum:
        raise Http404
    return publishing.read_document(release, timezone.now())


def _find(release: PressRelease, slug: str) -> tuple[Content, Region, Content]:
    """The release, one of its regions, and the edition of it."""
    document = _read(release)
    region = editions.find_region(document, slug)
    if region is None:
        raise Http404
    edition = editions.read_edition(document, release, region)
    return document, region, editions.compose(document, edition)


def take_words(
    release: PressRelease, document: Content, region: Region, words: dict[str, str]
) -> EditionForm:
    """Write words of an edition as its own form would; the form says what it refuses."""
    told = editions.read_wordings(release, document)
    (wording,) = (asdict(each) for each in told if each.region == region.name)
    data = QueryDict(mutable=True)
    data.update({f"{region.slug}-{name}": str(said) for name, said in (wording | words).items()})
    form = EditionForm(
        data,
        region=region,
        derived=editions.make_edition(document, release.brand, region),
    )
    if form.is_valid():
        editions.store_wordings(release, [form.wording])
    return form


def _list_chosen(release: PressRelease, document: Content) -> dict[str, Edition]:
    """The editions that were prepared, by region; of an older release, those with a new site."""
    if not document.editions and release.editions is None:
        document = editions.attach_editions(document, release)
    return {edition.region: edition for edition in document.editions}


def _locate_files(release: PressRelease, slug: str) -> list[tuple[str, str]]:
    return [
        (FORMATS[extension].label, locate_release(release, "edition_download", slug, extension))
        for extension in editions.FORMATS
    ]


def _make_forms(release: PressRelease, document: Content, data: Any = None) -> list[EditionForm]:
    """A form for each region of the list, with what was chosen and worded."""
    told = zip(
        editions.list_regions(document), editions.read_wordings(release, document), strict=True
    )
    return [
        EditionForm(
            data,
            initial=asdict(wording),
            region=region,
            derived=editions.make_edition(document, release.brand, region),
        )
        for region, wording in told
    ]


def _save(
    request: HttpRequest, release: PressRelease, document: Content, forms: Sequence[EditionForm]
) -> bool:
    """Keep what was typed; False if it is to be looked at again, which the forms say."""
    if [form for form in forms if not form.is_valid()]:
        messages.error(request, "Rien n’est enregistré : corrigez ce qui est signalé en rouge.")
        return False
    if request.POST.get("seen") != _compute_mark(release):
        for form, saved in zip(forms, editions.read_wordings(release, document), strict=True):
            form.tell_saved(saved)
        messages.warning(request, text.typeset(_CHANGED_MEANWHILE))
        return False
    editions.store_wordings(release, [form.wording for form in forms])
    return True


def _compute_mark(release: PressRelease) -> str:
    """What tells whether somebody chose otherwise since the page was opened."""
    return hashlib.sha256(json.dumps(release.editions, sort_keys=True).encode()).hexdigest()
