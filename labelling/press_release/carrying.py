"""What was said of a line of a sent release, carried to the record that its own goes into."""

from dataclasses import replace

from labelling.choices import ReleaseKind, ReleaseStatus
from labelling.models import PressRelease, Site
from labelling.press_release.corrections import compare, make_key


def carry_verdicts(stays: Site, goes: Site) -> None:
    """Have the verdicts on the lines of `goes` hold for `stays`, before the two become one."""
    sent = PressRelease.objects.filter(status=ReleaseStatus.SENT).exclude(verdicts={})
    for release in sent.exclude(kind=ReleaseKind.ERRATUM).select_related("wave").order_by("pk"):
        keys = {
            make_key(difference): make_key(replace(difference, site=stays.pk))
            for difference in compare(release).differences
            if difference.site == goes.pk
        }
        carried = {keys.get(key, key): verdict for key, verdict in release.verdicts.items()}
        if carried != release.verdicts:
            release.verdicts = carried
            release._change_reason = "Fusion de deux sites"
            release.save()
