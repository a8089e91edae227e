"""The pages: one module per part of the domain. They translate HTTP and decide nothing."""

from labelling.admin import accounts, contacts, geography, journal, letterheads, network
from labelling.admin.imports import imports
from labelling.admin.releases import releases
from labelling.admin.waves import waves

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
