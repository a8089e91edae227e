"""Cells to values and back, in French both ways; what is ambiguous is refused, never guessed."""

from labelling.spreadsheets.widgets.base import (
    ANYTHING,
    DATE,
    NUMBER,
    TEXT,
    YES_NO,
    Cell,
    CellError,
    CellWidget,
    find_kind,
    find_nearest,
    fold,
    quote,
    show,
    to_one_line,
    word_alternatives,
)
from labelling.spreadsheets.widgets.choices import (
    STATE_FORMATS,
    UNDECIDED_FORMATS,
    ChoiceWidget,
    YesNoWidget,
)
from labelling.spreadsheets.widgets.dates import DateWidget, read_date, read_month
from labelling.spreadsheets.widgets.lookups import Lookups
from labelling.spreadsheets.widgets.network import (
    AssociationWidget,
    UnknownWave,
    WaveWidget,
    name_waves,
)
from labelling.spreadsheets.widgets.numbers import CoordinateWidget, CountWidget, KeyWidget
from labelling.spreadsheets.widgets.places import DepartmentWidget, LookupWidget, RegionWidget
from labelling.spreadsheets.widgets.texts import (
    CommuneCodeWidget,
    EmailWidget,
    LongTextWidget,
    NameWidget,
    PhoneWidget,
    PostcodeWidget,
    StateNumberWidget,
    TextWidget,
)

__all__ = [
    "ANYTHING",
    "DATE",
    "NUMBER",
    "STATE_FORMATS",
    "TEXT",
    "UNDECIDED_FORMATS",
    "YES_NO",
    "AssociationWidget",
    "Cell",
    "CellError",
    "CellWidget",
    "ChoiceWidget",
    "CommuneCodeWidget",
    "CoordinateWidget",
    "CountWidget",
    "DateWidget",
    "DepartmentWidget",
    "EmailWidget",
    "KeyWidget",
    "LongTextWidget",
    "LookupWidget",
    "Lookups",
    "NameWidget",
    "PhoneWidget",
    "PostcodeWidget",
    "RegionWidget",
    "StateNumberWidget",
    "TextWidget",
    "UnknownWave",
    "WaveWidget",
    "YesNoWidget",
    "find_kind",
    "find_nearest",
    "fold",
    "name_waves",
    "quote",
    "read_date",
    "read_month",
    "show",
    "to_one_line",
    "word_alternatives",
]
