"""The pages, by part of the domain. They translate HTTP and decide nothing."""

from labelling.admin import associations, contacts, geography, journal, letterheads, sites
from labelling.admin.imports import model_admin as imports
from labelling.admin.people import pages as people
from labelling.admin.releases import model_admin as releases
from labelling.admin.waves import model_admin as waves

__all__ = [
    "associations",
    "contacts",
    "geography",
    "imports",
    "journal",
    "letterheads",
    "people",
    "releases",
    "sites",
    "waves",
]
