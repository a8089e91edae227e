"""What people accept of the findings, and why: it is not told as long as it stays the same."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db.models import QuerySet

from labelling.models import AcceptedFinding, Record, Site
from labelling.models.accepted import STILL_LISTED, make_end_evidence
from labelling.quality.findings import Finding, Findings
from labelling.quality.rules import RULES, find_all


@dataclass(frozen=True, kw_only=True)
class Accepted:
    """An exception that stands, and what is no longer told."""

    stored: AcceptedFinding
    title: str


def list_findings(records: QuerySet[Any], day: date, *rules: str) -> list[Finding]:
    """What is to be told of `records` on `day`: what was accepted is left out."""
    return [finding for found in find_told(records, day, *rules).values() for finding in found]


def list_keys(records: QuerySet[Any], day: date, *rules: str) -> set[int]:
    """The keys of the `records` of which anything is to be told."""
    return {key for found in find_told(records, day, *rules).values() for key in found.keys}


def find_told(records: QuerySet[Any], day: date, *rules: str) -> dict[str, Findings]:
    """What is to be told, rule by rule: without a word yet, but of what may be accepted."""
    found = {rule: one for rule, one in find_all(records, day, *rules).items() if one.keys}
    accepted = _read_accepted(records.model, found, day) if found else {}
    told = {
        rule: one.without(_list_unchanged(one, accepted[rule])) if rule in accepted else one
        for rule, one in found.items()
    }
    return {rule: one for rule, one in told.items() if one.keys}


def leave_accepted_out(findings: Iterable[Finding], day: date) -> list[Finding]:
    """The findings, all of one model, without those that are accepted on `day`: one query."""
    findings = list(findings)
    if not findings:
        return []
    rules = {finding.rule for finding in findings}
    accepted = _read_accepted(type(findings[0].record), rules, day)
    return [
        finding
        for finding in findings
        if accepted.get(finding.rule, {}).get(finding.record.pk) != finding.digest
    ]


def _read_accepted(model: type[Any], rules: Iterable[str], day: date) -> dict[str, dict[int, str]]:
    """Of each of the rules that have any: the evidence that stands accepted, by record."""
    # Not by their keys: thousands of them cost more than what was accepted, which is little.
    stored = AcceptedFinding.objects.filter(model_key=model._meta.model_name, rule__in=[*rules])
    accepted: dict[str, dict[int, str]] = {}
    values = stored.standing_on(day).values_list("rule", "record_id", "evidence")
    for rule, key, evidence in values:
        accepted.setdefault(rule, {})[key] = evidence
    return accepted


def _list_unchanged(findings: Findings, accepted: Mapping[int, str]) -> set[int]:
    """The keys of the records of which the same is found as what was accepted."""
    return {
        finding.record.pk
        for finding in findings.of(accepted)
        if finding.digest == accepted[finding.record.pk]
    }


def find_finding(rule: str, key: int, day: date) -> Finding | None:
    """What a rule finds on `day` of the record of this key, accepted or not."""
    records = RULES[rule].model._default_manager.filter(pk=key)
    return next(iter(find_all(records, day, rule)[rule]), None)


def accept(findings: Iterable[Finding], user: Any, motive: str, until: date | None = None) -> None:
    """Tell these no longer, up to the day `until` if there is one, as long as they are the same."""
    AcceptedFinding.objects.write(
        AcceptedFinding(
            rule=finding.rule,
            model_key=str(finding.record._meta.model_name),
            record_id=finding.record.pk,
            evidence=finding.digest,
            motive=motive,
            until=until,
            accepted_by=user,
        )
        for finding in findings
    )


def list_accepted(record: Record, day: date) -> list[Accepted]:
    """The exceptions of a stored record that stand on `day`, the last one first."""
    model = type(record)
    stored = AcceptedFinding.objects.of(model, [record.pk]).standing_on(day)
    standing = list(stored.select_related("accepted_by").order_by("-accepted_at", "-pk"))
    if not standing:
        return []
    found = find_all(model._default_manager.filter(pk=record.pk), day).values()
    titles = {(one.rule, one.digest): one.title for findings in found for one in findings}
    if isinstance(record, Site) and record.withdrawn_on:
        ended = (STILL_LISTED, make_end_evidence(record.withdrawn_on))
        titles[ended] = "L’État liste encore ce site, dont le label a pris fin."
    return [
        Accepted(stored=one, title=titles[key])
        for one in standing
        if (key := (one.rule, one.evidence)) in titles
    ]
