"""The waves that took effect, or were announced, and of which no release speaks."""

from datetime import date

from django.http import HttpRequest

from labelling import text
from labelling.admin.addresses import locate_list, locate_page
from labelling.admin.badges import make_warning
from labelling.admin.home.menu import may_see
from labelling.admin.home.tasks.task import Task
from labelling.admin.releases.frame import TO_PREPARE
from labelling.admin.waves.filters import AWAITING_RELEASE
from labelling.models import LabellingWave, PressRelease


def list_wave_tasks(request: HttpRequest, day: date) -> list[Task]:
    """The last of them on `day`, which says how many there are: they come one by one."""
    may_prepare = request.user.has_perms(TO_PREPARE)
    if not (may_prepare and may_see(request, LabellingWave) and may_see(request, PressRelease)):
        return []
    awaiting = LabellingWave.objects.awaiting_release(day).order_by("-effective_on")
    waves = list(awaiting.only("name", "announced_on", "effective_on"))
    if not waves:
        return []
    wave = waves[0]
    since = (
        f"Annoncée le {text.long_date(wave.announced_on)}."
        if wave.announced_on and wave.announced_on <= day
        else f"Label valable à partir du {text.long_date(wave.effective_on)}."
    )
    one, many = "vague est sans communiqué", "vagues sont sans communiqué"
    return [
        Task(
            name=text.wave_title(wave.name),
            badge=make_warning("Sans communiqué"),
            sentence=since,
            label="Préparer le communiqué",
            address=locate_page(wave, "press_release", wave.pk),
            more=text.counted(len(waves), one, many) if len(waves) > 1 else "",
            more_address=locate_list(LabellingWave, AWAITING_RELEASE),
        )
    ]
