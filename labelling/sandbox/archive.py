"""Opens the ZIP container of a file, trusting nothing that it declares."""

import io
import re
import zipfile
import zlib
from collections.abc import Mapping

from .limits import MEGABYTE, Ceilings, Refusals, RefusedError, format_number

CHUNK = 64 * 1024

# A DTD can open local files and multiply text a billion times; no office program writes one.
DTD = re.compile(rb"<!(DOCTYPE|ENTITY)", re.IGNORECASE)
ENCODING = re.compile(rb"""^<\?xml[^>]*\bencoding\s*=\s*["']([^"']*)["']""")


def unpack(data: bytes, limits: Ceilings, refusals: Refusals) -> dict[str, bytes]:
    """Return the parts of a ZIP file by name, or raise RefusedError.

    Sizes are counted while inflating; those that the archive declares are not believed.
    """
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            _check_entries(archive.infolist(), limits, refusals)
            return _inflate(archive, limits, refusals)
    # RuntimeError and NotImplementedError: encryption and methods zipfile does not know.
    except (zipfile.BadZipFile, zlib.error, EOFError, OSError, ValueError) as error:
        raise RefusedError(refusals.damaged) from error
    except (RuntimeError, NotImplementedError) as error:
        raise RefusedError(refusals.unusual.format("compression inhabituelle")) from error


def pack(parts: Mapping[str, bytes]) -> bytes:
    """Return an uncompressed ZIP of the parts.

    The reader is given this rather than the upload: it sees what was counted, and nothing that
    a second directory or an overlap in the upload would show to another ZIP library.
    """
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_STORED) as archive:
        for name, content in parts.items():
            archive.writestr(name, content)
    return packed.getvalue()


def check_parts(parts: Mapping[str, bytes], refusals: Refusals) -> None:
    """Raise RefusedError for XML that names other files or itself, or hides that it does."""
    for name, content in parts.items():
        if name.lower().endswith((".xml", ".rels")):
            _check_xml(content, refusals)


def _check_entries(entries: list[zipfile.ZipInfo], limits: Ceilings, refusals: Refusals) -> None:
    if len(entries) > limits.parts:
        raise RefusedError(
            refusals.unusual.format(f"plus de {format_number(limits.parts)} éléments")
        )
    seen: set[str] = set()
    for entry in entries:
        name = entry.filename.lower()
        if name in seen:
            raise RefusedError(refusals.unusual.format("deux éléments du même nom"))
        seen.add(name)
        if name.startswith("/") or "\\" in name or ":" in name or ".." in name.split("/"):
            raise RefusedError(refusals.unusual.format("chemins inhabituels"))
        if entry.flag_bits & 0x1:
            raise RefusedError(refusals.protected)
        if entry.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
            raise RefusedError(refusals.unusual.format("compression inhabituelle"))


def _inflate(archive: zipfile.ZipFile, limits: Ceilings, refusals: Refusals) -> dict[str, bytes]:
    parts: dict[str, bytes] = {}
    total = 0
    for entry in archive.infolist():
        if entry.is_dir():
            continue
        chunks = []
        with archive.open(entry) as part:
            while chunk := part.read(CHUNK):
                total += len(chunk)
                if total > limits.unpacked:
                    size = format_number(limits.unpacked // MEGABYTE)
                    raise RefusedError(refusals.unpacked.format(size))
                chunks.append(chunk)
        parts[entry.filename] = b"".join(chunks)
    return parts


def _check_xml(content: bytes, refusals: Refusals) -> None:
    # In any encoding but UTF-8 the search for a DTD would be blind, and calamine reads nothing.
    declared = ENCODING.match(content.removeprefix(b"\xef\xbb\xbf")[:200])
    is_utf8 = declared is None or declared[1].lower() in (b"utf-8", b"utf8", b"us-ascii")
    if not is_utf8 or content.startswith((b"\xff\xfe", b"\xfe\xff", b"\x00", b"<\x00")):
        raise RefusedError(refusals.unusual.format("codage inhabituel"))
    if DTD.search(content):
        raise RefusedError(refusals.unusual.format("définition de type de document"))
