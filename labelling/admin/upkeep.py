"""What the home page tells those who open accesses: backups, and the tasks that fail [R20]."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

from labelling import text
from labelling.access.keepers import RIGHT
from labelling.admin.journal import locate_journal
from labelling.choices import TimedTask
from labelling.upkeep.standing import Failing, LastBackup, Standing, read_standing

_RUN = "manage.py {}"
_RUN_HERE = ".venv/bin/python manage.py back_up DOSSIER"


@dataclass(frozen=True, kw_only=True)
class Alarm:
    """What somebody is to see to: what a task said, and the command that runs it again."""

    kind: Literal["bad", "warn"]
    sentence: str
    command: str
    said: str = ""


@dataclass(frozen=True, kw_only=True)
class Upkeep:
    """How backups and tasks stand, in sentences."""

    alarms: tuple[Alarm, ...]
    facts: tuple[str, ...]
    # What makes a first backup where nothing does; empty elsewhere.
    command: str
    # Where the journal tells more; empty for who may not read it.
    journal: str


def find_upkeep(user: Any, now: datetime) -> Upkeep | None:
    """What somebody is told; None, without a question, to who does not open accesses."""
    if not user.has_perm(f"auth.{RIGHT}"):
        return None
    standing = read_standing(now)
    return Upkeep(
        alarms=tuple(_list_alarms(standing, now)),
        facts=tuple(_list_facts(standing, now)),
        command="" if standing.backup or standing.is_timed else _RUN_HERE,
        journal=locate_journal(user, "upkeep"),
    )


def _list_alarms(standing: Standing, now: datetime) -> list[Alarm]:
    alarms = [_word_failing(one, now) for one in standing.failing]
    failing = {one.task for one in standing.failing}
    missed = {
        TimedTask.BACK_UP: (
            standing.is_backup_missed,
            "Aucune sauvegarde depuis plus d’un jour et demi : ce qui la lance chaque nuit est "
            "peut-être arrêté. Faites-en une, et voyez pourquoi."
            if standing.backup
            else "Aucune sauvegarde n’a encore été faite : si la machine tombe en panne, tout est "
            "perdu. Faites-en une.",
        ),
        TimedTask.REHEARSE_RESTORE: (
            standing.is_rehearsal_missed,
            "Aucune restauration n’a été répétée depuis plus de 35 jours : on ne sait plus si les "
            "sauvegardes se relisent. Répétez-en une."
            if standing.rehearsed_at
            else "Aucune restauration n’a encore été répétée : on ne sait pas si les sauvegardes "
            "se relisent. Répétez-en une.",
        ),
    }
    # A task that fails says why by itself.
    alarms += [
        Alarm(kind="warn", sentence=text.typeset(sentence), command=_RUN.format(task))
        for task, (is_missed, sentence) in missed.items()
        if is_missed and task not in failing
    ]
    return alarms


def _word_failing(one: Failing, now: datetime) -> Alarm:
    return Alarm(
        kind="bad",
        sentence=text.typeset(
            f"La tâche « {one.task.label} » échoue depuis {text.lately(one.since, now)} : lisez ce "
            "qu’elle dit, puis relancez-la."
        ),
        said=one.sentence,
        command=_RUN.format(one.task),
    )


def _list_facts(standing: Standing, now: datetime) -> list[str]:
    facts = [
        _word_backup(standing.backup, now)
        if standing.backup
        else "Aucune sauvegarde n’a encore été faite."
    ]
    if standing.rehearsed_at:
        facts.append(f"Restauration répétée {text.lately(standing.rehearsed_at, now)}.")
    return [text.typeset(fact) for fact in facts]


def _word_backup(backup: LastBackup, now: datetime) -> str:
    copied = "copiée ailleurs" if backup.is_copied else "sans copie ailleurs"
    return (
        f"Dernière sauvegarde : {text.lately(backup.at, now)} ({text.weight(backup.size)}), "
        f"{copied}."
    )
