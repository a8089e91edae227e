"""What is found, rule by rule, the most serious first."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import date

from labelling.choices import Seriousness
from labelling.models import Record
from labelling.models.frozen import compute_content_digest
from labelling.quality.accepted import find_told
from labelling.quality.findings import Finding, Findings
from labelling.quality.rules import RULES

_ORDER = [*Seriousness]


@dataclass(frozen=True, kw_only=True)
class Group:
    """What one rule finds: at least one record."""

    rule: str
    findings: Findings

    @property
    def name(self) -> str:
        return RULES[self.rule].name

    @property
    def seriousness(self) -> Seriousness:
        return RULES[self.rule].seriousness

    @property
    def model(self) -> type[Record]:
        return RULES[self.rule].model


def group_findings(day: date, models: Collection[type[Record]] | None = None) -> list[Group]:
    """What is to be told on `day` of all records, those of `models` alone if they are given."""
    told = {rule.model for rule in RULES.values()}
    found: dict[str, Findings] = {}
    for model in told if models is None else told & {*models}:
        found |= find_told(model._default_manager.all(), day)
    return group(found)


def group(found: Mapping[str, Findings]) -> list[Group]:
    """These, the most serious first."""
    return [Group(rule=rule, findings=found[rule]) for rule in sort_rules(found)]


def sort_rules(rules: Collection[str]) -> list[str]:
    """These, the most serious first."""
    known = (rule for rule in RULES if rule in rules)
    return sorted(known, key=lambda rule: _ORDER.index(RULES[rule].seriousness))


def compute_digest(findings: Iterable[Finding]) -> str:
    """The digest of all these: another one, if any of them came, went or changed."""
    return compute_content_digest([[finding.record.pk, finding.digest] for finding in findings])
