"""What is wrong with the records: storable, and yet to be looked at by a person."""

from labelling.quality.rules import (
    RULES,
    Finding,
    altered_releases,
    carriers_that_differ,
    contradicted_departments,
)

__all__ = [
    "RULES",
    "Finding",
    "altered_releases",
    "carriers_that_differ",
    "contradicted_departments",
]
