"""The records, one module per part of the domain; each model stands below its QuerySet."""

from labelling.models.accepted import AcceptedFinding
from labelling.models.account import Account, Tally
from labelling.models.association import Association
from labelling.models.base import Record, StaleRecord
from labelling.models.contact import PressContact
from labelling.models.dispatch import Dispatch
from labelling.models.draft_text import DraftText
from labelling.models.frozen import FrozenRow
from labelling.models.geography import Department, Region
from labelling.models.imports import (
    BY_IMPORT,
    ImportRow,
    ImportRun,
)
from labelling.models.journal import JournalEntry
from labelling.models.letterhead import Letterhead
from labelling.models.merged import MergedSite
from labelling.models.release import PressRelease
from labelling.models.remembered import ColumnMapping, KeptValue
from labelling.models.returned_word import ReturnedWord
from labelling.models.sent_file import SentFile
from labelling.models.site import Site
from labelling.models.wave import LabellingWave

__all__ = [
    "BY_IMPORT",
    "AcceptedFinding",
    "Account",
    "Association",
    "ColumnMapping",
    "Department",
    "Dispatch",
    "DraftText",
    "FrozenRow",
    "ImportRow",
    "ImportRun",
    "JournalEntry",
    "KeptValue",
    "LabellingWave",
    "Letterhead",
    "MergedSite",
    "PressContact",
    "PressRelease",
    "Record",
    "Region",
    "ReturnedWord",
    "SentFile",
    "Site",
    "StaleRecord",
    "Tally",
]
