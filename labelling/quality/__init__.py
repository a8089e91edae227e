"""What is wrong with the records: storable, and yet to be looked at by a person."""

from labelling.quality.rules import (
    RULES,
    Finding,
    Mending,
    find_altered_releases,
    find_carriers_that_differ,
    find_contradicted_departments,
    list_findings,
    list_keys,
)

__all__ = [
    "RULES",
    "Finding",
    "Mending",
    "find_altered_releases",
    "find_carriers_that_differ",
    "find_contradicted_departments",
    "list_findings",
    "list_keys",
]
