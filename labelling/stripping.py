"""Pictures without what is no picture: where they were taken, by whom, their notes. A leaf.

A picture is a list of parts, each with its length: those that draw it are copied as they are, one
after the other, and the rest is left. Nothing is decoded; whether it can be printed, only the
formats know. Each byte is looked at once.
"""

from collections.abc import Iterator
from typing import Literal

PNG_SIGNATURE = b"\x89PNG\r\n\x1a\n"
JPEG_SIGNATURE = b"\xff\xd8\xff"

# The parts of a PNG that draw it, and how long each may be: its size, colours and transparency,
# how bright its pixels are and how many stand in an inch, its end; then the pixels themselves.
_DRAWN = {b"IHDR": 13, b"PLTE": 768, b"tRNS": 256, b"gAMA": 4, b"sRGB": 1, b"pHYs": 9, b"IEND": 0}
_PIXELS, _END, _NOTES = b"IDAT", b"IEND", b"eXIf"

# The markers of a JPEG that draw it: tables (DHT, DAC, DQT, DNL, DRI), frames (SOF), and how its
# colours are kept (Adobe). What JFIF says is written anew, without its thumbnail.
_TABLES = {0xC4, 0xCC, 0xDB, 0xDC, 0xDD}
_FRAMES = set(range(0xC0, 0xD0)) - {0xC4, 0xC8, 0xCC}
_JFIF, _EXIF, _ADOBE, _SCAN, _LAST = 0xE0, 0xE1, 0xEE, 0xDA, 0xD9
_ALONE = {0x01, *range(0xD0, 0xD8)}
_ORIENTATION = 0x0112
# One is upright, nought says nothing.
_TURNED = range(2, 9)


class NotRead(ValueError):
    """The parts of a picture do not follow each other as they say."""


class Lying(ValueError):
    """A photograph that only its notes would set upright."""


def strip(picture: bytes) -> bytes:
    """Return a PNG or JPEG without what is no picture.

    Raise NotRead for one that is neither or is cut, Lying for one that would lie on its side.
    """
    if picture.startswith(PNG_SIGNATURE):
        return b"".join((PNG_SIGNATURE, *_list_png_parts(picture)))
    if picture.startswith(JPEG_SIGNATURE):
        return b"".join((JPEG_SIGNATURE[:2], *_list_jpeg_parts(picture)))
    raise NotRead


def _list_png_parts(picture: bytes) -> Iterator[bytes]:
    at = len(PNG_SIGNATURE)
    while True:
        length = int.from_bytes(picture[at : at + 4], "big")
        name, end = picture[at + 4 : at + 8], at + 12 + length
        if len(picture) < end or length > _DRAWN.get(name, length):
            raise NotRead
        if name == _NOTES:
            _check_upright(picture[at + 8 : end - 4])
        if name in _DRAWN or name == _PIXELS:
            yield picture[at:end]
        if name == _END:
            return
        at = end


def _list_jpeg_parts(picture: bytes) -> Iterator[bytes]:
    at = 2
    while True:
        if picture[at : at + 1] != b"\xff":
            raise NotRead
        while picture[at + 1 : at + 2] == b"\xff":  # Any number of them may fill up.
            at += 1
        marker = int.from_bytes(picture[at + 1 : at + 2], "big")
        if marker == _LAST:
            yield b"\xff\xd9"
            return
        if marker in _ALONE:
            yield picture[at : at + 2]
            at += 2
            continue
        length = int.from_bytes(picture[at + 2 : at + 4], "big")
        end = at + 2 + length
        if length < 2 or len(picture) < end:
            raise NotRead
        part, content = picture[at:end], picture[at + 4 : end]
        if marker == _SCAN:
            end = _find_scan_end(picture, end)
            yield picture[at:end]
        elif marker in _TABLES or marker in _FRAMES:
            yield part
        elif marker == _ADOBE and content.startswith(b"Adobe"):
            yield _make_part(marker, content[:12])
        elif marker == _JFIF and content.startswith(b"JFIF\0") and len(content) >= 12:
            yield _make_part(marker, content[:12] + b"\0\0")
        elif marker == _EXIF and content.startswith(b"Exif\0\0"):
            _check_upright(content[6:])
        at = end


def _make_part(marker: int, content: bytes) -> bytes:
    return bytes((0xFF, marker)) + (len(content) + 2).to_bytes(2, "big") + content


def _find_scan_end(picture: bytes, at: int) -> int:
    """Where the next marker stands behind pixels; among them, stuffing and restarts are none."""
    while True:
        at = picture.find(b"\xff", at)
        if at < 0 or at + 1 >= len(picture):
            raise NotRead
        follows = picture[at + 1]
        if follows and follows not in _ALONE and follows != 0xFF:
            return at
        at += 1 if follows == 0xFF else 2


def _check_upright(notes: bytes) -> None:
    """Raise Lying for a photograph that its notes (EXIF) would turn."""
    order: Literal["little", "big"]
    if notes.startswith(b"II*\0"):
        order = "little"
    elif notes.startswith(b"MM\0*"):
        order = "big"
    else:
        return

    def read(at: int, size: int) -> int:
        return int.from_bytes(notes[at : at + size], order)

    first = read(4, 4)
    for entry in range(first + 2, min(first + 2 + 12 * read(first, 2), len(notes)), 12):
        if read(entry, 2) == _ORIENTATION and read(entry + 8, 2) in _TURNED:
            raise Lying
