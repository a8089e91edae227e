"""What to look at in a draft: what the release finds of itself, and quality of its records."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import groupby
from typing import Any

from labelling.admin.addresses import locate_page
from labelling.models import LabellingWave, PressRelease, Record, Site
from labelling.press_release import findings
from labelling.press_release.content import Content
from labelling.press_release.explanations import find_printed_fields
from labelling.quality import (
    UNDATED_DRAFT,
    Finding,
    find_outdated_years,
    find_past_contacts,
    leave_accepted_out,
    list_findings,
)

# Beside which field of a draft stands what is found of its wave's: the figures', if no other.
_BESIDE = {"decided_on": "own_lead", "announced_on": "issued_on", "list_closed_on": "issued_on"}
_MOST_SHOWN = 5


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
    """The remarks of one rule, or of none; many are folded under what they have in common."""

    remarks: list[Remark]

    @property
    def is_folded(self) -> bool:
        return bool(self.remarks[0].rule) and len(self.remarks) > _MOST_SHOWN

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
        return sum(len(group.remarks) for group in self.wrong) + len(self.to_check)

    @property
    def without_effect_count(self) -> int:
        return sum(len(group.remarks) for group in self.without_effect)


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
    without_effect: list[Remark] = []
    concerned: set[int] = set()
    for finding in _find_of_records(release, document, day):
        remark = _make_remark(finding, user)
        if not _is_printed(finding, printed):
            without_effect.append(remark)
            continue
        wrong.append(remark)
        if isinstance(finding.record, Site):
            concerned.add(finding.record.pk)
    return Remarks(
        wrong=_group(wrong),
        to_check=[remark.sentence for remark in own if not remark.prints_wrong],
        without_effect=_group(without_effect),
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


def _find_of_records(release: PressRelease, document: Content, day: date) -> list[Finding]:
    """What quality tells of the sites that the document lists, in its order, and of its wave."""
    place = {line.site: number for number, line in enumerate(document.lines) if line.site}
    found = list_findings(Site.objects.labelled_as_of(release.wave), day) if place else []
    listed = [finding for finding in found if finding.record.pk in place]
    listed.sort(key=lambda finding: (finding.rule, place[finding.record.pk]))
    return [*_find_of_wave(release, day), *listed]


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


def _group(remarks: Iterable[Remark]) -> list[Group]:
    return [Group(remarks=[*several]) for _, several in groupby(remarks, key=lambda one: one.rule)]


def _word_for_validating(sentence: str) -> str:
    return sentence.replace("enregistrer quand même", "valider quand même")
