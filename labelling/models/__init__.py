"""The records, one module per part of the domain; each model stands below its QuerySet."""

from labelling.models.base import Record, StaleRecord
from labelling.models.contact import PressContact
from labelling.models.frozen import FrozenRelease
from labelling.models.geography import Department, Region
from labelling.models.imports import (
    BY_IMPORT,
    CellFault,
    ColumnMapping,
    Decision,
    ImportRow,
    ImportRun,
    ImportStatus,
    KeptValue,
    Match,
    RowState,
)
from labelling.models.letterhead import Letterhead
from labelling.models.network import Association, Site
from labelling.models.release import PressRelease
from labelling.models.sent_file import SentFile
from labelling.models.wave import LabellingWave

__all__ = [
    "BY_IMPORT",
    "Association",
    "CellFault",
    "ColumnMapping",
    "Decision",
    "Department",
    "FrozenRelease",
    "ImportRow",
    "ImportRun",
    "ImportStatus",
    "KeptValue",
    "LabellingWave",
    "Letterhead",
    "Match",
    "PressContact",
    "PressRelease",
    "Record",
    "Region",
    "RowState",
    "SentFile",
    "Site",
    "StaleRecord",
]
