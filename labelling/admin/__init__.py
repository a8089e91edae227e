"""The pages: one module per part of the domain. They translate HTTP and decide nothing."""

from labelling.admin import (
    accounts,
    contacts,
    geography,
    imports,
    journal,
    letterheads,
    network,
    releases,
    waves,
)

__all__ = [
    "accounts",
    "contacts",
    "geography",
    "imports",
    "journal",
    "letterheads",
    "network",
    "releases",
    "waves",
]
