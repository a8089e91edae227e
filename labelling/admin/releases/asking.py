"""The answers to what a draft asks: the same page, all that was typed, and what was done."""

from datetime import date

from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import HttpRequest

from labelling import text
from labelling.admin.releases.asked import LIST_DAY
from labelling.admin.releases.forms import ReleaseForm
from labelling.models.base import StaleRecord
from labelling.press_release import questions
from labelling.press_release.publishing import NotDone


def answer(request: HttpRequest, form: ReleaseForm) -> None:
    """Do what the button of a question asks, and say it."""
    if LIST_DAY in request.POST:
        _close_list(request, form)
    elif form.taken:
        label = form[form.taken.field].label
        day = text.long_date(form.taken.issued_on)
        sentence = (
            f"Le texte du {day} est repris dans « {label} ». Relisez-le, puis enregistrez le "
            "brouillon."
        )
        messages.info(request, text.typeset(sentence))
    else:
        sentence = "Ce paragraphe n’est plus proposé : rien n’a été ajouté."
        messages.warning(request, text.typeset(sentence))


def _close_list(request: HttpRequest, form: ReleaseForm) -> None:
    """Keep the day on the wave: it is asked once, whatever becomes of the draft."""
    if not form.may_change_wave:
        raise PermissionDenied
    field, _, day = request.POST[LIST_DAY].partition(" ")
    release = form.instance
    if field not in ("announced_on", "list_closed_on") or not release.wave_id:
        raise PermissionDenied
    try:
        release.wave = questions.answer_list_day(release.wave, field, date.fromisoformat(day))
    except (StaleRecord, NotDone, ValidationError, ValueError) as refusal:
        messages.error(request, _word_refusal(refusal))
        return
    sentence = f"La liste de {text.the_wave(release.wave.name)} est arrêtée au "
    messages.success(
        request, text.typeset(f"{sentence}{text.long_date(release.wave.situation_on)}.")
    )


def _word_refusal(refusal: Exception) -> str:
    if isinstance(refusal, ValidationError):
        return " ".join(refusal.messages)
    return str(refusal)
