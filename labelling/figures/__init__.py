"""The labelled network in figures: as of a day or of a wave, two of them compared, its growth.

Each number goes with the choice of the list of sites that shows these very sites.
"""

from .growth import Step, list_growth, make_ended, make_gained, make_total
from .network import (
    PASSED,
    Change,
    Figure,
    Network,
    Row,
    compare,
    count_network,
)
from .situations import (
    Between,
    Situation,
    make_situation,
    read_between,
    read_situation,
)

__all__ = [
    "PASSED",
    "Between",
    "Change",
    "Figure",
    "Network",
    "Row",
    "Situation",
    "Step",
    "compare",
    "count_network",
    "list_growth",
    "make_ended",
    "make_gained",
    "make_situation",
    "make_total",
    "read_between",
    "read_situation",
]
