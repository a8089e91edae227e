"""What is wrong with the records: storable, and yet to be looked at by a person."""

from labelling.quality.accepted import (
    Accepted,
    accept,
    find_finding,
    find_told,
    leave_accepted_out,
    list_accepted,
    list_findings,
    list_keys,
)
from labelling.quality.findings import Acceptance, Finding, Findings, Mending
from labelling.quality.groups import Group, compute_digest, group, group_findings, sort_rules
from labelling.quality.rules import RULES, Rule
from labelling.quality.rules.labels import NAME_READ, NAMES_TO_READ
from labelling.quality.rules.releases import (
    MISPLACED_LINES,
    find_altered_releases,
    find_outdated_years,
    find_past_contacts,
)
from labelling.quality.rules.waves import (
    UNDATED_DRAFT,
    WITHOUT_RELEASE,
    find_carriers_that_differ,
)

__all__ = [
    "MISPLACED_LINES",
    "NAMES_TO_READ",
    "NAME_READ",
    "RULES",
    "UNDATED_DRAFT",
    "WITHOUT_RELEASE",
    "Acceptance",
    "Accepted",
    "Finding",
    "Findings",
    "Group",
    "Mending",
    "Rule",
    "accept",
    "compute_digest",
    "find_altered_releases",
    "find_carriers_that_differ",
    "find_finding",
    "find_outdated_years",
    "find_past_contacts",
    "find_told",
    "group",
    "group_findings",
    "leave_accepted_out",
    "list_accepted",
    "list_findings",
    "list_keys",
    "sort_rules",
]
