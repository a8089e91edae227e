"""Whether a file speaks of other records than it was said to: associations, contacts."""

from collections.abc import Iterable

from labelling.models.stored import FileColumn
from labelling.spreadsheets.resources import RESOURCES, SheetResource
from labelling.spreadsheets.tables import kinds
from labelling.spreadsheets.tables.known_headings import fold_heading, list_known_headings
from labelling.text import lowered, typeset

_NAMES = frozenset(("name", "association"))


def find_other_records(
    headings: Iterable[str], columns: Iterable[FileColumn], resource: SheetResource
) -> type[SheetResource] | None:
    """The records that headings, else names, speak of more than of `resource`'s; None if none."""
    keys = {fold_heading(heading) for heading in headings}

    def list_fields(other: type[SheetResource]) -> set[str]:
        known = list_known_headings(other)
        return {known[key] for key in keys if known.get(key)}

    others = [other for other in RESOURCES.values() if other.is_imported]
    best = max(others, key=lambda other: len(list_fields(other)))
    fields = list_fields(best)
    if len(fields) > max(len(list_fields(type(resource))), 1) and best.tells_records(fields):
        return best
    are_associations = resource.model_key == "site" and _names_associations(columns, resource)
    return RESOURCES["association"] if are_associations else None


def _names_associations(columns: Iterable[FileColumn], resource: SheetResource) -> bool:
    """Whether names are those of our associations, or stand alone, and none is a site's."""
    given = {column.field: column for column in columns if column.field}
    samples = [sample for name in _NAMES & given.keys() for sample in given[name].samples]
    if not samples or any(map(kinds.has_pimms, samples)):
        return False
    known = kinds.Kinds(resource.lookups)
    return given.keys() <= _NAMES or sum(map(known.is_association, samples)) * 2 > len(samples)


def word_other_records(other: type[SheetResource]) -> str:
    """Say which records a file looks like, and what to do."""
    return typeset(
        f"Ce fichier ressemble à des {lowered(other.sheet_name)} : déposez-le à nouveau en "
        f"choisissant « {other.sheet_name} »."
    )
