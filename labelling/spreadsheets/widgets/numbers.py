"""Counts and coordinates."""

import math
import re
from contextlib import suppress
from typing import Any, ClassVar

from labelling import text
from labelling.spreadsheets.widgets.base import NUMBER, Cell, CellError, CellWidget, show

# PostgreSQL's integers; SQLite's are larger.
_LARGEST = 2**31 - 1
_WHOLE = re.compile(r"\A(-?[0-9]{1,20})(?:[.,]0+)?\Z")
_GROUPED = re.compile(r"[0-9]{1,3}([.,])[0-9]{3}(?:\1[0-9]{3}){0,5}")
_KEY = re.compile("[0-9]{1,18}")


class CountWidget(CellWidget):
    """A whole number, never below zero."""

    kinds = frozenset({NUMBER})

    def read(self, value: Cell) -> int:
        if isinstance(value, int) and not isinstance(value, bool):
            number = value
        else:
            words = "".join(show(value).split())
            if _GROUPED.fullmatch(words) and not isinstance(value, float):
                whole = words.replace(".", "").replace(",", "")
                raise CellError(
                    value,
                    f"{text.number(int(whole))}, ou un nombre à virgule ? "
                    "Écrivez-le sans point ni virgule.",
                    [(text.number(int(whole)), whole)],
                )
            match = _WHOLE.match(words)
            if not match:
                raise CellError(value, "ce n’est pas un nombre entier. Écrivez-le ainsi : 856.")
            number = int(match[1])
        if not 0 <= number <= _LARGEST:
            raise CellError(
                value, f"ce nombre doit être compris entre 0 et {text.number(_LARGEST)}."
            )
        return number

    def render(self, value: Any, obj: Any = None, **kwargs: Any) -> Any:
        if value is None or kwargs.get("force_native_type"):
            return value
        return str(value)


def split_degrees(value: str, sides: str = "NSEOW") -> tuple[str, int]:
    """The number that a coordinate writes, with its point, and its sign: « 4,05° O », -4.05.

    `sides` are the letters that may end it. A number below zero goes without.
    """
    words = value.replace(",", ".").replace("\u2212", "-").strip()
    side = words[-1:].upper()
    if not side or side not in sides or words.startswith("-"):
        return words.rstrip("° "), 1
    return words[:-1].rstrip("° "), -1 if side in "SOW" else 1


class CoordinateWidget(CellWidget):
    """A latitude or a longitude, in degrees, with a comma or a point."""

    kinds = frozenset({NUMBER})

    def __init__(self, limit: int) -> None:
        super().__init__()
        self.limit = limit

    def read(self, value: Cell) -> float:
        number = math.nan
        if isinstance(value, int | float) and not isinstance(value, bool):
            number = float(value)
        elif isinstance(value, str):
            words, sign = split_degrees(value, "NS" if self.limit <= 90 else "EOW")
            with suppress(ValueError):
                # Python's own 1_000 is nobody's.
                number = sign * float(words.replace("_", "?"))
        if not math.isfinite(number):
            raise CellError(value, "ce n’est pas une coordonnée. Écrivez-la ainsi : 45,4397.")
        if abs(number) > self.limit:
            raise CellError(
                value,
                f"cette coordonnée doit être comprise entre -{self.limit} et {self.limit}. "
                "Écrivez-la ainsi : 45,4397.",
            )
        return number

    def render(self, value: Any, obj: Any = None, **kwargs: Any) -> Any:
        if value is None or kwargs.get("force_native_type"):
            return value
        return repr(float(value)).replace(".", ",")


class KeyWidget(CellWidget):
    """The key or the version that a download of ours carries: « site-12 », 3. Never written."""

    kinds: ClassVar[frozenset[str]] = frozenset()
    # By what keys begin with: « un site », and what to choose for a file of them.
    kinds_of_key: ClassVar[dict[str, tuple[str, str]]] = {}

    def __init__(self, prefix: str = "") -> None:
        super().__init__()
        self.prefix = f"{prefix}-" if prefix else ""

    def read(self, value: Cell) -> int:
        words = show(value).strip()
        number = words.removeprefix(self.prefix)
        kind = words.partition("-")[0]
        if self.prefix and f"{kind}-" != self.prefix and kind in self.kinds_of_key:
            what, choice = self.kinds_of_key[kind]
            raise CellError(
                value,
                f"cette ligne est {what} : déposez le fichier à nouveau en choisissant "
                f"« {choice} ».",
            )
        if not words.startswith(self.prefix) or not _KEY.fullmatch(number):
            raise CellError(
                value,
                "cette colonne sert à retrouver la fiche, et sa valeur a été modifiée. Videz la "
                "cellule, ou téléchargez la liste à nouveau.",
            )
        return int(number)

    def render(self, value: Any, obj: Any = None, **kwargs: Any) -> Any:
        if value is None:
            return None
        if self.prefix or not kwargs.get("force_native_type"):
            return f"{self.prefix}{value}"
        return value
