"""The waves that took effect, or were announced, and of which no release speaks."""

from datetime import date

from django.db.models import Exists, OuterRef, Q
from django.http import HttpRequest

from labelling import text
from labelling.admin.addresses import locate_page
from labelling.admin.badges import make_warning
from labelling.admin.home.menu import may_see
from labelling.admin.home.tasks.task import Task
from labelling.admin.releases.frame import TO_PREPARE
from labelling.models import LabellingWave, PressRelease


def list_wave_tasks(request: HttpRequest, day: date) -> list[Task]:
    """The last of them on `day`, which says how many others there are: they come one by one."""
    may_prepare = request.user.has_perms(TO_PREPARE)
    if not (may_prepare and may_see(request, LabellingWave) and may_see(request, PressRelease)):
        return []
    is_known = Q(effective_on__lte=day) | Q(announced_on__lte=day)
    releases = PressRelease.objects.filter(wave=OuterRef("pk"))
    silent = LabellingWave.objects.filter(is_known, ~Exists(releases), past_release="")
    waves = list(silent.order_by("-effective_on"))
    if not waves:
        return []
    wave, others = waves[0], len(waves) - 1
    since = (
        f"Annoncée le {text.long_date(wave.announced_on)}."
        if wave.announced_on and wave.announced_on <= day
        else f"Label valable à partir du {text.long_date(wave.effective_on)}."
    )
    more = text.counted(others, "autre vague est", "autres vagues sont")
    return [
        Task(
            name=text.wave_title(wave.name),
            badge=make_warning("Sans communiqué"),
            sentence=f"{since} {more} sans communiqué." if others else since,
            label="Préparer le communiqué",
            address=locate_page(wave, "press_release", wave.pk),
        )
    ]
