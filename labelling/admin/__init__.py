"""The pages, by part of the domain. They translate HTTP and decide nothing."""

from labelling.admin import accounts, contacts, geography, journal, letterheads, network
from labelling.admin.imports import model_admin as imports
from labelling.admin.releases import model_admin as releases
from labelling.admin.waves import model_admin as waves

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
