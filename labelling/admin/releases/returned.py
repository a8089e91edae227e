"""« Reprendre un Word corrigé »: what a returned file says otherwise, each to take or to leave.

What was read of it is kept until the person says that they are done: a draft that a colleague
changes or validates meanwhile takes no word of it away.
"""

from collections.abc import Collection
from typing import Any, cast

from django import forms
from django.contrib import messages
from django.contrib.admin import ModelAdmin
from django.core import signing
from django.core.exceptions import ValidationError
from django.db import transaction
from django.http import (
    HttpRequest,
    HttpResponse,
    HttpResponseNotAllowed,
    HttpResponseRedirect,
    QueryDict,
)
from django.template.response import TemplateResponse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.text import capfirst

from labelling import text
from labelling.admin.addresses import locate_page
from labelling.admin.doors import read_number
from labelling.admin.releases import lost
from labelling.admin.releases.compared import describe
from labelling.admin.releases.editions import take_words
from labelling.admin.releases.frame import READ, locate_release, make_release_frame, word_frozen
from labelling.choices import ReleaseStatus
from labelling.models import DraftText, PressRelease, ReturnedWord
from labelling.models.sent_file import make_safe_name
from labelling.press_release import editions, publishing
from labelling.press_release.content import Content
from labelling.press_release.returned import comparing, reading, taking
from labelling.press_release.returned.document import Document
from labelling.press_release.returned.places import OF_EDITION
from labelling.sandbox.limits import MEGABYTE

TITLE = "Reprendre un Word corrigé"
_CHANGED_MEANWHILE = (
    "Le brouillon a changé pendant que vous lisiez cette page : rien n’est repris. Relisez vos "
    "choix, puis recommencez."
)
_OTHER_FILE = (
    "Ce fichier a été refermé, ou remplacé par un autre, depuis que vous lisiez cette page : rien "
    "n’est repris."
)
_OTHER_BASE = (
    "Ce fichier a été fait d’un communiqué qui n’est pas, ou n’est plus, dans cet outil : rien "
    "n’en est repris. Reportez ses corrections à la main, dans « Modifier le brouillon »."
)

_EDITION = (
    "C’est une édition régionale ({}) qui n’a pas été faite d’un brouillon : rien n’en est repris. "
    "Reportez ses corrections à la main, dans « Éditions régionales »."
)
_VALIDATED = (
    "Ce fichier a été fait d’une version validée, pas d’un brouillon : rien n’en est repris. "
    "Reportez ses corrections à la main, dans « Modifier le brouillon »."
)


class WordForm(forms.Form):
    """A Word file that comes back."""

    file = forms.FileField(
        label="Fichier Word corrigé",
        widget=forms.FileInput(attrs={"accept": ".docx"}),
        help_text=text.typeset(
            "Le Word téléchargé d’ici, corrigé avec ou sans suivi des modifications, dans Word ou "
            f"LibreOffice : format .docx, {reading.LIMITS.upload // MEGABYTE}\u00a0Mo au plus."
        ),
        error_messages={
            "required": "Choisissez d’abord le fichier corrigé.",
            "empty": "Ce fichier est vide : enregistrez-le à nouveau, puis déposez-le.",
        },
    )

    def __init__(self, data: Any = None, files: Any = None, *, release: PressRelease) -> None:
        super().__init__(data, files, label_suffix="")
        self.release = release

    def name_refused(self) -> str:
        """The name of the file that was sent; empty if there is none."""
        file = self.files.get("file")
        return make_safe_name(file.name or "") if file else ""

    def clean_file(self) -> Any:
        """Read it. Refuse what is no Word file of this release."""
        file = self.cleaned_data["file"]
        if file.size > reading.LIMITS.upload:
            raise ValidationError(
                text.typeset(
                    f"Ce fichier pèse plus de {reading.LIMITS.upload // MEGABYTE}\u00a0Mo : "
                    "retirez-en les images, puis déposez-le à nouveau."
                )
            )
        try:
            self.document = reading.read(file.read())
        except reading.ReadingError as refusal:
            raise ValidationError(str(refusal)) from refusal
        if self.document.region and not self.document.digest:
            raise ValidationError(text.typeset(_EDITION.format(self.document.region)))
        if self.document.draft and not self.document.digest:
            raise ValidationError(text.typeset(_VALIDATED))
        if self.document.draft and read_number(self.document.draft) not in _list_origins(
            self.release
        ):
            raise ValidationError(_word_other(self.document))
        return file


class ReleaseChoiceField(forms.ModelChoiceField):
    """A choice among releases, each with its wave."""

    def label_from_instance(self, obj: Any) -> str:
        return _name_release(obj)


class OriginForm(forms.Form):
    """Which draft a file was made from that does not say it."""

    release = ReleaseChoiceField(
        PressRelease.objects.none(),
        label="Communiqué dont vient ce fichier",
        empty_label="Choisissez le communiqué",
        error_messages={"required": "Choisissez le communiqué dont vient ce fichier."},
    )

    def __init__(self, data: Any = None) -> None:
        super().__init__(data, label_suffix="")
        field = cast("forms.ModelChoiceField", self.fields["release"])
        field.queryset = PressRelease.objects.drafts().select_related("wave")


def returned_page(pages: ModelAdmin, request: HttpRequest, release: PressRelease) -> HttpResponse:
    """The last file that the person dropped on this draft, beside it; else where to drop one."""
    if request.method not in (*READ, "POST"):
        return HttpResponseNotAllowed([*READ, "POST"])
    if request.method == "POST":
        return _answer(pages, request, release)
    return _show(pages, request, release)


def _answer(pages: ModelAdmin, request: HttpRequest, release: PressRelease) -> HttpResponse:
    word = _find_word(request, release)
    if "take" in request.POST and request.POST.get("word") != _identify(word):
        return lost.give_back(
            pages, request, release, text.typeset(_OTHER_FILE), list_ticked(request)
        )
    if word and "done" in request.POST:
        word.delete()
        messages.success(request, text.typeset(f"« {word} » est refermé."))
        return HttpResponseRedirect(locate_release(release))
    if word and "take" in request.POST and word.text:
        return _take(pages, request, release, word)
    if word and "origin" in request.POST:
        return _say_origin(pages, request, release, word)
    if release.is_frozen:
        messages.warning(request, word_frozen(release, "rien n’est repris"))
        return _show(pages, request, release)
    form = WordForm(request.POST, request.FILES, release=release)
    if not form.is_valid():
        return _show(pages, request, release, form=form)
    _keep(request, release, form)
    return HttpResponseRedirect(locate_release(release, "word"))


def _find_word(request: HttpRequest, release: PressRelease) -> ReturnedWord | None:
    words = release.returned_words.select_related("text")
    return words.filter(read_by=cast("Any", request.user)).first()


def _identify(word: ReturnedWord | None) -> str:
    """What tells a file from the one that took its place."""
    return word.read_at.isoformat() if word else ""


def list_ticked(request: HttpRequest) -> list[tuple[str, str]]:
    """What was ticked on the page of a file that is gone with its draft, as that page had it."""
    try:
        offered = signing.loads(request.POST.get("offered", ""), salt=__name__)
    except signing.BadSignature:
        return []
    return [tuple(offered[key]) for key in request.POST.getlist("change") if key in offered]


def _keep(request: HttpRequest, release: PressRelease, form: WordForm) -> None:
    """Keep what was read, in the place of the last file of this person."""
    document = form.document
    origins = DraftText.objects.filter(release__in=_list_origins(release))
    kept = origins.filter(digest=document.digest).first() if document.draft else None
    ReturnedWord.objects.update_or_create(
        release=release,
        read_by=cast("Any", request.user),
        defaults={
            "text": kept,
            "name": make_safe_name(form.cleaned_data["file"].name),
            "document": document.to_json(),
            "read_at": timezone.now(),
        },
    )


def _list_origins(release: PressRelease) -> list[int | None]:
    """The keys of those whose files are taken here: the draft, and what it takes the place of."""
    former = None if release.is_erratum else release.corrects_id
    return [release.pk, release.replaces_id, former]


def _word_other(document: Document) -> str:
    """That the file was made from another release: which one, if it is here."""
    key = read_number(document.draft)
    kept = DraftText.objects.filter(release=key, digest=document.digest) if key else None
    other = kept.select_related("release__wave").first() if kept is not None else None
    if other is None:
        return text.typeset(_OTHER_BASE)
    address = locate_release(other.release, "word")
    link = format_html('<a href="{}">{}</a>', address, _name_release(other.release))
    begins = text.typeset("Ce fichier a été fait d’un autre communiqué : ")
    ends = text.typeset(". Déposez-le là ; rien n’en est repris ici.")
    return format_html("{}{}{}", begins, link, ends)


def _name_release(release: PressRelease) -> str:
    return f"{release} ({release.wave})"


def _say_origin(
    pages: ModelAdmin, request: HttpRequest, release: PressRelease, word: ReturnedWord
) -> HttpResponse:
    """Compare a file that does not say where it comes from with what that draft says now."""
    form = OriginForm(request.POST)
    if not form.is_valid():
        return _show(pages, request, release, origin=form)
    chosen: PressRelease = form.cleaned_data["release"]
    with transaction.atomic():
        if chosen != release:
            chosen.returned_words.filter(read_by=word.read_by).delete()
        word.release = chosen
        word.text = DraftText.objects.keep(chosen, _read(chosen).to_json())
        word.save()
    return HttpResponseRedirect(locate_release(chosen, "word"))


def _read(release: PressRelease) -> Content:
    return publishing.read_document(release, timezone.now())


def _take(
    pages: ModelAdmin, request: HttpRequest, release: PressRelease, word: ReturnedWord
) -> HttpResponse:
    """Write what was ticked as the draft's own form would, or nothing."""
    asked = request.POST.getlist("change")
    with transaction.atomic():
        stored = publishing.lock(release)
        if stored.is_frozen:
            messages.warning(request, word_frozen(stored, "rien n’est repris"))
            return _show(pages, request, stored, ticked=asked)
        now = _read(stored)
        if request.POST.get("seen") != publishing.compute_digest(now):
            messages.warning(request, text.typeset(_CHANGED_MEANWHILE))
            return _show(pages, request, stored, ticked=asked, is_stale=True)
        comparison = _compare(word, stored, now)
        chosen = [each for each in comparison.changes if each.key in asked and each.can_be_taken]
        if not chosen:
            messages.warning(request, "Cochez au moins une correction à reprendre.")
            return _show(pages, request, stored, ticked=asked)
        form = _write(pages, request, word, stored, now, taking.make_values(stored, chosen))
        if form.errors:
            for sentence in _list_errors(form):
                messages.error(request, sentence)
            return _show(pages, request, publishing.lock(release), ticked=asked)
        word.leave(each.key for each in comparison.changes if each.key not in asked)
    count = text.counted(len(chosen), "correction reprise", "corrections reprises")
    messages.success(request, text.typeset(f"{count} dans le brouillon."))
    return HttpResponseRedirect(locate_release(release, "word"))


def _write(
    pages: ModelAdmin,
    request: HttpRequest,
    word: ReturnedWord,
    release: PressRelease,
    now: Content,
    values: dict[str, str | bool],
) -> Any:
    """Save what is taken, by the form where a person would have typed it, which says its errors."""
    region = editions.find_region(now, word.document.get("region", ""))
    if region:
        words = {OF_EDITION[field]: str(value) for field, value in values.items()}
        return take_words(release, now, region, words)
    form = _fill(pages, request, release, values)
    if form.is_valid():
        form.instance._change_reason = "Word corrigé repris"
        form.save()
    return form


def _fill(
    pages: ModelAdmin, request: HttpRequest, release: PressRelease, values: dict[str, str | bool]
) -> Any:
    """The draft's form, of the fields that change alone, as if these had been typed in it."""
    data = QueryDict(mutable=True)
    data["version"] = str(release.version)
    for name, value in values.items():
        if value is not False:  # What is not ticked is not sent.
            data[name] = str(value)
    form_class = pages.get_form(request, release, change=True, fields=[*values])
    return form_class(data, instance=release)


def _word_change(change: comparing.Change) -> tuple[str, str]:
    """A change as it is given back: where it belongs, and its words."""
    said = "\n\n".join(change.new) or text.typeset(f"Supprimer : « {change.old} »")
    return change.label, said


def _list_errors(form: Any) -> list[str]:
    return [
        text.typeset(f"Rien n’est repris. {capfirst(str(form.fields[name].label))} : {sentence}")
        if name in form.fields
        else str(sentence)
        for name, sentences in form.errors.items()
        for sentence in sentences
    ]


def _compare(word: ReturnedWord, release: PressRelease, now: Content) -> comparing.Comparison:
    kept = cast("DraftText", word.text)
    sent = Content.from_json(kept.content)
    document = Document.from_json(word.document)
    if document.region:
        sent, now = (editions.cut(each, release, document.region) for each in (sent, now))
    return comparing.compare(document, release, sent, kept.digest, now)


def _show(
    pages: ModelAdmin,
    request: HttpRequest,
    release: PressRelease,
    *,
    form: WordForm | None = None,
    origin: OriginForm | None = None,
    ticked: Collection[str] | None = None,
    is_stale: bool = False,
) -> HttpResponse:
    word = _find_word(request, release)
    now = _read(release)
    comparison = _compare(word, release, now) if word and word.text else None
    context = {
        **make_release_frame(pages, request, release, TITLE),
        "word": word,
        "form": None if release.is_frozen else form or WordForm(release=release),
        "refused": form.name_refused() if form else "",
        "origin": origin or OriginForm() if word and not word.text else None,
        "frozen": release.find_change_obstacle(),
        "is_sent": release.status == ReleaseStatus.SENT,
        "changes_address": locate_release(release, "changes"),
        "draft_address": locate_page(release, "change", release.pk),
        "seen": publishing.compute_digest(now),
        "mark": _identify(word),
        "had_ticked": ticked is not None,
    }
    if word and comparison:
        if ticked is None:
            sure = (change.key for change in comparison.changes if change.is_ticked)
            ticked = {*sure} - {*word.left}
        context |= describe(request, release, comparison, ticked, is_stale=is_stale)
        offered = {row.change.key: _word_change(row.change) for row in context["to_take"]}
        context["offered"] = signing.dumps(offered, salt=__name__, compress=True)
    return TemplateResponse(request, "labelling/release/returned.html", context)
