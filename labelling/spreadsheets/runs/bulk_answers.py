"""What people answer of many lines at once: their sites, their names, their associations."""

from collections.abc import Mapping

from django.contrib.auth.models import User

from labelling import text
from labelling.models import ImportRow, ImportRun
from labelling.spreadsheets.resources import RESOURCES
from labelling.spreadsheets.runs import ledger
from labelling.spreadsheets.runs.made_names import find_made_names
from labelling.spreadsheets.runs.pairs import list_pairs
from labelling.spreadsheets.runs.proposed_associations import list_proposed_associations
from labelling.spreadsheets.runs.repairs import editing
from labelling.spreadsheets.runs.rights import ImportRefused


def say_same_sites(run: ImportRun, user: User | None, seen: str | None = None) -> int:
    """Say that lines speak of the sites that they are paired with; return of how many.

    `seen` is the `key` of the pairs of one wave, as a person was shown them; None: every pair.
    """
    with editing(run, user) as locked:
        asked = [one for one in list_pairs(locked) if seen in (None, one.key)]
        if not asked:
            raise ImportRefused(
                "Ces lignes ou ces sites ont changé depuis que cette page est ouverte. Relisez-les."
            )
        rows = []
        for row, site in (pair for one in asked for pair in one.pairs):
            row.answers.record = site.pk
            rows.append(row)
        ledger.judge_again(locked, rows)
    return len(rows)


def name_lines(run: ImportRun, user: User | None, names: Mapping[int, str]) -> int:
    """Give new sites, by the keys of their lines, the names that a person accepts or types.

    Return how many it gave: a line whose name was given meanwhile keeps it.
    """
    with editing(run, user) as locked:
        rows = list(find_made_names(locked).filter(pk__in=list(names)))
        for row in rows:
            if not names[row.pk]:
                raise ImportRefused(
                    f"Ligne {text.number(row.number)}\u00a0: écrivez un nom, ou décochez la ligne."
                )
            _write(locked, row, "name", names[row.pk])
        ledger.judge_again(locked, rows)
    return len(rows)


def give_associations(run: ImportRun, user: User | None, keys: Mapping[int, int]) -> int:
    """Give new sites, by the keys of their lines, the associations proposed; return to how many.

    By the key of each association too: what is proposed otherwise by now is not taken.
    """
    with editing(run, user) as locked:
        rows = []
        for one in list_proposed_associations(locked):
            if keys.get(one.row.pk) == one.association.pk:
                _write(locked, one.row, "association", one.association.name)
                rows.append(one.row)
        ledger.judge_again(locked, rows)
    return len(rows)


def _write(run: ImportRun, row: ImportRow, field: str, words: str) -> None:
    """Write over the cell of a field; where the file has no column for it, beside the cells."""
    position = next((c.position for c in run.columns if c.field == field), None)
    if position is not None:
        row.answers.cells[position] = words
    else:
        model_field = RESOURCES[run.model_key]._meta.model._meta.get_field(field)
        row.answers.values[model_field.attname] = words
