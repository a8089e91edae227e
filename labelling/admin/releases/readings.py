"""« Relectures » of a draft: asked, received, taken back, and what changed since each of them."""

from collections import Counter
from dataclasses import dataclass, field
from typing import Any

from django import forms
from django.contrib import messages
from django.contrib.admin import ModelAdmin
from django.contrib.auth.models import User
from django.core.exceptions import ValidationError
from django.db.models import QuerySet
from django.http import (
    Http404,
    HttpRequest,
    HttpResponse,
    HttpResponseNotAllowed,
    HttpResponseRedirect,
)
from django.template.response import TemplateResponse
from django.utils import timezone

from labelling import text
from labelling.access.keepers import list_open
from labelling.admin.day_fields import DayField
from labelling.admin.doors import LegibleForm
from labelling.admin.releases.frame import READ, locate_release, make_release_frame
from labelling.choices import ReadingAnswer, ReadingWay
from labelling.models import PressRelease, Proofreading, ReturnedWord
from labelling.models.base import name_user
from labelling.models.proofreading import LONGEST_NAME, LONGEST_NOTE
from labelling.press_release import proofreading, publishing
from labelling.press_release.content import Content
from labelling.press_release.proofreading import Reading
from labelling.press_release.publishing import NotDone

# Where an answer is written, on the page of the document.
ANSWER = "votre-relecture"
TO_ASK = "labelling.change_pressrelease"
_MOST_VERSIONS = 20
_STANDING = "Le brouillon tel qu’il est maintenant"


class AskingForm(LegibleForm, forms.Form):
    """Who is asked to read a draft, and what they are told."""

    readers = forms.MultipleChoiceField(
        label="À qui",
        widget=forms.CheckboxSelectMultiple,
        help_text=(
            "La demande s’affiche à leur accueil, dans « À faire ». Aucun courriel ne part d’ici : "
            "prévenez-les si cela presse."
        ),
        error_messages={"required": "Cochez au moins une personne."},
    )
    note = forms.CharField(
        label="Message (facultatif)",
        required=False,
        max_length=LONGEST_NOTE,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text="Ce qu’il faut relire, et pour quand.",
    )

    def __init__(self, *args: Any, people: QuerySet[User], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.people = {str(person.pk): person for person in people}
        choices: Any = self.fields["readers"]
        names = Counter(map(name_user, self.people.values()))
        choices.choices = [
            (key, name if names[name] == 1 else f"{name} ({person.get_username()})")
            for key, person in self.people.items()
            for name in [name_user(person)]
        ]

    def list_readers(self) -> list[User]:
        return [self.people[key] for key in dict.fromkeys(self.cleaned_data["readers"])]


class AnswerForm(LegibleForm, forms.Form):
    """What somebody says of a draft that they have read."""

    answer = forms.ChoiceField(
        label="Réponse",
        choices=ReadingAnswer.choices,
        widget=forms.RadioSelect,
        error_messages={"required": "Choisissez « Relu » ou « À revoir »."},
    )
    note = forms.CharField(
        label="Remarques",
        required=False,
        max_length=LONGEST_NOTE,
        widget=forms.Textarea(attrs={"rows": 4}),
        help_text="Avec « À revoir », dites ce qui est à revoir.",
    )

    def clean(self) -> dict[str, Any]:
        kept = self.cleaned_data
        if kept.get("answer") == ReadingAnswer.REVIEW and not kept.get("note", "x").strip():
            self.add_error("note", "Dites ce qui est à revoir.")
        return kept


class ReceivedForm(AnswerForm):
    """A reading that came by mail or by telephone."""

    field_order = ("name", "way", "day", "version", "answer", "note")

    name = forms.CharField(
        label="Qui a relu",
        max_length=LONGEST_NAME,
        help_text="Prénom et nom. Si une relecture lui est demandée ici, c’est sa réponse.",
    )
    way = forms.ChoiceField(
        label="Reçue par",
        choices=[(way.value, way.label) for way in ReadingWay if way is not ReadingWay.HERE],
        widget=forms.RadioSelect,
        error_messages={"required": "Choisissez « Courriel » ou « Téléphone »."},
    )
    day = DayField(label="Le", error_messages={"required": "Donnez le jour de la réponse."})
    version = forms.ChoiceField(
        label="Version lue",
        required=False,
        help_text="Celles que quelqu’un a lues ou téléchargées.",
    )

    def __init__(self, *args: Any, release: PressRelease, digest: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        kept = release.draft_texts.exclude(digest=digest).defer("content").order_by("-pk")
        self.versions = {str(one.pk): one for one in kept[:_MOST_VERSIONS]}
        choices: Any = self.fields["version"]
        choices.choices = [
            ("", "La version validée" if release.is_frozen else _STANDING),
            *((key, f"Celle du {text.moment(one.made_at)}") for key, one in self.versions.items()),
        ]
        self.fields["day"].initial = timezone.localdate()

    def clean_day(self) -> Any:
        day = self.cleaned_data["day"]
        if day > timezone.localdate():
            raise ValidationError(
                f"Le {text.long_date(day)} est à venir : donnez le jour de la réponse."
            )
        return day


@dataclass(frozen=True, kw_only=True)
class Readings:
    """What the page of a release shows of its readings, and what this person may do there."""

    rows: list[Reading] = field(default_factory=list)
    # The open request to this person, the form of their answer, and the version that they read.
    own: Proofreading | None = None
    form: AnswerForm | None = None
    seen: str = ""
    may_ask: bool = False
    may_note: bool = False
    # Of the version that this one takes the place of, to be read alone.
    former: list[Reading] = field(default_factory=list)


def describe_readings(
    request: HttpRequest, release: PressRelease, document: Content, form: AnswerForm | None
) -> Readings:
    """The readings of a release. Of one that is to be read on this page, the version is kept."""
    rows = proofreading.list_readings(release, document)
    former = proofreading.list_readings(release.replaces, document) if release.replaces else []
    if not proofreading.takes_answers(release):
        return Readings(rows=rows, former=former)
    may_note = request.user.has_perm(TO_ASK)
    own = next((one.row for one in rows if _is_asked_of(one.row, request.user)), None)
    if own:
        proofreading.keep(release, document)
    return Readings(
        rows=rows,
        own=own,
        form=(form or AnswerForm()) if own else None,
        seen=publishing.compute_digest(document),
        may_ask=may_note and not release.is_frozen,
        may_note=may_note,
        former=former,
    )


def _is_asked_of(row: Proofreading, user: Any) -> bool:
    return not row.answer and row.reader_id == user.pk


def word_remaining(release: PressRelease, final: Content) -> list[str]:
    """What who validates is told of the readings."""
    return proofreading.word_remaining(proofreading.list_readings(release, final))


def list_open_words(release: PressRelease) -> list[ReturnedWord]:
    """The Word files dropped on a draft that nobody has said to be done with."""
    if release.is_frozen:
        return []
    return list(release.returned_words.select_related("read_by").defer("document"))


def list_colleagues(user: Any) -> QuerySet[User]:
    """Those whom one may ask: who has an open access and may see releases, but oneself."""
    readers: Any = User.objects.with_perm("labelling.view_pressrelease")
    people = list_open().filter(pk__in=readers).exclude(pk=user.pk)
    return people.order_by("last_name", "first_name", "pk")


def ask_page(pages: ModelAdmin, request: HttpRequest, release: PressRelease) -> HttpResponse:
    """« Demander une relecture »: to whom, with which message."""
    if response := _lead_away(request, release, is_open=not release.is_frozen):
        return response
    waiting = release.proofreadings.open().exclude(reader=None)
    people = list_colleagues(request.user).exclude(pk__in=waiting.values("reader"))
    form = AskingForm(request.POST if request.method == "POST" else None, people=people)
    if request.method == "POST" and form.is_valid():
        try:
            asked = proofreading.ask(
                release,
                form.list_readers(),
                by=request.user,
                note=form.cleaned_data["note"],
                at=timezone.now(),
            )
        except NotDone as refusal:
            messages.warning(request, str(refusal))
        else:
            names = text.enumeration([row.name for row in asked])
            said = f"Relecture demandée à {names}." if asked else "Elle était déjà demandée."
            messages.success(request, said)
        return HttpResponseRedirect(locate_release(release))
    context = {
        **make_release_frame(pages, request, release, "Demander une relecture"),
        "form": form,
        "waiting": waiting.with_people(),
        "nobody": not form.people,
        "button": "Demander la relecture",
    }
    return TemplateResponse(request, "labelling/release/reading_form.html", context)


def note_page(pages: ModelAdmin, request: HttpRequest, release: PressRelease) -> HttpResponse:
    """« Consigner une relecture reçue »: who read, what they said, by which way."""
    if response := _lead_away(request, release, is_open=proofreading.takes_answers(release)):
        return response
    now = timezone.now()
    digest = publishing.compute_digest(publishing.read_document(release, now))
    data = request.POST if request.method == "POST" else None
    form = ReceivedForm(data, release=release, digest=digest)
    if request.method == "POST" and form.is_valid():
        kept = form.cleaned_data
        try:
            row = proofreading.note_received(
                release,
                name=kept["name"],
                way=ReadingWay(kept["way"]),
                day=kept["day"],
                version=form.versions.get(kept["version"]),
                answer=ReadingAnswer(kept["answer"]),
                note=kept["note"],
                by=request.user,
                at=now,
            )
        except NotDone as refusal:
            messages.warning(request, str(refusal))
        else:
            said = f"{row.name} : « {ReadingAnswer(row.answer).label} » est consigné."
            messages.success(request, text.typeset(said))
        return HttpResponseRedirect(locate_release(release))
    context = {
        **make_release_frame(pages, request, release, "Consigner une relecture reçue"),
        "form": form,
        "calendar": forms.Media(js=["admin/js/core.js"]) + form.media,
        "button": "Consigner la relecture",
    }
    return TemplateResponse(request, "labelling/release/reading_form.html", context)


def withdraw(request: HttpRequest, release: PressRelease, reading_id: int) -> HttpResponse:
    """« Retirer la demande »: of a reading that nobody answered."""
    if request.method != "POST":
        return HttpResponseNotAllowed(["POST"])
    row = release.proofreadings.with_people().filter(pk=reading_id).first()
    try:
        if row is None:
            raise NotDone("Cette demande de relecture a déjà été retirée.")
        proofreading.withdraw(row)
    except NotDone as refusal:
        messages.warning(request, str(refusal))
    else:
        messages.success(request, text.typeset(f"{row.name} : la demande est retirée."))
    return HttpResponseRedirect(locate_release(release))


def reading_page(
    pages: ModelAdmin, request: HttpRequest, release: PressRelease, reading_id: int
) -> HttpResponse:
    """What changed since the version that somebody read, word by word."""
    if request.method not in READ:
        return HttpResponseNotAllowed([*READ, "POST"])
    standing = publishing.read_document(release, timezone.now())
    found = proofreading.list_readings(release, standing)
    reading = next((one for one in found if one.row.pk == reading_id), None)
    if reading is None:
        raise Http404
    context = {
        **make_release_frame(
            pages, request, release, f"Relecture {text.of_name(reading.row.name)}"
        ),
        "reading": reading,
    }
    return TemplateResponse(request, "labelling/release/reading.html", context)


def _lead_away(
    request: HttpRequest, release: PressRelease, *, is_open: bool
) -> HttpResponse | None:
    """What is answered where nothing can be asked or noted any more."""
    if request.method not in (*READ, "POST"):
        return HttpResponseNotAllowed([*READ, "POST"])
    if is_open:
        return None
    sentence = "Ce communiqué est validé : il ne se relit plus. Ses relectures sont gardées."
    messages.warning(request, text.typeset(sentence))
    return HttpResponseRedirect(locate_release(release))
