"""The journal de diffusion of a release: what is noted, removed, or taken back whole."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone

from labelling import text
from labelling.choices import DispatchRemovalReason, Event, ReleaseStatus
from labelling.models import Dispatch, JournalEntry, PressRelease
from labelling.models.record_sets import unguarded
from labelling.press_release import publishing
from labelling.press_release.publishing import AlreadyDone, NotDone, Outdated

MOST_DISPATCHES = 100


def make_token(release: PressRelease) -> str:
    """What tells that a release and its journal de diffusion are still those that were shown."""
    keys = release.dispatches.order_by("pk").values_list("pk", flat=True)
    return "-".join(map(str, (release.version, *keys)))


def check(dispatch: Dispatch, at: datetime) -> None:
    """Raise ValidationError, by field, for a line that cannot be true `at` that moment."""
    release, now = dispatch.release, timezone.localtime(at)
    if dispatch.left_on > now.date():
        _refuse(
            "left_on",
            f"Le {text.long_date(dispatch.left_on)} est à venir : donnez le jour où il est parti.",
        )
    hour = dispatch.left_at
    if hour and dispatch.left_on == now.date() and hour > now.time():
        spoken = text.clock_time(hour.hour, hour.minute)
        _refuse("left_at", f"Il n’est pas encore {spoken} : donnez l’heure où il est parti.")
    if obstacle := publishing.find_day_obstacle(release, dispatch.left_on):
        _refuse("left_on", obstacle)
    until = release.embargo_until and timezone.localtime(release.embargo_until)
    if until and hour is None and until.date() == dispatch.left_on:
        spoken = text.clock_time(until.hour, until.minute)
        _refuse(
            "left_at",
            f"L’embargo finissait ce jour-là à {spoken} : donnez l’heure où il est parti.",
        )


def is_early(dispatch: Dispatch) -> bool:
    """Whether it left before the date that it bears, and no embargo explains it."""
    return dispatch.left_on < dispatch.release.issued_on and not dispatch.is_under_embargo


def note(
    release: PressRelease, noted: Sequence[Dispatch], *, by: Any, at: datetime, seen: str
) -> PressRelease:
    """Note dispatches, and mark the release as sent with the first ones. Return it.

    `seen` is the token of what was looked at. Raise AlreadyDone if all of them are noted, Outdated
    if somebody changed the release or its journal meanwhile, NotDone for what cannot be,
    ValidationError for a line that cannot be true.
    """
    with transaction.atomic():
        locked = publishing.lock(release)
        known = {_identify(one) for one in locked.dispatches.all()}
        new = {_identify(one): one for one in noted if _identify(one) not in known}
        if not new:
            raise AlreadyDone(
                f"{text.plural(len(noted), 'Cette diffusion est', 'Ces diffusions sont')} déjà "
                f"{text.plural(len(noted), 'notée')}. Rien n’a été fait deux fois."
            )
        if make_token(locked) != seen:
            raise Outdated(
                "Ce communiqué ou son journal de diffusion a changé depuis que vous avez ouvert "
                "cette page. Votre saisie est gardée : vérifiez qu’elle n’y est pas déjà, puis "
                "enregistrez."
            )
        if len(known) + len(new) > MOST_DISPATCHES:
            raise NotDone(
                f"Un journal de diffusion garde {MOST_DISPATCHES} lignes au plus : regroupez des "
                "destinataires, ou retirez d’abord des lignes."
            )
        for dispatch in new.values():
            dispatch.release, dispatch.noted_by, dispatch.noted_at = locked, by, at
            dispatch.full_clean()
            check(dispatch, at)
            dispatch.save()
        first = min(dispatch.left_on for dispatch in new.values())
        if locked.status != ReleaseStatus.SENT:
            return publishing.mark_as_sent(locked, on=first)
        if locked.sent_on and first < locked.sent_on:
            _move_first_day(locked, first)
    return locked


def remove(dispatch: Dispatch, *, by: Any, reason: DispatchRemovalReason, details: str) -> None:
    """Remove a line; the journal keeps it, and why. Raise NotDone for the only one.

    Raise AlreadyDone if it is gone already.
    """
    with transaction.atomic():
        release = publishing.lock(dispatch.release)
        lines = release.dispatches.all()
        if dispatch not in lines:
            raise AlreadyDone(f"La diffusion du {dispatch.word_moment()} a déjà été retirée.")
        if len(lines) == 1:
            raise NotDone(
                "C’est la seule diffusion notée. Notez d’abord la bonne, puis retirez celle-ci ; "
                "ou, si le communiqué n’est pas parti, retirez la marque « Envoyé »."
            )
        # Whom a line should not have named is named nowhere.
        names_people = reason == DispatchRemovalReason.PERSONAL
        JournalEntry.objects.note(
            Event.DISPATCH_REMOVED,
            author=by,
            model_key="pressrelease",
            record_id=release.pk,
            release=str(release),
            dispatch=dispatch.word_moment() if names_people else str(dispatch),
            reason=f"{reason.label} – {details}",
        )
        _delete([dispatch.pk])
        remaining = release.dispatches.first()
        if remaining and release.sent_on == dispatch.left_on != remaining.left_on:
            _move_first_day(release, remaining.left_on)


def find_taking_back_obstacle(release: PressRelease) -> str:
    """Why « Envoyé » stays; empty if it may be taken back."""
    correction = release.corrections.defer("content").order_by("pk").first()
    if correction and correction.is_frozen:
        sentence = (
            f"« {correction} » corrige ce communiqué : la marque « Envoyé » ne se retire plus."
        )
    elif correction:
        sentence = (
            f"« {correction} » est en préparation : supprimez d’abord ce brouillon, puis retirez "
            "la marque « Envoyé »."
        )
    elif release.sent_files.exists():
        sentence = (
            "Un fichier envoyé est joint : c’est la preuve qu’il est parti. S’il n’a rien à faire "
            "ici, retirez-le d’abord, avec un motif."
        )
    else:
        return ""
    return text.typeset(sentence)


def take_back(release: PressRelease, *, by: Any, seen: str) -> PressRelease:
    """Make a sent release a final version again; the journal keeps what was noted of it.

    Raise AlreadyDone if it is one, Outdated if somebody changed it since it was looked at, NotDone
    if something stands on it.
    """
    with transaction.atomic():
        locked = publishing.lock(release)
        if locked.status != ReleaseStatus.SENT:
            raise AlreadyDone(
                "Ce communiqué n’est pas marqué comme envoyé. Rien n’a été fait deux fois."
            )
        if obstacle := find_taking_back_obstacle(locked):
            raise NotDone(obstacle)
        if make_token(locked) != seen:
            raise Outdated(
                "Ce communiqué ou son journal de diffusion a changé depuis que vous avez ouvert "
                "cette page : rien n’a été retiré. Relisez, puis confirmez."
            )
        lines = [*locked.dispatches.all()]
        JournalEntry.objects.note(
            Event.SENDING_TAKEN_BACK,
            author=by,
            model_key="pressrelease",
            record_id=locked.pk,
            release=str(locked),
            sent_on=locked.sent_on.isoformat() if locked.sent_on else "",
            dispatches=[str(line) for line in lines],
        )
        _delete([line.pk for line in lines])
        locked.status, locked.sent_on = ReleaseStatus.FINAL, None
        locked._change_reason = "Marque « Envoyé » retirée"
        locked.save()
    return locked


def list_taken_out(release: PressRelease) -> list[str]:
    """A sentence for each thing that was noted and is no more, the first one first."""
    entries = JournalEntry.objects.filter(
        event__in=(Event.DISPATCH_REMOVED, Event.SENDING_TAKEN_BACK),
        model_key="pressrelease",
        record_id=release.pk,
    )
    return [_word_entry(entry) for entry in entries.order_by("at", "pk")]


def _word_entry(entry: JournalEntry) -> str:
    by = f" par {entry.author_name}" if entry.author_name else ""
    when = f"le {text.moment(entry.at)}{by}"
    if entry.event == Event.DISPATCH_REMOVED:
        return text.typeset(
            f"{entry.details['dispatch']} – retirée {when} : {entry.details['reason']}"
        )
    noted = " ; ".join(entry.details["dispatches"]) or "aucune diffusion n’était notée"
    return text.typeset(f"Marque « Envoyé » retirée {when} : {noted}")


def _move_first_day(release: PressRelease, day: Any) -> None:
    release.sent_on = day
    release._change_reason = "Journal de diffusion"
    release.save()


def _identify(dispatch: Dispatch) -> tuple[Any, ...]:
    """What makes two lines the same one, however it is spelt."""
    recipients = text.sort_key(dispatch.recipients)
    return (dispatch.left_on, dispatch.left_at, dispatch.channel, recipients)


def _delete(keys: Sequence[int]) -> None:
    # The rows that go: round the refusals of what is written once.
    rows = unguarded(Dispatch).filter(pk__in=keys)
    rows._raw_delete(rows.db)


def _refuse(field: str, sentence: str) -> None:
    raise ValidationError({field: text.typeset(sentence)})
