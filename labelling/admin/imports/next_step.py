"""What comes after an import was applied: the one button of its page."""

from dataclasses import dataclass

from django.http import HttpRequest
from django.urls import NoReverseMatch

from labelling import text
from labelling.admin.addresses import locate_page
from labelling.admin.names import list_unread, locate_names
from labelling.admin.waves import press_release
from labelling.models import ImportRun, LabellingWave, Site
from labelling.press_release.composition import find_release
from labelling.spreadsheets.resources import RESOURCES


@dataclass(frozen=True)
class NextStep:
    label: str
    address: str


def find_next_step(request: HttpRequest, run: ImportRun) -> NextStep | None:
    """Read the names that were made, else see the wave, the record or the records it wrote."""
    written = run.rows.written()
    if names := _count_unread(request, run):
        label = text.plural(names, "Relire le nom", f"Relire les {text.counted(names, 'nom')}")
        return NextStep(label, locate_names())
    model = RESOURCES[run.model_key]._meta.model
    if not request.user.has_perm(f"labelling.view_{run.model_key}"):
        return None
    if run.model_key == "site" and (step := _find_wave_step(request, run)):
        return step
    records = list(written.values_list("record_id", flat=True)[:2])
    try:
        if len(records) == 1:
            return NextStep(f"Voir {model.noun.the}", locate_page(model, "change", records[0]))
        return NextStep(f"Voir les {model.noun.plural}", locate_page(model, "changelist"))
    except NoReverseMatch:
        return None


def _count_unread(request: HttpRequest, run: ImportRun) -> int:
    """How many names that the import made nobody has read, if the person may."""
    if run.model_key != "site" or not request.user.has_perm("labelling.change_site"):
        return 0
    made = run.rows.written().filter(is_to_name=True)
    return len(list_unread(Site.objects.filter(pk__in=made.values("record_id"))))


def _find_wave_step(request: HttpRequest, run: ImportRun) -> NextStep | None:
    """Where all new labels are of one wave: its release, or its sites."""
    given = run.rows.written().filter(after__has_key="wave_id")
    keys = set(given.values_list("record_id", flat=True))
    waves = LabellingWave.objects.filter(sites__in=keys).distinct()[:2]
    if len(waves) != 1:
        return None
    (wave,) = waves
    if prepare := press_release.locate_preparation(request, wave, find_release(wave)):
        return NextStep(text.typeset(f"Préparer le communiqué de « {wave} »"), prepare)
    return NextStep(text.typeset(f"Voir la vague « {wave} »"), locate_page(wave, "sites", wave.pk))
