"""What a table looks like that stands beside its headings: it is told, and not read."""

from collections.abc import Iterable, Sequence

from labelling.spreadsheets.resources import SheetResource
from labelling.spreadsheets.tables import kinds
from labelling.spreadsheets.tables.columns import measure_filled
from labelling.spreadsheets.tables.heading_words import find_field_like
from labelling.spreadsheets.tables.known_headings import (
    FileLine,
    fold_heading,
    list_known_headings,
)
from labelling.spreadsheets.widgets import Cell, quote, show, to_one_line
from labelling.text import enumeration, typeset

# The lines in which commas are looked for, evenly spaced; and so many headings are quoted.
_LINES, _QUOTED = 200, 5


def explain_lying_table(
    rows: Sequence[Sequence[Cell]], index: int | None, resource: SheetResource
) -> str:
    """Say that the headings stand in the first column; empty if they stand in a line.

    `index` is the line that was taken for them: None or -1 if none was.
    """
    # Beside each heading, a value.
    beside = (row[0] for row in rows if row and sum(cell not in (None, "") for cell in row) > 1)
    lying = _list_headings(beside, resource)
    standing = _list_headings(rows[index], resource) if index not in (None, -1) else []
    if len(lying) <= max(len(standing), 1):
        return ""
    return typeset(
        f"Le tableau est couché : ses titres ({enumeration(lying[:_QUOTED])}) sont dans la "
        "première colonne. Dans votre tableur, copiez-le, puis choisissez Collage spécial > "
        "Transposer, et déposez le résultat."
    )


def _list_headings(cells: Iterable[Cell], resource: SheetResource) -> list[str]:
    """Quote the cells that name a field to the letter, the first of each."""
    known = list_known_headings(type(resource))
    found: dict[str, str] = {}
    for words in (to_one_line(cell) for cell in cells if isinstance(cell, str)):
        if name := known.get(fold_heading(words)):
            found.setdefault(name, quote(words))
    return list(found.values())


def explain_split_decimals(
    headings: Sequence[str], lines: Sequence[FileLine], resource: SheetResource
) -> str:
    """Say that the decimal commas of coordinates parted cells on every line; empty if not."""
    known = list_known_headings(type(resource))
    names = [known.get(k) or find_field_like(k, resource) for k in map(fold_heading, headings)]
    places = [i for i, name in enumerate(names) if name in ("latitude", "longitude")]
    count = measure_filled(headings)
    width = count + len(places)

    def join_halves(line: FileLine) -> list[str]:
        # Each comma before it has moved a number one cell to the right.
        starts = [position + moved for moved, position in enumerate(places)]
        return [f"{show(line.read_cell(p))},{show(line.read_cell(p + 1))}" for p in starts]

    sample = lines[:: max(len(lines) // _LINES, 1)] if places else ()
    if not sample or not all(
        measure_filled(line.cells) == width and all(map(kinds.is_decimal, join_halves(line)))
        for line in sample
    ):
        return ""
    return typeset(
        f"Les lignes ont {width} cellules pour {count} titres : la virgule des nombres "
        f"(« {join_halves(sample[0])[0]} ») y a été lue comme un séparateur. Enregistrez le "
        "fichier avec le point-virgule pour séparateur, ou mettez ces nombres entre guillemets, "
        "puis déposez-le à nouveau."
    )
