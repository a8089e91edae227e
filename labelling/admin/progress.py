"""Steps: the way of a release and of an import, and where on it a record stands."""

from dataclasses import dataclass

from labelling.choices import ImportStatus, ReleaseStatus
from labelling.models import ImportRun, PressRelease

# How many steps are behind a record of each status.
_RELEASE_STEPS_DONE = {
    ReleaseStatus.DRAFT: 0,
    ReleaseStatus.FINAL: 1,
    ReleaseStatus.SENT: 3,
    ReleaseStatus.REPLACED: 3,
}
_IMPORT_STEPS_DONE = {ImportStatus.PREPARING: 1, ImportStatus.APPLIED: 3, ImportStatus.UNDONE: 4}


@dataclass(frozen=True, kw_only=True)
class Step:
    """A step of a way. `is_here` is where the record stands, though it may be done with it."""

    label: str
    is_done: bool
    is_here: bool


def list_release_steps(release: PressRelease) -> list[Step]:
    """The steps from a draft to the press; a version that was replaced ends otherwise."""
    status = ReleaseStatus(release.status)
    end = "Remplacé" if status == ReleaseStatus.REPLACED else "Envoyé"
    return _make_steps(["Brouillon", "Validé", end], _RELEASE_STEPS_DONE[status])


def list_import_steps(run: ImportRun | None, *, is_undoing: bool = False) -> list[Step]:
    """The steps from a file to the records, and back if it is undone; no `run`: no file yet."""
    done = _IMPORT_STEPS_DONE[ImportStatus(run.status)] if run else 0
    labels = ["Déposer", "Vérifier", "Appliquer"]
    if is_undoing or done > len(labels):
        labels.append("Annuler")
    return _make_steps(labels, done)


def _make_steps(labels: list[str], done: int) -> list[Step]:
    here = min(done, len(labels) - 1)
    return [
        Step(label=label, is_done=index < done, is_here=index == here)
        for index, label in enumerate(labels)
    ]
