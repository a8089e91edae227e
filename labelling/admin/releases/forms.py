"""The form of a draft: rewritten sentences, what is missing beside each field, the live preview."""

from datetime import date
from typing import Any, cast

from django import forms
from django.core.exceptions import ValidationError
from django.http import QueryDict
from django.utils import timezone
from django.utils.html import format_html

from labelling import text
from labelling.admin.conflicts import RecordChoiceField, RecordForm
from labelling.admin.day_fields import DayField, MomentField
from labelling.admin.releases import asked
from labelling.admin.releases.frame import locate_release, render_document
from labelling.admin.releases.remarks import list_by_field
from labelling.models import LabellingWave, PressContact, PressRelease
from labelling.press_release import drafting, errata, publishing, questions
from labelling.press_release.composition import (
    DEFAULT_BRAND,
    leave_past_embargo_out,
    split_paragraphs,
)
from labelling.press_release.errata import Correction
from labelling.press_release.typesetting import typeset_text, without_typography

# A rectificatif has no figures for its other paragraphs to follow.
_FREE_SENTENCE = text.typeset(
    "Une phrase libre, par exemple sur le titre d’une personne : « Prénom Nom est secrétaire "
    "d’État. » Imprimée après les lignes à rectifier."
)
# The fields of a line are named after the parts of a Correction.
_ROW = ("where", "before", "after")
_BLANK_ROW = Correction(**dict.fromkeys(_ROW, ""))
_LONG = ("own_lead", "own_newcomers", "own_figures", "own_network", "own_ends")


class SentenceWidget(forms.Textarea):
    """A sentence to rewrite, with the derived one beside it. `computed` is set for each page."""

    template_name = "labelling/release/sentence_widget.html"
    computed = ""

    def get_context(self, name: str, value: Any, attrs: Any) -> dict[str, Any]:
        return {**super().get_context(name, value, attrs), "computed": self.computed}


class ErrataWidget(forms.Widget):
    """The lines of a « rectificatif », each in three fields; what is stored is one text.

    Blank ones are dropped. One may be unfinished: it is said beside the field, and refused when
    validating.
    """

    template_name = "labelling/release/errata_widget.html"

    class Media:
        js = (forms.Script("labelling/errata.js", defer=True),)

    def format_value(self, value: Any) -> str:
        return "\n".join(row.typed for row in errata.read_rows(value or ""))

    def get_context(self, name: str, value: Any, attrs: Any) -> dict[str, Any]:
        rows = [*errata.read_rows(value or ""), *[_BLANK_ROW] * 2]
        return {**super().get_context(name, value, attrs), "rows": rows}

    def value_from_datadict(self, data: Any, files: Any, name: str) -> str:
        if name in data:  # Where the forms of two people are merged: the lines of the other one.
            return self.format_value(data[name])
        lines: list[str] = []
        while f"{name}-{len(lines)}-where" in data:
            cells = {part: data.get(f"{name}-{len(lines)}-{part}", "") for part in _ROW}
            flat = {part: " ".join(filter(None, cell.splitlines())) for part, cell in cells.items()}
            lines.append(Correction(**flat).typed)
        return self.format_value("\n".join(lines))


class ReleaseForm(RecordForm):
    """What a person says in a release."""

    instance: PressRelease

    # Set by the page: nothing below it reads the clock or knows the person.
    day: date
    may_change_wave: bool
    # What a button put in its field.
    taken: questions.Offer | None = None

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.is_answering = self.is_bound and bool({asked.TAKE, asked.LIST_DAY} & self.data.keys())
        if self.is_answering and asked.TAKE in self.data:
            self._take_over(self.data[asked.TAKE])
        if "contact" in self.fields:
            self.fields["contact"].queryset = _find_contacts(self.instance.contact_id, self.day)  # type: ignore[attr-defined]
        if "closing" in self.fields and self.instance.is_erratum:
            self.fields["closing"].help_text = _FREE_SENTENCE
        if "wave" in self.fields:
            # One that has its release by now is refused with that sentence, not as unknown.
            waves = LabellingWave.objects.all()
            offered = waves if self.is_bound else waves.without_release()
            self.fields["wave"].queryset = offered  # type: ignore[attr-defined]

    def _take_over(self, key: str) -> None:
        """Add to what was typed the paragraph that was asked for."""
        if offer := questions.find_offer(self.instance, key):
            self.taken = offer
            data = cast(QueryDict, self.data).copy()
            data[offer.field] = offer.add_to(data.get(offer.field, ""))
            self.data = data

    def is_valid(self) -> bool:
        """Whether it is to be saved: an answer to a question saves nothing of the draft."""
        return super().is_valid() and not self.is_answering

    def clean_wave(self) -> LabellingWave:
        """Refuse a second release of a wave, and say which one it has."""
        wave: LabellingWave = self.cleaned_data["wave"]
        existing = PressRelease.objects.originals().filter(wave=wave).first()
        if existing:
            link = format_html('<a href="{}">{}</a>', locate_release(existing), existing)
            sentence = text.typeset("Cette vague a déjà son communiqué : ")
            raise ValidationError(format_html("{}{}.", sentence, link))
        return wave

    def clean(self) -> dict[str, Any] | None:
        """Set what was typed as it will be printed, where the person sees it."""
        cleaned = super().clean()
        for name in set(PressRelease.TYPESET) & set(self.cleaned_data):
            self.cleaned_data[name] = typeset_text(self.cleaned_data[name])
        return cleaned

    def save(self, commit: bool = True) -> Any:
        """Save. A sentence that says what it would say by itself stays derived."""
        release = self.instance
        computed = drafting.compute_sentences(release, publishing.compose_draft(release))
        for name, sentence in computed.items():
            own = " ".join(split_paragraphs(getattr(release, name)))
            if without_typography(own) == without_typography(sentence):
                setattr(release, name, "")
        return super().save(commit)

    def read_release(self) -> PressRelease | None:
        """The release as it is being typed, not saved; None as long as it has no wave."""
        release = self.instance
        if not self.is_bound and release._state.adding:
            for name in set(self.initial) & set(self.fields) - {"version"}:
                value = self.initial[name]
                field: Any = release._meta.get_field(name)
                setattr(release, field.attname, field.to_python(getattr(value, "pk", value)))
        if not release.wave_id:
            return None
        release.brand = release.brand or DEFAULT_BRAND
        release.issued_on = release.issued_on or self.day
        return release

    def list_unread_days(self) -> dict[str, list[str]]:
        """What was typed that is no day or no hour, by field: said before one saves."""
        return {
            name: [str(sentence) for sentence in self.errors[name]]
            for name, field in self.fields.items()
            if isinstance(field, DayField | MomentField) and self.has_error(name, "invalid")
        }

    def _ask(self) -> None:
        """Set beside each field what is asked there."""
        beside: dict[str, list[asked.Question]] = {}
        for offer in questions.list_offers(self.instance):
            beside.setdefault(offer.field, []).append(asked.ask_about(offer))
        may_answer = self.instance.wave_id and self.may_change_wave
        if may_answer and (days := questions.find_list_day(self.instance)):
            beside["issued_on"] = [asked.ask_list_day(self.instance.wave, days)]
        for name, field in self.fields.items():
            field.questions = beside.get(name, [])  # type: ignore[attr-defined]

    def say_what_it_would_print(self) -> dict[str, Any]:
        """Set beside each field what it would say by itself and what is wrong with it.

        Return what the page shows beside the form: the document, and the same by field.
        """
        release = self.read_release()
        self._ask()
        if release is None:
            return {"body": "", "computed": {}, "findings": {}}
        document = publishing.compose_draft(release)
        computed = drafting.compute_sentences(release, document)
        by_field = list_by_field(release, document, self.day)
        for name, field in self.fields.items():
            if isinstance(field.widget, SentenceWidget):
                field.widget.computed = computed.get(name, "")
            field.findings = by_field.get(name, [])  # type: ignore[attr-defined]
        shown = leave_past_embargo_out(document, release, timezone.now())
        return {
            "body": render_document(shown),
            "computed": computed,
            "findings": by_field,
        }


def make_formfield(db_field: Any) -> Any:
    """The form's field, for those that the stock admin would make unfit; None for the others."""
    if db_field.name in PressRelease.OWN_SENTENCES.values():
        rows = 4 if db_field.name in _LONG else 2
        return db_field.formfield(widget=SentenceWidget(attrs={"rows": rows}))
    if db_field.name == "errata":
        # Not stripped: an empty « Lire » leaves a space at the end of the stored line.
        return db_field.formfield(widget=ErrataWidget, strip=False)
    if db_field.name == "embargo_until":
        return db_field.formfield(form_class=MomentField)
    if db_field.name == "contact":
        return db_field.formfield(form_class=RecordChoiceField, empty_label="Aucun contact")
    if db_field.name == "wave":
        return db_field.formfield(form_class=RecordChoiceField, empty_label="Choisissez la vague")
    return None


def list_fieldsets(release: PressRelease | None, *, read_only: bool) -> Any:
    """The form reads like the page: an erratum has its lines where the others have figures."""
    embargo, contact = (
        ("embargo_as_read", "contact_as_read") if read_only else ("embargo_until", "contact")
    )
    head = ("wave", "place", "issued_on", embargo, contact, "brand")
    if release and release.is_erratum:
        errata = "errata_as_read" if read_only else "errata"
        return (
            (None, {"fields": head}),
            ("Rectificatif", {"fields": ("own_title", "own_lead", errata, "closing")}),
            ("Lignes rectifiées", {"fields": ("own_list_title",)}),
            ("À propos de l’Union", {"fields": ("about",)}),
        )
    # What is printed is read in the document: who may only read has nothing to tick.
    newcomers, ends = (
        ("own_newcomers", *([] if read_only else ["prints_newcomers"])),
        ("own_ends", *([] if read_only else ["prints_ends"])),
    )
    return (
        (None, {"fields": head}),
        ("Titre et chapô", {"fields": ("own_title", "own_lead")}),
        (
            "Texte",
            {
                "fields": (
                    newcomers,
                    "attendance",
                    "own_figures",
                    "own_network",
                    "network_detail",
                    ends,
                    "closing",
                )
            },
        ),
        ("Citation", {"fields": ("quote", "quote_name", "quote_role")}),
        ("Liste", {"fields": ("own_list_title", *([] if read_only else ["prints_map"]))}),
        ("À propos de l’Union", {"fields": ("about",)}),
    )


def _find_contacts(contact_id: Any, day: date) -> Any:
    """The contacts that may be named, and the one that is, even if it no longer may."""
    contacts = PressContact.objects.proposed_on(day)
    return contacts | PressContact.objects.filter(pk=contact_id)
