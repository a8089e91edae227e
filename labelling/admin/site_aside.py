"""What stands beside the form of a site: where it was printed, what the State says, its history."""

from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest

from labelling import text
from labelling.admin import history
from labelling.admin.addresses import locate_page
from labelling.models import Department, MergedSite, PressRelease, Site
from labelling.models.site import find_commune_department

# What is seen at once; the rest is folded.
_MOST_PRINTINGS = 3
_MOST_ENTRIES = 3


@dataclass(frozen=True, kw_only=True)
class Printed:
    """A release that lists the site, and how."""

    name: str
    address: str
    words: str


@dataclass(frozen=True, kw_only=True)
class Aside:
    """The side column. `printed` and `older` are None for who may not see releases."""

    wave: str
    wave_address: str
    printed: list[Printed] | None
    older: list[Printed] | None
    state_facts: list[tuple[str, str]]
    entries: list[history.Entry]


def make_aside(request: HttpRequest, site: Site) -> Aside:
    """The side column of a stored site, as far as the person may see it."""
    user: Any = request.user
    may_see_releases = user.has_perm("labelling.view_pressrelease")
    printed = _list_printed(site) if may_see_releases else None
    may_see_wave = site.wave and user.has_perm("labelling.view_labellingwave")
    return Aside(
        wave=site.wave.name if site.wave else "",
        wave_address=locate_page(site.wave, "change", site.wave_id) if may_see_wave else "",
        printed=printed and printed[:_MOST_PRINTINGS],
        older=printed and printed[_MOST_PRINTINGS:],
        state_facts=_list_state_facts(site),
        entries=history.list_latest(user, site, _MOST_ENTRIES),
    )


def _list_printed(site: Site) -> list[Printed]:
    """The releases in force that list the site, the last one first."""
    keys = {site.pk, *MergedSite.objects.list_keys([site.pk])}
    releases: Any = PressRelease.objects.in_force().with_lines().order_by("-issued_on", "-pk")
    return [
        Printed(
            name=str(release),
            address=locate_page(release, "document", release.pk),
            words=_word_line(site, line, f"{place} sur {len(release.lines)}"),
        )
        for release in releases
        for place, line in enumerate(release.lines, start=1)
        if line.get("site") in keys
    ]


def _word_line(site: Site, line: dict[str, Any], place: str) -> str:
    """« Isère, ligne 5 sur 53, nouveau », and the name if it was another one."""
    words = [line["department"], f"ligne{text.NO_BREAK_SPACE}{place}"]
    if line["is_new"]:
        words.append("nouveau")
    if line["name"] != site.name:
        words.append(f"sous le nom « {line['name']} »")
    return text.typeset(", ".join(words))


def _list_state_facts(site: Site) -> list[tuple[str, str]]:
    """What the record holds of the State's list: a label and what it says."""
    facts = (
        ("Nom", site.state_name),
        ("Numéro", site.france_services_id),
        ("Code commune", site.commune_code),
        ("Département", _word_state_department(site)),
    )
    return [(label, words) for label, words in facts if words]


def _word_state_department(site: Site) -> str:
    """The department of the commune's code, and ours where it is another one."""
    named = Department.objects.filter(code=find_commune_department(site.commune_code)).first()
    if named is None or named == site.department:
        return named.name if named else ""
    return text.typeset(f"{named.name} (ici : {site.department.name})")
