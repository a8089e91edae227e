"""What to look at in a draft: what the release finds of itself, and quality of its records."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from itertools import groupby
from typing import Any

from labelling.admin.addresses import locate_page
from labelling.admin.findings import locate_group
from labelling.models import LabellingWave, PressRelease, Record, Site
from labelling.press_release import findings
from labelling.press_release.content import Content
from labelling.press_release.explanations import find_printed_fields
from labelling.quality import (
    UNDATED_DRAFT,
    Finding,
    Findings,
    find_outdated_years,
    find_past_contacts,
    find_told,
    leave_accepted_out,
    list_findings,
)

# Beside which field of a draft stands what is found of its wave's: the figures', if no other.
_BESIDE = {"decided_on": "own_lead", "announced_on": "issued_on", "list_closed_on": "issued_on"}
_MOST_SHOWN, _MOST_WORDED = 5, 50


@dataclass(frozen=True, kw_only=True)
class Remark:
    """What is to be looked at, and where; `address` is empty for who may not go there.

    `rule` is empty where the release itself finds it.
    """

    sentence: str
    record: str = ""
    address: str = ""
    rule: str = ""
    title: str = ""
    advice: str = ""
    # What quality finds of the release itself: it is settled there.
    finding: Finding | None = None


@dataclass(frozen=True, kw_only=True)
class Group:
    """The remarks of one rule, or of none; many are folded under what they have in common.

    Of thousands the first ones stand here; `whole` is where all of them are.
    """

    remarks: list[Remark]
    count: int
    whole: str = ""

    @property
    def is_folded(self) -> bool:
        return bool(self.remarks[0].rule) and self.count > _MOST_SHOWN

    @property
    def title(self) -> str:
        """What they have in common."""
        titles = {remark.title for remark in self.remarks}
        return titles.pop() if len(titles) == 1 else "à vérifier"


@dataclass(frozen=True, kw_only=True)
class Remarks:
    """What would be printed and is wrong, what is to be known, and what is not printed here."""

    wrong: list[Group]
    to_check: list[str]
    without_effect: list[Group]
    # The sites of which what is printed is wrong.
    concerned: frozenset[int]

    @property
    def count(self) -> int:
        """How many concern this document."""
        return sum(group.count for group in self.wrong) + len(self.to_check)

    @property
    def without_effect_count(self) -> int:
        return sum(group.count for group in self.without_effect)


def list_remarks(
    release: PressRelease, document: Content, user: Any, day: date, obstacles: Sequence[str] = ()
) -> Remarks:
    """All that is to be looked at before what `document` says is frozen, the obstacles apart."""
    own = [
        remark
        for remark in findings.list_remarks(release, document, day)
        if not any(remark.sentence in obstacle for obstacle in obstacles)
    ]
    may_edit = user.has_perm("labelling.change_pressrelease")
    form = locate_page(release, "change", release.pk) if may_edit else ""
    printed = find_printed_fields(release, document)
    wrong: list[Remark] = [
        Remark(
            sentence=_word_for_validating(remark.sentence),
            address=form and f"{form}#id_{remark.field}",
        )
        for remark in own
        if remark.prints_wrong
    ]
    wrong += [
        Remark(
            sentence=_word_for_validating(finding.sentence),
            address=form and f"{form}#id_{finding.field}",
            finding=finding,
        )
        for finding in _find_of_release(release, day)
    ]
    groups = [Group(remarks=wrong, count=len(wrong))] if wrong else []
    without_effect: list[Group] = []
    concerned: set[int] = set()
    for found in _find_of_records(release, document, day):
        first = [*found[:_MOST_WORDED]]
        group = _make_group(first, len(found), user)
        # What a rule speaks of is the same for all that it finds.
        if not _is_printed(first[0], printed):
            without_effect.append(group)
            continue
        groups.append(group)
        if isinstance(first[0].record, Site):
            concerned.update(found.keys)
    return Remarks(
        wrong=groups,
        to_check=[remark.sentence for remark in own if not remark.prints_wrong],
        without_effect=without_effect,
        concerned=frozenset(concerned),
    )


def list_by_field(release: PressRelease, document: Content, day: date) -> dict[str, list[str]]:
    """What is to be looked at beside each field of a draft: in the release, and in its wave."""
    by_field: dict[str, list[str]] = {}
    for remark in findings.list_remarks(release, document, day):
        by_field.setdefault(remark.field, []).append(remark.sentence)
    for finding in _find_of_release(release, day):
        by_field.setdefault(finding.field, []).append(finding.sentence)
    if not release.is_erratum:
        for finding in _find_of_wave(release, day):
            field = _BESIDE.get(finding.field, "own_figures")
            by_field.setdefault(field, []).append(finding.sentence)
    return by_field


def _find_of_release(release: PressRelease, day: date) -> list[Finding]:
    """What quality tells of a draft, stored or as somebody types it."""
    found = [*find_past_contacts([release], day), *find_outdated_years([release])]
    return leave_accepted_out(found, day)


def _find_of_wave(release: PressRelease, day: date) -> list[Finding]:
    """What quality tells of its wave, but for what the release says itself."""
    found = list_findings(LabellingWave.objects.filter(pk=release.wave_id), day)
    return [finding for finding in found if finding.rule != UNDATED_DRAFT]


def _find_of_records(release: PressRelease, document: Content, day: date) -> list[Findings]:
    """What quality tells of the sites that the document lists, in its order, and of its wave."""
    listed = [line.site for line in document.lines if line.site]
    found = find_told(Site.objects.labelled_as_of(release.wave), day) if listed else {}
    of_sites = (found[rule].in_order_of(listed) for rule in sorted(found))
    by_rule = groupby(_find_of_wave(release, day), key=lambda finding: finding.rule)
    of_wave = (Findings.worded(findings) for _, findings in by_rule)
    return [findings for findings in (*of_wave, *of_sites) if len(findings)]


def _is_printed(finding: Finding, printed: set[tuple[str, str]]) -> bool:
    """Whether the document prints what a finding speaks of; a record as a whole, if any of it."""
    model = str(finding.record._meta.model_name)
    if finding.field:
        return (model, finding.field) in printed
    return any(name == model for name, _ in printed)


def _make_remark(finding: Finding, user: Any) -> Remark:
    record: Record = finding.record
    may_see = user.has_perm(f"labelling.view_{record._meta.model_name}")
    address = locate_page(record, "change", record.pk) if may_see else ""
    return Remark(
        sentence=" ".join(filter(None, (finding.title, finding.evidence))),
        record=str(record),
        address=address and f"{address}#{finding.anchor}",
        rule=finding.rule,
        title=finding.title,
        advice=_word_for_validating(finding.advice),
    )


def _make_group(first: Sequence[Finding], count: int, user: Any) -> Group:
    """The remarks that a rule's first findings make, of so many."""
    may_see = user.has_perm(f"labelling.view_{first[0].record._meta.model_name}")
    whole = locate_group(first[0].rule) if may_see and count > len(first) else ""
    remarks = [_make_remark(finding, user) for finding in first]
    return Group(remarks=remarks, count=count, whole=whole)


def _word_for_validating(sentence: str) -> str:
    return sentence.replace("enregistrer quand même", "valider quand même")
