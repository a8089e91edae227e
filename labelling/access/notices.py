"""What others did to a person's access, told until the person has read it [S27]."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from django.db.models import Case, Value, When
from django.utils import timezone

from labelling import text
from labelling.access.tries import MOST_BY_ACCOUNT, Scope
from labelling.choices import Event
from labelling.models import Account, JournalEntry
from labelling.models.account import read_account
from labelling.models.base import name_user

# More are not read; locks, which strangers can make as many as they like, leave the others in.
_MOST = 100
_MOST_TOLD = 10
_LATELY = timedelta(days=30)
_NO_HARM = " Aucun n’était le bon ; si cela se répète, prévenez l’Union."
_ASK = "Si cela vous surprend, prévenez un autre responsable de l’Union."


@dataclass(frozen=True)
class Notices:
    """What a person is told: its sentences, and the entry of the journal up to which it goes."""

    sentences: tuple[str, ...]
    last: int


def find_notices(user: Any) -> Notices | None:
    """What is to be told to somebody who is signed in; None if there is nothing."""
    entries = [*_find_entries(user)[:_MOST]]
    if not entries:
        return None
    locks = [entry for entry in entries if entry.event == Event.LOCKED]
    acts = [entry for entry in entries if entry.event != Event.LOCKED]
    sentences = [_word_act(entry) for entry in acts[:_MOST_TOLD]]
    if len(acts) > _MOST_TOLD:
        more = text.counted(len(acts) - _MOST_TOLD, "autre changement", "autres changements")
        sentences.append(f"Et {more} : un responsable de l’Union peut les lire dans le journal.")
    if acts:
        sentences.append(_ASK)
    for is_factor in (True, False):
        some = [one for one in locks if (one.details.get("scope") == Scope.FACTOR) is is_factor]
        if some:
            sentences.append(_word_locks(some, is_factor=is_factor))
    last = max(entries, key=lambda entry: (entry.at, entry.pk))
    return Notices(tuple(text.typeset(sentence) for sentence in sentences), last.pk)


def note_told(user: Any, last: int) -> None:
    """Tell no more what the journal holds of a person up to an entry."""
    if entry := _find_entries(user).filter(pk=last).first():
        Account.objects.update_or_create(user=user, defaults={"told_at": entry.at})


def tell_again(person: Any) -> None:
    """Tell what was done lately once more, to who has chosen a password by a link.

    Somebody else may have used a link before them, and pressed « J’ai lu » in their place.
    """
    since = timezone.now() - _LATELY
    Account.objects.filter(user=person, told_at__gt=since).update(told_at=since)


def _find_entries(user: Any) -> Any:
    since = read_account(user).told_at or user.date_joined
    latest_locks_last = Case(When(event=Event.LOCKED, then=Value(1)), default=Value(0))
    return (
        JournalEntry.objects.filter(
            event__in=[Event.LOCKED, *_ACTS],
            model_key="user",
            record_id=user.pk,
            at__gt=since,
        )
        .exclude(author=user)
        .select_related("author")
        .order_by(latest_locks_last, "-at", "-pk")
    )


def _word_act(entry: JournalEntry) -> str:
    who = name_user(entry.author) or entry.author_name
    return _ACTS[Event(entry.event)](who, text.moment(entry.at), entry.details)


def _word_password(who: str, at: str, details: dict[str, Any]) -> str:
    return f"Votre mot de passe a été changé le {at}, sur la machine qui sert ce site."


def _word_link(who: str, at: str, details: dict[str, Any]) -> str:
    if not who:
        return (
            f"Un lien pour changer votre mot de passe a été demandé le {at}, sur la page de "
            "connexion."
        )
    return f"{who} a fait un lien pour changer votre mot de passe le {at}."


def _word_factor(who: str, at: str, details: dict[str, Any]) -> str:
    return f"{_name(who)} a remis à zéro la seconde étape de votre connexion le {at}."


def _word_role(who: str, at: str, details: dict[str, Any]) -> str:
    return (
        f"{_name(who)} a changé votre rôle le {at} : « {details['after']} » au lieu de "
        f"« {details['before']} »."
    )


def _word_access(who: str, at: str, details: dict[str, Any]) -> str:
    until = details.get("until")
    if "after" in details:
        return (
            f"{_name(who)} a changé votre adresse de connexion le {at} : {details['after']} au "
            f"lieu de {details['before']}."
        )
    if not details["is_open"]:
        return f"{_name(who)} a fermé votre accès le {at}."
    end = f"jusqu’au {text.long_date(date.fromisoformat(until))}" if until else "sans date de fin"
    return f"{_name(who)} a changé votre accès le {at} : il est ouvert {end}."


def _word_loan(who: str, at: str, details: dict[str, Any]) -> str:
    if not details["until"]:
        return f"{_name(who)} vous a repris le droit de valider les communiqués le {at}."
    last_day = text.long_date(date.fromisoformat(details["until"]))
    return (
        f"{_name(who)} vous a prêté le droit de valider les communiqués le {at} : jusqu’au "
        f"{last_day} inclus."
    )


_ACTS: dict[Event, Callable[[str, str, dict[str, Any]], str]] = {
    Event.PASSWORD_CHANGED: _word_password,
    Event.LINK_MADE: _word_link,
    Event.FACTOR_RESET: _word_factor,
    Event.ROLE_CHANGED: _word_role,
    Event.ACCESS_CHANGED: _word_access,
    Event.RIGHT_LENT: _word_loan,
}


def _name(who: str) -> str:
    return who or "Une personne qui a la main sur la machine"


def _word_locks(entries: list[JournalEntry], *, is_factor: bool) -> str:
    what, advice = (
        f"{MOST_BY_ACCOUNT} mots de passe faux ont été essayés pour votre accès",
        _NO_HARM,
    )
    if is_factor:  # Who came there knew the password.
        what = f"{MOST_BY_ACCOUNT} codes faux ont été essayés après votre mot de passe"
        advice = " Si ce n’était pas vous, changez de mot de passe et prévenez l’Union."
    latest = text.moment(max(timezone.localtime(entry.at) for entry in entries))
    if len(entries) == 1:
        return f"{what} le {latest}.{advice}"
    return f"{what}, {len(entries)} fois ; la dernière, le {latest}.{advice}"
