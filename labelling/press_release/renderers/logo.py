"""The picture of the letterhead, and how large it is printed."""

import base64
import io

from xlsxwriter.image import Image

from labelling.press_release.content import Head

# In millimetres: what a logo may take at the head of an A4 page.
_WIDEST, _HIGHEST = 70, 18


def read_picture(head: Head) -> bytes:
    """Return the PNG or JPEG file; empty if the letterhead has none."""
    return base64.b64decode(head.logo)


def measure(head: Head) -> tuple[float, float]:
    """Return the width and height in millimetres, as large as the head of the page allows."""
    width, height = count_pixels(head)
    scale = min(_WIDEST / width, _HIGHEST / height)
    return round(width * scale, 2), round(height * scale, 2)


def count_pixels(head: Head) -> tuple[int, int]:
    """Return how many pixels wide and high the picture is."""
    image = Image(io.BytesIO(read_picture(head)))
    return int(image.width), int(image.height)
