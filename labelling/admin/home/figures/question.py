"""What the figures are asked for: a day or a wave, and the earlier one they are compared with."""

from datetime import date
from typing import Any

from django import forms
from django.http import HttpRequest
from django.utils.http import urlencode

from labelling import text
from labelling.admin.addresses import locate_page
from labelling.admin.day_fields import DayField
from labelling.admin.doors import LegibleForm
from labelling.admin.home.menu import may_see
from labelling.figures import Between, Situation, make_situation
from labelling.models import LabellingWave, Site


def may_see_figures(request: HttpRequest) -> bool:
    return may_see(request, Site) and may_see(request, LabellingWave)


def locate_board(now: Situation, then: Situation | None) -> str:
    """Where the page for the board asks for the same."""
    asked = {"at": now, "since": then} if then else {"at": now}
    fields = {f"{name}_wave" if one.wave_name else name: one.key for name, one in asked.items()}
    return f"{locate_page(Site, 'board')}?{urlencode(fields)}"


def _make_wave_field(label: str) -> forms.ChoiceField:
    unknown = text.typeset("Cette vague n’existe pas : choisissez-en une dans la liste.")
    return forms.ChoiceField(
        label=label, required=False, error_messages={"invalid_choice": unknown}
    )


class FiguresForm(LegibleForm, forms.Form):
    """A sentence to fill in. What stays blank, or cannot be read, is today, and compares nothing.

    `now` and `then` are what could be read.
    """

    at = DayField(label="Situation au", required=False)
    at_wave = _make_wave_field("ou de la vague")
    since = DayField(label="comparée au", required=False)
    since_wave = _make_wave_field("ou à la vague")

    def __init__(self, data: Any, *, today: date) -> None:
        is_asked = any(data.get(name) for name in self.base_fields)
        super().__init__(data if is_asked else None)
        self.now: Situation = make_situation(today)
        self.then: Situation | None = None
        # Blank, the figures are of today: an example of another day would look like an answer.
        self.fields["at"].widget.attrs["placeholder"] = text.short_date(today)
        waves = LabellingWave.objects.order_by("-effective_on").values_list("slug", "name")
        choices = [("", "–"), *waves]
        for name in ("at_wave", "since_wave"):
            self.fields[name].choices = choices  # type: ignore[attr-defined]  # of a ChoiceField

    def clean(self) -> None:
        self.now = self._read("at", "at_wave") or self.now
        self.then = self._read("since", "since_wave")
        if self.then and not Between(then=self.then, now=self.now).goes_forward:
            field, kind = ("since_wave", "vague") if self.then.wave_name else ("since", "date")
            last = text.long_date(self.now.standing_on)
            sentence = f"Les chiffres s’arrêtent au {last} : comparez-les à une {kind} d’avant."
            self.add_error(field, text.typeset(sentence))
            self.then = None

    def _read(self, day: str, wave: str) -> Situation | None:
        chosen_day, slug = self.cleaned_data.get(day), self.cleaned_data.get(wave)
        if chosen_day and slug:
            self.add_error(wave, text.typeset("Une date ou une vague : effacez l’une des deux."))
            return None
        moment = chosen_day or (slug and LabellingWave.objects.filter(slug=slug).first())
        return make_situation(moment) if moment else None
