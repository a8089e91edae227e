"""The addresses that take a file: from whom, by their right, and how heavy [S25]."""

from typing import NamedTuple

from django.conf import settings

from labelling.models.letterhead import LOGO_LIMIT
from labelling.models.sent_file import SIZE_LIMIT
from labelling.press_release.returned.reading import LIMITS
from labelling.spreadsheets.runs.rights import IMPORT


class Upload(NamedTuple):
    permission: str
    most: int  # Bytes.


def find_upload(address_name: str) -> Upload | None:
    """The file that the address of this name takes, if it takes one."""
    return {
        "labelling_importrun_add": Upload(IMPORT, settings.IMPORT_LIMITS["upload"]),
        "labelling_letterhead_add": Upload("labelling.add_letterhead", LOGO_LIMIT),
        "labelling_letterhead_change": Upload("labelling.change_letterhead", LOGO_LIMIT),
        "labelling_labellingwave_attach": Upload("labelling.validate_pressrelease", SIZE_LIMIT),
        "labelling_pressrelease_attach": Upload("labelling.validate_pressrelease", SIZE_LIMIT),
        "labelling_pressrelease_word": Upload("labelling.change_pressrelease", LIMITS.upload),
    }.get(address_name)
