"""What the page of a returned Word shows of each change, and where each one is put right."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from django.http import HttpRequest

from labelling.admin.addresses import locate_page
from labelling.models import Letterhead, PressContact, PressRelease, Site
from labelling.press_release.blocks import Block
from labelling.press_release.differences import Segment, split_segments
from labelling.press_release.returned import comparing, rows

# Of longer texts, which no release has, the words that changed are not looked for.
_LONGEST_SEGMENTED = 20_000


# What the draft says, where no field of it is known.
_OF_DRAFT = (None, Block.PARAGRAPHS, Block.NATIONAL)


@dataclass(frozen=True, kw_only=True)
class ChangeRow:
    """A change on the page: `link` leads to where it is corrected, if not here.

    `is_unticked`: the person had ticked it, and the draft changed there since.
    """

    change: comparing.Change
    old: list[Segment]
    new: list[list[Segment]]
    is_ticked: bool
    is_unticked: bool
    link: tuple[str, str] | None


@dataclass(frozen=True, kw_only=True)
class LineRow:
    """A line of the list that was edited, with the page of its site, or where to add one."""

    change: rows.LineChange
    address: str
    add_address: str


def describe(
    request: HttpRequest,
    release: PressRelease,
    comparison: comparing.Comparison,
    ticked: Collection[str],
    *,
    is_stale: bool = False,
) -> dict[str, Any]:
    """What the page shows of a comparison: what can be taken, what is said, what is elsewhere.

    `is_stale`: what is `ticked` was so before the draft changed; none that it hinders stays so.
    """
    made = [
        _make_row(request, release, change, ticked, is_stale=is_stale)
        for change in comparison.changes
    ]
    may_take = not release.is_frozen
    return {
        "comparison": comparison,
        "may_take": may_take and any(row.change.can_be_taken for row in made),
        "to_take": [row for row in made if row.change.can_be_taken],
        "done": [row for row in made if row.change.is_done],
        "elsewhere": [
            row for row in made if not row.change.can_be_taken and not row.change.is_done
        ],
        "lines": _locate_lines(request, comparison.lines),
        "ticked_count": sum(row.is_ticked for row in made),
    }


def _make_row(
    request: HttpRequest,
    release: PressRelease,
    change: comparing.Change,
    ticked: Collection[str],
    *,
    is_stale: bool,
) -> ChangeRow:
    joined = "\n".join(change.new)
    is_long = len(change.old) + len(joined) > _LONGEST_SEGMENTED
    if is_long or not (change.old and joined):
        old = [Segment(words=change.old, is_changed=True)] if change.old else []
        new = [[Segment(words=words, is_changed=True)] for words in change.new]
    else:
        old = split_segments(change.old, joined)
        new = [split_segments(words, change.old) for words in change.new]
    is_ticked = change.key in ticked and change.can_be_taken
    is_unticked = is_ticked and is_stale and change.is_outdated
    return ChangeRow(
        change=change,
        old=old,
        new=new,
        is_ticked=is_ticked and not is_unticked,
        is_unticked=is_unticked,
        link=_find_link(request, release, change),
    )


def _find_link(
    request: HttpRequest, release: PressRelease, change: comparing.Change
) -> tuple[str, str] | None:
    """Where what cannot be taken is corrected: its label and its address."""
    if change.can_be_taken or change.is_done:
        return None
    if change.block == Block.CONTACT and release.contact_id:
        if request.user.has_perm("labelling.view_presscontact"):
            return "Contact presse", locate_page(PressContact, "change", release.contact_id)
    elif change.block == Block.LETTERHEAD:
        if request.user.has_perm("labelling.view_letterhead"):
            return "Papier à en-tête", locate_page(Letterhead, "changelist")
    elif not release.is_frozen and (change.spot or change.block in _OF_DRAFT):
        return "Modifier le brouillon", locate_page(release, "change", release.pk)
    return None


def _locate_lines(request: HttpRequest, lines: Sequence[rows.LineChange]) -> list[LineRow]:
    """The lines with the pages of their sites, those that are still there."""
    keys = [line.site for line in lines if line.site]
    known: set[int] = set()
    may_add = request.user.has_perm("labelling.add_site")
    if request.user.has_perm("labelling.view_site"):
        known = {*Site.objects.filter(pk__in=keys[:5000]).values_list("pk", flat=True)}
    return [
        LineRow(
            change=line,
            address=locate_page(Site, "change", line.site) if line.site in known else "",
            add_address=_locate_addition(line) if may_add and line.is_added else "",
        )
        for line in lines
    ]


def _locate_addition(line: rows.LineChange) -> str:
    """The form of a new site that has the name of the line."""
    return f"{locate_page(Site, 'add')}?{urlencode({'name': line.line[:200]})}"
