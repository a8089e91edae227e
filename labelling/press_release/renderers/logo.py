"""The picture of the letterhead, and how large it is printed."""

from __future__ import annotations

import base64
import io
from typing import TYPE_CHECKING

from xlsxwriter.image import Image

if TYPE_CHECKING:
    from labelling.press_release.content import Head

# In millimetres: what a logo may take at the head of an A4 page.
_WIDEST, _HIGHEST = 70, 18


def picture(head: Head) -> bytes:
    """Return the PNG or JPEG file; empty if the letterhead has none."""
    return base64.b64decode(head.logo)


def size(head: Head) -> tuple[float, float]:
    """Return the width and height in millimetres, as large as the head of the page allows."""
    image = Image(io.BytesIO(picture(head)))
    scale = min(_WIDEST / image.width, _HIGHEST / image.height)
    return round(image.width * scale, 2), round(image.height * scale, 2)
