"""The names that an import made for new sites, until a person accepts or retypes them."""

from dataclasses import dataclass

from labelling.choices import RowState
from labelling.models import ImportRow, ImportRun
from labelling.models.imports import ImportRowQuerySet
from labelling.spreadsheets.judging.printed_names import is_put_in_order


@dataclass(frozen=True, kw_only=True)
class MadeName:
    """A line of a new site, the State's name of it, and the name that would be printed."""

    row: ImportRow
    state_name: str
    name: str

    @property
    def is_put_in_order(self) -> bool:
        """Whether it has other words than the State's, which a person reads first."""
        return is_put_in_order(self.state_name, self.name)


def find_made_names(run: ImportRun) -> ImportRowQuerySet:
    """The lines whose name is to be read."""
    lines = run.rows.to_write().in_state(RowState.NEW).filter(is_to_name=True)
    return lines.order_by("number")


def list_made_names(run: ImportRun, most: int) -> list[MadeName]:
    return [
        MadeName(row=row, state_name=row.after.get("state_name", ""), name=row.after["name"])
        for row in find_made_names(run)[:most]
    ]
