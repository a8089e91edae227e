"""What quality finds, on the home page: rule by rule, the most serious first."""

from collections.abc import Iterable
from dataclasses import dataclass

from django.utils.safestring import SafeString

from labelling import text
from labelling.admin.badges import make_badge
from labelling.admin.findings import locate_group
from labelling.admin.settling import locate_finding
from labelling.quality import NAMES_TO_READ, Finding, Findings, Group

# Of more, the names alone, and how many others there are.
_MOST_SHOWN = 3


@dataclass(frozen=True, kw_only=True)
class Attention:
    """What one rule finds, and where all of it is.

    `lines` are the name of a record, what is found of it and where; of many records, none, and
    `summary` names the first ones.
    """

    name: str
    badge: SafeString
    count: int
    address: str
    lines: tuple[tuple[str, str, str], ...]
    summary: str


def list_attention(groups: Iterable[Group]) -> tuple[Attention, ...]:
    """But for names, which are read on a page of their own."""
    return tuple(
        Attention(
            name=group.name,
            badge=make_badge(group.seriousness),
            count=len(group.findings),
            address=locate_group(group.rule),
            lines=_list_lines(group.findings) if len(group.findings) <= _MOST_SHOWN else (),
            summary=_word_summary(group.findings) if len(group.findings) > _MOST_SHOWN else "",
        )
        for group in groups
        if group.rule != NAMES_TO_READ
    )


def _list_lines(findings: Iterable[Finding]) -> tuple[tuple[str, str, str], ...]:
    return tuple((str(f.record), f.sentence, locate_finding(f)) for f in findings)


def _word_summary(findings: Findings) -> str:
    names = [str(finding.record) for finding in findings[:_MOST_SHOWN]]
    more = text.counted(len(findings) - _MOST_SHOWN, "autre")
    return f"{text.enumeration([*names, more])}."
