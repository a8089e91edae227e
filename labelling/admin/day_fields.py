"""Days and hours in forms: typed as people write them, shown again as they were typed."""

from datetime import date, datetime, time
from typing import Any

from django import forms
from django.contrib.admin.widgets import AdminDateWidget
from django.core.exceptions import ValidationError
from django.utils import timezone

from labelling import days, text
from labelling.spreadsheets.widgets import quote

_AS_TYPED = {"autocomplete": "off", "maxlength": days.LONGEST}


class DayInput(AdminDateWidget):
    """A day. No keyboard of digits alone: a month may be written in letters."""

    def __init__(self, attrs: Any = None) -> None:
        super().__init__({**_AS_TYPED, "placeholder": days.EXAMPLE, "size": 16, **(attrs or {})})


class DayField(forms.DateField):
    """A day, in each way that imports take, of the years of the Union."""

    widget = DayInput

    def to_python(self, value: Any) -> date | None:
        if isinstance(value, str) and (typed := value.strip()):
            try:
                return days.read_day(typed)
            except days.DayError as refusal:
                raise _refuse(typed, refusal.reason) from None
        return None if isinstance(value, str) else value


class HourInput(forms.TextInput):
    """An hour of a day."""

    def __init__(self, attrs: Any = None) -> None:
        shown = {"class": "hour", "placeholder": text.clock_time(10, 0)}
        super().__init__({**_AS_TYPED, **shown, **(attrs or {})})

    def format_value(self, value: Any) -> Any:
        return text.clock_time(value.hour, value.minute) if isinstance(value, time) else value


class HourField(forms.Field):
    """An hour of a day: « 10 h », « 10h30 », « 10:30 », « 10 »."""

    widget = HourInput

    def to_python(self, value: Any) -> time | None:
        if isinstance(value, str) and (typed := value.strip()):
            try:
                return days.read_hour(typed)
            except days.DayError as refusal:
                raise _refuse(typed, refusal.reason) from None
        return None if isinstance(value, str) else value


class MomentInput(forms.MultiWidget):
    """A day, and the hour beside it with a label of its own; the field's label is the day's."""

    template_name = "labelling/moment_input.html"
    use_fieldset = False

    def __init__(self, attrs: Any = None) -> None:
        super().__init__((DayInput, HourInput), attrs)

    def decompress(self, value: datetime | None) -> list[Any]:
        if value is None:
            return [None, None]
        local = timezone.localtime(value)
        return [local.date(), local.time()]

    def id_for_label(self, id_: str) -> str:
        return id_ and f"{id_}_0"


class MomentField(forms.MultiValueField):
    """A day and an hour, in local time: both, or neither."""

    widget = MomentInput

    def __init__(self, **kwargs: Any) -> None:
        fields = (DayField(required=False), HourField(required=False))
        super().__init__(fields, require_all_fields=False, **kwargs)

    def compress(self, data_list: list[Any]) -> datetime | None:
        day, hour = data_list or (None, None)
        if day and hour is not None:
            return self._make_moment(day, hour)
        if day:
            example = text.clock_time(10, 0)
            reason = f"il manque l’heure. Écrivez-la ainsi : {example}, ou effacez aussi la date."
            raise _refuse(text.short_date(day), reason)
        if hour is not None:
            reason = f"il manque la date. {days.HOW[:-1]}, ou effacez aussi l’heure."
            raise _refuse(text.clock_time(hour.hour, hour.minute), reason)
        return None

    def _make_moment(self, day: date, hour: time) -> datetime:
        try:
            return days.make_moment(day, hour, timezone.get_current_timezone())
        except days.DayError as refusal:
            shown = f"{text.short_date(day)} à {text.clock_time(hour.hour, hour.minute)}"
            raise _refuse(shown, refusal.reason) from None


def _refuse(typed: str, reason: str) -> ValidationError:
    return ValidationError(text.typeset(f"{quote(typed)} : {reason}"), code="invalid")
