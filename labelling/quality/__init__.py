"""What is wrong with the records: storable, and yet to be looked at by a person."""

from labelling.quality.accepted import (
    Accepted,
    accept,
    find_finding,
    leave_accepted_out,
    list_accepted,
    list_findings,
    list_keys,
)
from labelling.quality.rules import (
    NAME_READ,
    NAMES_TO_READ,
    RULES,
    Acceptance,
    Finding,
    Mending,
    find_altered_releases,
    find_carriers_that_differ,
    find_contradicted_departments,
    find_names_to_read,
)

__all__ = [
    "NAMES_TO_READ",
    "NAME_READ",
    "RULES",
    "Acceptance",
    "Accepted",
    "Finding",
    "Mending",
    "accept",
    "find_altered_releases",
    "find_carriers_that_differ",
    "find_contradicted_departments",
    "find_finding",
    "find_names_to_read",
    "leave_accepted_out",
    "list_accepted",
    "list_findings",
    "list_keys",
]
