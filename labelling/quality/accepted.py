"""What people accept of the findings, and why: it is not told as long as it stays the same."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db.models import QuerySet

from labelling.models import AcceptedFinding, Record, Site
from labelling.models.accepted import STILL_LISTED, make_end_evidence
from labelling.quality.findings import Finding
from labelling.quality.rules import RULES, list_all_findings


@dataclass(frozen=True, kw_only=True)
class Accepted:
    """An exception that stands, and what is no longer told."""

    stored: AcceptedFinding
    title: str


def list_findings(records: QuerySet[Any], day: date, *rules: str) -> list[Finding]:
    """What is to be told of `records` on `day`: what was accepted is left out."""
    return leave_accepted_out(list_all_findings(records, day, *rules), day)


def list_keys(records: QuerySet[Any], day: date) -> set[int]:
    """The keys of the `records` of which anything is to be told."""
    return {finding.record.pk for finding in list_findings(records, day)}


def leave_accepted_out(findings: Iterable[Finding], day: date) -> list[Finding]:
    """The findings, all of one model, without those that are accepted on `day`: one query."""
    findings = list(findings)
    if not findings:
        return []
    model = type(findings[0].record)
    rules = {finding.rule for finding in findings}
    # Not by their keys: thousands of them cost more than what was accepted, which is little.
    stored = AcceptedFinding.objects.filter(model_key=model._meta.model_name, rule__in=rules)
    values = stored.standing_on(day).values_list("rule", "record_id", "evidence")
    accepted = {(rule, key): evidence for rule, key, evidence in values}

    def is_accepted(finding: Finding) -> bool:
        evidence = accepted.get((finding.rule, finding.record.pk))
        return evidence is not None and evidence == finding.digest

    return [finding for finding in findings if not is_accepted(finding)]


def find_finding(rule: str, key: int, day: date) -> Finding | None:
    """What a rule finds on `day` of the record of this key, accepted or not."""
    records = RULES[rule].model._default_manager.filter(pk=key)
    return next(iter(RULES[rule].apply(records, day)), None)


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
    found = list_all_findings(model._default_manager.filter(pk=record.pk), day)
    titles = {(finding.rule, finding.digest): finding.title for finding in found}
    if isinstance(record, Site) and record.withdrawn_on:
        ended = (STILL_LISTED, make_end_evidence(record.withdrawn_on))
        titles[ended] = "L’État liste encore ce site, dont le label a pris fin."
    return [
        Accepted(stored=one, title=titles[key])
        for one in standing
        if (key := (one.rule, one.evidence)) in titles
    ]
