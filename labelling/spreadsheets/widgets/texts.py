"""Texts, and the codes and numbers that are texts: they keep their zeros."""

import re
from typing import Any, ClassVar

from django.core.exceptions import ValidationError
from django.core.validators import validate_email

from labelling import text
from labelling.spreadsheets.widgets.base import (
    ANYTHING,
    NUMBER,
    TEXT,
    Cell,
    CellError,
    CellWidget,
    to_one_line,
)

_WORD = re.compile(r"\w+")
_WHOLE = re.compile(r"\A([0-9]+)[.,]0+\Z")
_STATE_NUMBER = re.compile("[0-9A-Za-z_-]{1,20}")
_BETWEEN_DIGITS = re.compile(r"[\s.\-/()_]")
_FROM_ABROAD = re.compile(r"(?:\+33|0033)0?([1-9][0-9]{8})")
# A spreadsheet took it for a number, whose first zero is nothing.
_WITHOUT_ZERO = re.compile("[1-9][0-9]{8}")
_SHORT_OR_FOREIGN = re.compile(r"[0-9]{4}|\+[0-9]{7,15}")
_MAIL_LINK = re.compile("^mailto:", re.IGNORECASE)


class TextWidget(CellWidget):
    """A text on one line."""

    blank = ""

    def __init__(self, max_length: int | None = None) -> None:
        super().__init__()
        self.max_length = max_length

    def read(self, value: Cell) -> str:
        return self.check_length(value, to_one_line(value))

    def check_length(self, value: Cell, words: str) -> str:
        if self.max_length is not None and len(words) > self.max_length:
            raise CellError(
                value,
                f"ce texte a {text.number(len(words))} caractères, la place est de "
                f"{text.number(self.max_length)}. Raccourcissez-le.",
            )
        return words


class RecordNameWidget(TextWidget):
    """The name of a record, which is sorted by its letters and digits."""

    def read(self, value: Cell) -> str:
        return self.check_name(value, to_one_line(value))

    def check_name(self, value: Cell, name: str) -> str:
        if name and not text.sort_key(name):
            raise CellError(value, "écrivez un nom qui a des lettres ou des chiffres.")
        return self.check_length(value, name)


class NameWidget(RecordNameWidget):
    """The name of a site. An asterisk at its end says that the site is new in its wave."""

    def read(self, value: Cell) -> str:
        return self.check_name(value, to_one_line(value).rstrip("* "))

    @staticmethod
    def is_marked_new(value: Cell) -> bool:
        """Whether the cell carries the asterisk of the new."""
        return isinstance(value, str) and value.rstrip().endswith("*")


class LongTextWidget(TextWidget):
    """A text that may have several lines."""

    kinds = ANYTHING

    def read(self, value: Cell) -> str:
        if not isinstance(value, str):
            return super().read(value)
        lines = "\n".join(line.rstrip() for line in value.splitlines())
        return self.check_length(value, lines.strip())


class CodeWidget(CellWidget):
    """A code: letters and digits whose zeros count, which a spreadsheet takes for a number."""

    kinds = frozenset({TEXT, NUMBER})
    blank = ""
    length: ClassVar[int]
    pattern: ClassVar[re.Pattern[str]]
    refusal: ClassVar[str]

    def read(self, value: Cell) -> str:
        if isinstance(value, str) and self.pattern.fullmatch(value):
            return value
        code = self.simplify(read_code(value))
        if text.is_number(code):
            code = code.zfill(self.length)
        if self.pattern.fullmatch(code):
            return code
        words = _WORD.findall(to_one_line(value))
        meant = next(filter(self.pattern.fullmatch, words), "")
        raise CellError(value, self.refusal, [(meant, meant)] if meant else [])

    def simplify(self, code: str) -> str:
        return code.upper().replace(" ", "")


class PostcodeWidget(CodeWidget):
    length = 5
    pattern = re.compile(r"[0-9]{5}")
    refusal = "un code postal a cinq chiffres. Écrivez-le ainsi : 42000."

    def simplify(self, code: str) -> str:
        code = super().simplify(code).removeprefix("F-").removeprefix("F")
        # Three digits are no postcode that lost its zero: they are a department, or a slip.
        return code if len(code) > 3 else f"{code}?"


class CommuneCodeWidget(CodeWidget):
    length = 5
    pattern = re.compile(r"(?:[0-9]{2}|2[AB])[0-9]{3}")
    refusal = "un code commune de l’INSEE a cinq caractères. Écrivez-le ainsi : 42218 ou 2A004."

    def simplify(self, code: str) -> str:
        code = super().simplify(code)
        return code if len(code) > 3 else f"{code}?"


class StateNumberWidget(CellWidget):
    """The State's number of a site. Its provisional ones (`temp_41`) are no number."""

    kinds = frozenset({TEXT, NUMBER})
    blank = ""

    def read(self, value: Cell) -> str:
        number = read_code(value)
        if text.is_number(number) and len(number) <= 20:
            return strip_zeros(number)
        if self.is_provisional(number):
            return ""
        if not _STATE_NUMBER.fullmatch(number):
            raise CellError(
                value, "ce n’est pas un numéro France Services. Écrivez-le ainsi : 863."
            )
        return number

    @staticmethod
    def is_provisional(value: Cell) -> bool:
        """Whether the cell holds a number that the State will replace: « temp_41 »."""
        return isinstance(value, str) and value.strip().casefold().startswith("temp")


class PhoneWidget(CellWidget):
    """A telephone number, written as it is printed: 01 23 45 67 89."""

    kinds = frozenset({TEXT, NUMBER})
    blank = ""

    def read(self, value: Cell) -> str:
        number = read_code(value)
        digits = _BETWEEN_DIGITS.sub("", number.replace("(0)", ""))
        if match := _FROM_ABROAD.fullmatch(digits):
            digits = f"0{match[1]}"
        elif _WITHOUT_ZERO.fullmatch(digits):
            digits = f"0{digits}"
        if printed := text.phone_number(digits):
            return printed
        if _SHORT_OR_FOREIGN.fullmatch(digits):
            return to_one_line(number)
        raise CellError(
            value, "un numéro de téléphone a dix chiffres. Écrivez-le ainsi : 01 23 45 67 89."
        )


class EmailWidget(CellWidget):
    """An electronic address."""

    blank = ""

    def read(self, value: Cell) -> str:
        address = _MAIL_LINK.sub("", to_one_line(value))
        try:
            validate_email(address)
        except ValidationError:
            raise CellError(
                value,
                "ce n’est pas une adresse électronique. Écrivez-la ainsi : prenom.nom@example.org.",
            ) from None
        return address


def strip_zeros(number: str) -> str:
    """Return a number of the State's as it is compared: « 0660 » is 660."""
    return number.lstrip("0") or number[-1:]


def read_code(value: Any) -> str:
    """Return the text of a code: 1000.0 and « 1000.0 » are 1000."""
    words = to_one_line(value)
    match = _WHOLE.match(words)
    return match[1] if match else words
