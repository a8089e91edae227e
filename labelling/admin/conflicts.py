"""Two people on the same record: the form that keeps what each of them typed."""

import json
from dataclasses import dataclass
from typing import Any, cast

from django import forms
from django.core.exceptions import ValidationError
from django.db.models import BaseConstraint, Field, ForeignKey
from django.forms.boundfield import BoundField
from django.forms.utils import ErrorDict
from django.http import QueryDict
from django.utils import timezone
from django.utils.html import format_html

from labelling import text
from labelling.admin import history
from labelling.admin.addresses import locate_page
from labelling.admin.doors import LegibleForm, read_number
from labelling.models import Record
from labelling.models.deleted import find_holder

# What was typed but is not a value of its field: it differs from all others.
_UNREADABLE = object()


@dataclass(frozen=True, kw_only=True)
class Clash:
    """A field that both people changed.

    `taken` is what its inputs hold once the other's value is taken: a JSON object, by their ids.
    """

    field: BoundField
    mine: str
    theirs: str
    taken: str


class RecordChoiceField(forms.ModelChoiceField):
    """A choice among records; it names the one that was deleted since the page was opened."""

    def to_python(self, value: Any) -> Any:
        try:
            return super().to_python(value)
        except ValidationError as refusal:
            if sentence := history.word_deletion(self.queryset.model, value):  # type: ignore[union-attr]
                raise ValidationError(sentence, code="invalid_choice") from refusal
            raise


class RecordForm(LegibleForm, forms.ModelForm):
    """A form that knows the version it was opened at.

    Where somebody saved since, nothing is written: the form comes back with their values in the
    fields this person left alone, this person's values in the others, and both values shown where
    both changed something. Sent again, it is accepted.
    """

    version = forms.IntegerField(widget=forms.HiddenInput, required=False)

    # Set when somebody saved in the meantime: the sentence, and the fields both changed.
    conflict: str = ""
    clashes: tuple[Clash, ...] = ()

    instance: Record

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.initial["version"] = self.instance.version

    def clean(self) -> dict[str, Any] | None:
        cleaned = super().clean()
        record = self.instance
        if record.pk and self.cleaned_data.get("version") != record.version:
            opened = history.find_values_at(record, self.cleaned_data.get("version"))
            fields = self._list_shown_fields().values()
            if opened and all(opened[f.attname] == getattr(record, f.attname) for f in fields):
                # Only what this form does not show has changed: a place in a list, for instance.
                self.cleaned_data["version"] = record.version
            else:
                self._merge(record, opened)
                raise ValidationError(self.conflict, code="conflict")
        return cleaned

    def _post_clean(self) -> None:
        super()._post_clean()  # type: ignore[misc]  # the stubs leave it out
        for constraint in self.instance._meta.constraints:
            self._link_holder(constraint)

    def _link_holder(self, constraint: BaseConstraint) -> None:
        """Where the record breaks a constraint on what must be unique, lead to who has it."""
        sentence = constraint.violation_error_message
        told = [error for errors in self.errors.values() for error in errors.as_data()]
        refusals = [error for error in told if error.message == sentence]
        if refusals and (holder := find_holder(constraint, self.instance)):
            address = locate_page(holder, "change", holder.pk)
            for refusal in refusals:
                refusal.message = format_html(
                    '{} <a href="{}">Voir « {} »</a>', sentence, address, holder
                )

    def list_typed(self, opened: dict[str, Any] | None) -> list[tuple[str, str]]:
        """What this person typed, in words, each under the name of its field, where it is not what
        it was `opened` with. What was left blank is only told beside that."""
        # Each value by itself: what it would make of the record, nobody asks any more.
        self._errors, self.cleaned_data = ErrorDict(), {}
        self._clean_fields()  # type: ignore[attr-defined]  # the stubs leave it out
        typed = []
        for name, field in self._list_shown_fields().items():
            mine, bound = self._read_typed(name), self[name]
            words = _word_mine(bound, field, mine)
            blank = history.word_value(field, None)
            if mine != opened[field.attname] if opened else words != blank:
                typed.append((str(bound.label), words))
        return typed

    def _merge(self, record: Record, opened: dict[str, Any] | None) -> None:
        """Put the other person's values where this one typed nothing."""
        data = cast(QueryDict, self.data).copy()
        clashes = []
        for name, field in self._list_shown_fields().items():
            theirs, mine = record.serializable_value(name), self._read_typed(name)
            if opened is None:
                # The version this page was opened at is unknown: every difference is shown.
                untouched, clash = False, mine != theirs
            else:
                base = opened[field.attname]
                untouched = mine == base
                clash = not untouched and theirs not in (base, mine)
            bound = self[name]
            if untouched:
                data.update(_format_as_sent(bound, theirs))
            elif clash:
                clashes.append(self._make_clash(bound, field, mine, theirs))
        data[self.add_prefix("version")] = str(record.version)
        self.data = data
        self.clashes = tuple(clashes)
        self.conflict = _word_conflict(record)

    def _make_clash(self, bound: BoundField, field: Field, mine: Any, theirs: Any) -> Clash:
        sent = _format_as_sent(bound, theirs)
        return Clash(
            field=bound,
            mine=_word_mine(bound, field, mine),
            theirs=history.word_value(field, theirs),
            taken=json.dumps({str(self.auto_id) % name: value for name, value in sent.items()}),
        )

    def _list_shown_fields(self) -> dict[str, Field]:
        editable = {f.name: f for f in self.instance._meta.concrete_fields if f.editable}
        return {name: editable[name] for name in self.fields if name in editable}

    def _read_typed(self, name: str) -> Any:
        """What this person sent, as the record would hold it."""
        if name not in self.cleaned_data:
            return _UNREADABLE
        value = self.cleaned_data[name]
        return value.pk if isinstance(value, Record) else value


def _word_mine(bound: BoundField, field: Field, mine: Any) -> str:
    """What this person sent, in words: if it is no value, what stands in the inputs."""
    if mine is not _UNREADABLE:
        return history.word_value(field, mine)
    typed = bound.value()
    if isinstance(field, ForeignKey):
        # A record that is not there any more: its key says nothing.
        return history.word_value(field, read_number(typed))
    written = " ".join(filter(None, typed)) if isinstance(typed, list) else typed
    return str(written) if written else history.word_value(field, None)


def _format_as_sent(bound: BoundField, value: Any) -> dict[str, str]:
    """`value` as the inputs of the field would send it, by their names."""
    widget, shown = bound.field.widget, bound.field.prepare_value(value)
    if isinstance(widget, forms.MultiWidget):
        inputs = widget.get_context(bound.html_name, shown, {})["widget"]["subwidgets"]
        return {part["name"]: part["value"] or "" for part in inputs}
    sent: Any = widget.format_value(shown)
    if isinstance(sent, list):  # A choice: the widget lists what is selected.
        sent = sent[0] if sent else ""
    if isinstance(value, bool) and sent is None:  # A tick has no value of its own.
        sent = str(value).lower()
    return {bound.html_name: "" if sent is None else str(sent)}


def _word_conflict(record: Record) -> str:
    latest = history.find_latest(record)
    who, when = "Une autre personne", ""
    if latest:
        who = history.name_author(latest) or who
        at = timezone.localtime(latest.history_date)
        is_today = at.date() == timezone.localdate()
        when = f" à {text.clock_time(at.hour, at.minute)}" if is_today else f" le {text.moment(at)}"
    return (
        f"{who} a modifié cette fiche{when}, pendant que vous l’aviez ouverte. Rien de votre "
        f"saisie n’est perdu{text.NO_BREAK_SPACE}: choisissez ce qu’il faut garder."
    )
