"""What the journal holds, as one says it aloud: who, what was done, for whom, from where [S27]."""

from collections.abc import Callable, Mapping
from datetime import date
from typing import Any

from django.contrib.auth.models import User
from django.utils.text import capfirst

from labelling import text
from labelling.choices import Event, TimedTask
from labelling.models import JournalEntry
from labelling.models.base import name_user
from labelling.models.journal import OF_SENDINGS, UPKEEP

# As one says them aloud.
_FORMATS = {"xlsx": "Excel", "ods": "LibreOffice", "csv": "CSV"}
_DOWNLOADED = {
    "presscontact": ("contact téléchargé", "contacts téléchargés"),
    "journalentry": ("ligne du journal téléchargée", "lignes du journal téléchargées"),
}
_WAYS = {
    "password": "par mot de passe",
    "code": "par mot de passe et code du téléphone",
    "recovery": "par mot de passe et code de secours",
    "passkey": "par empreinte ou clé",
}
_KINDS = {"totp": " : codes du téléphone", "webauthn": " : empreinte ou clé"}
# What was tried, by what counts it.
_TRIED = {"factor": "Code refusé", "passkey": "Empreinte ou clé refusée"}
_TRIES = {"factor": "codes"}

# What strangers do; what else nobody signed in for, a command did.
_BY_STRANGERS = {Event.SIGN_IN_FAILED, Event.LOCKED}

# What the filter of the actions offers; every event belongs to one.
GROUPS: dict[str, tuple[str, tuple[Event, ...]]] = {
    "sign_in": ("Connexions", (Event.SIGNED_IN, Event.SIGNED_OUT, Event.SESSIONS_CLOSED)),
    "refusal": (
        "Refus et blocages",
        (Event.SIGN_IN_FAILED, Event.LOCKED, Event.UNLOCKED, Event.REFUSED),
    ),
    "secret": (
        "Mots de passe et secondes étapes",
        (
            Event.PASSWORD_CHANGED,
            Event.LINK_MADE,
            Event.FACTOR_SET,
            Event.FACTOR_REMOVED,
            Event.FACTOR_RESET,
        ),
    ),
    "access": (
        "Accès et rôles",
        (Event.INVITED, Event.ROLE_CHANGED, Event.ACCESS_CHANGED, Event.RIGHT_LENT),
    ),
    "download": ("Téléchargements", (Event.DOWNLOAD,)),
    "file": ("Envois et fichiers retirés", OF_SENDINGS),
    "upkeep": ("Sauvegardes et tâches", UPKEEP),
}


def read_names() -> dict[int, str]:
    """What people are called, by the keys of their accounts, in one question."""
    return {person.pk: name_user(person) for person in User.objects.all()}


def name_author(entry: JournalEntry) -> str:
    """Who did it, by the name of today; by that of then, if the account is no more."""
    return name_user(entry.author) or entry.author_name or _name_nobody(entry)


def name_concerned(entry: JournalEntry, names: Mapping[int, str]) -> str:
    """Whose account it was done to, if not the author's: by the name of today, else of then."""
    key = entry.record_id
    if key is None and entry.event in _BY_STRANGERS and entry.details.get("scope") != "passkey":
        return "une adresse inconnue"
    if entry.model_key != "user" or key is None or key == entry.author_id:
        return ""
    return names.get(key) or entry.details.get("name") or "un accès effacé"


def word_event(entry: JournalEntry, names: Mapping[int, str] | None = None) -> str:
    """What was done, as one says it aloud. `names`: of people, as `read_names` reads them."""
    if names is None and entry.model_key == "user":
        names = read_names()
    concerned = name_concerned(entry, names or {})
    details = {"model_key": entry.model_key, **entry.details}
    words = _WORDINGS[Event(entry.event)](details, concerned and f" pour {concerned}")
    address = details.get("from")
    return text.typeset(f"{words}, depuis l’adresse {address}" if address else words)


def _name_nobody(entry: JournalEntry) -> str:
    if entry.event in _BY_STRANGERS:
        return "Une personne non connectée"
    return "Qui avait le lien" if entry.details.get("way") == "link" else "La ligne de commande"


def _word_download(details: dict[str, Any], whom: str) -> str:
    """« 3 contacts téléchargés en Excel, recherche « dupont » »."""
    if "told" in details:
        return str(details["told"])
    nouns = _DOWNLOADED.get(details["model_key"], _DOWNLOADED["presscontact"])
    searched = details.get("searched")
    parts = [
        f"{text.counted(details['count'], *nouns)} en {_FORMATS[details['format']]}",
        *details.get("filters", ()),
        f"recherche « {searched} »" if searched else "",
        "lignes cochées seulement" if details.get("is_ticked") else "",
        "avec toutes les fiches" if details.get("is_whole_base") else "",
    ]
    return ", ".join(filter(None, parts))


def _word_sign_in(details: dict[str, Any], whom: str) -> str:
    way = _WAYS.get(details.get("way", ""), "")
    words = f"Connexion {way}".rstrip()
    return f"{words}, navigateur de confiance" if details.get("is_trusted") else words


def _word_failure(details: dict[str, Any], whom: str) -> str:
    return f"{_TRIED.get(details.get('scope', ''), 'Mot de passe refusé')}{whom}"


def _word_lock(details: dict[str, Any], whom: str) -> str:
    tried = _TRIES.get(details.get("scope", ""), "mots de passe")
    return f"Connexion bloquée{whom} après trop de {tried} refusés"


def _word_sessions(details: dict[str, Any], whom: str) -> str:
    return f"Sessions fermées{whom}" if whom else "Autres sessions fermées"


def _word_password(details: dict[str, Any], whom: str) -> str:
    ways = {"link": "choisi par le lien reçu", "command": "refait par une commande"}
    return f"Mot de passe {ways.get(details.get('way', ''), 'changé')}{whom}"


def _word_invitation(details: dict[str, Any], whom: str) -> str:
    address = details.get("address")
    return f"Invitation{whom}, {address}" if address else f"Invitation{whom}"


def _word_role(details: dict[str, Any], whom: str) -> str:
    before, after = (capfirst(details.get(key)) or "aucun" for key in ("before", "after"))
    return f"Rôle changé{whom} : {before} → {after}"


def _word_access(details: dict[str, Any], whom: str) -> str:
    if "after" in details:
        return f"Adresse de connexion changée{whom} : {details['after']} au lieu de " + str(
            details["before"]
        )
    if not details.get("is_open"):
        return f"Accès fermé{whom}"
    until = details.get("until")
    last_day = f" jusqu’au {text.short_date(date.fromisoformat(until))}" if until else ""
    return f"Accès ouvert{whom}{last_day}"


def _word_loan(details: dict[str, Any], whom: str) -> str:
    until = details.get("until")
    if not until:
        return f"Droit de valider repris{whom}"
    return f"Droit de valider prêté{whom} jusqu’au {text.short_date(date.fromisoformat(until))}"


def _word_factor(details: dict[str, Any], whom: str) -> str:
    if details.get("kind") == "recovery_codes":
        return f"Nouveaux codes de secours{whom}"
    return f"Seconde étape activée{whom}{_KINDS.get(details.get('kind', ''), '')}"


def _word_removed_factor(details: dict[str, Any], whom: str) -> str:
    if details.get("kind") == "recovery_codes":
        return f"Codes de secours retirés{whom}"
    return f"Seconde étape retirée{whom}{_KINDS.get(details.get('kind', ''), '')}"


def _word_refusal(details: dict[str, Any], whom: str) -> str:
    what = "Page refusée" if details.get("method") in {"GET", "HEAD"} else "Action refusée"
    return f"{what} : {details['address']}"


def _word_removed_file(details: dict[str, Any], whom: str) -> str:
    release, reason = details.get("release"), details.get("reason")
    of_release = f" de « {release} »" if release else ""
    return f"Fichier « {details['name']} » retiré{of_release}" + (f" : {reason}" if reason else "")


def _word_removed_dispatch(details: dict[str, Any], whom: str) -> str:
    line, reason = details["dispatch"], details["reason"]
    return f"Diffusion retirée de « {details['release']} » ({line}) : {reason}"


def _word_taken_back(details: dict[str, Any], whom: str) -> str:
    lines = " ; ".join(details["dispatches"])
    noted = f", diffusions notées : {lines}" if lines else ""
    return f"Marque « Envoyé » retirée de « {details['release']} »{noted}"


def _word_backup(details: dict[str, Any], whom: str) -> str:
    copied = ", copiée ailleurs" if details["is_copied"] else ""
    return f"Sauvegarde « {details['name']} » ({text.weight(details['size'])}){copied}"


def _word_rehearsal(details: dict[str, Any], whom: str) -> str:
    rows = text.counted(details["rows"], "ligne retrouvée", "lignes retrouvées")
    return f"Restauration répétée d’après « {details['name']} » : {rows}"


def _word_failed_task(details: dict[str, Any], whom: str) -> str:
    return f"La tâche « {TimedTask(details['task']).label} » échoue. {details['sentence']}"


def _word_recovered_task(details: dict[str, Any], whom: str) -> str:
    return f"La tâche « {TimedTask(details['task']).label} » fonctionne de nouveau"


# A sentence of each event, from its details and « pour » whom it was done, if for somebody else.
_WORDINGS: dict[Event, Callable[[dict[str, Any], str], str]] = {
    Event.DOWNLOAD: _word_download,
    Event.SIGNED_IN: _word_sign_in,
    Event.SIGN_IN_FAILED: _word_failure,
    Event.LOCKED: _word_lock,
    Event.UNLOCKED: lambda _, whom: f"Connexion débloquée{whom}",
    Event.SIGNED_OUT: lambda _, whom: "Déconnexion",
    Event.SESSIONS_CLOSED: _word_sessions,
    Event.PASSWORD_CHANGED: _word_password,
    Event.INVITED: _word_invitation,
    Event.LINK_MADE: lambda _, whom: f"Lien pour un nouveau mot de passe{whom}",
    Event.ROLE_CHANGED: _word_role,
    Event.ACCESS_CHANGED: _word_access,
    Event.RIGHT_LENT: _word_loan,
    Event.FACTOR_SET: _word_factor,
    Event.FACTOR_REMOVED: _word_removed_factor,
    Event.FACTOR_RESET: lambda _, whom: f"Seconde étape remise à zéro{whom}",
    Event.REFUSED: _word_refusal,
    Event.FILE_REMOVED: _word_removed_file,
    Event.DISPATCH_REMOVED: _word_removed_dispatch,
    Event.SENDING_TAKEN_BACK: _word_taken_back,
    Event.BACKED_UP: _word_backup,
    Event.REHEARSED: _word_rehearsal,
    Event.TASK_FAILED: _word_failed_task,
    Event.TASK_RECOVERED: _word_recovered_task,
}
