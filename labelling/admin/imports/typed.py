"""What people type over the cells of a file."""

from typing import Any

from labelling.characters import UNWRITABLE
from labelling.spreadsheets.runs.rights import ImportRefused

# What a cell of a spreadsheet holds at most.
_LONGEST_CELL = 32_767


def read_text(written: Any) -> str:
    """What was typed, on one line; refused if no cell could hold it."""
    if len(written) > _LONGEST_CELL:
        raise ImportRefused("Ce texte est trop long pour une cellule. Raccourcissez-le.")
    if UNWRITABLE.search(written):
        raise ImportRefused(
            "Ce texte contient un caractère qui ne s’imprime pas. Tapez-le au clavier au lieu de "
            "le coller."
        )
    return " ".join(written.split())
