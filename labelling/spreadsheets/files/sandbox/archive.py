"""Opens the ZIP container of a workbook, trusting nothing that it declares."""

import io
import re
import zipfile
import zlib
from collections.abc import Mapping

from .limits import MEGABYTE, Limits, RefusedError, format_number

CHUNK = 64 * 1024

DAMAGED = (
    "Ce classeur est incomplet ou abîmé. Ouvrez-le dans Excel ou LibreOffice, enregistrez-le à"
    " nouveau, puis déposez cette copie."
)
UNUSUAL = (
    "Ce classeur n’est pas rangé comme le fait un tableur ({}). Ouvrez-le dans Excel ou"
    " LibreOffice, enregistrez-le sous un autre nom, puis déposez cette copie."
)
PROTECTED = (
    "Ce classeur est protégé par un mot de passe. Ouvrez-le, retirez le mot de passe,"
    " enregistrez-le, puis déposez-le à nouveau."
)
MACROS = (
    "Ce classeur contient des macros. Enregistrez-le au format « Classeur Excel (.xlsx) » ou"
    " « Classeur ODF (.ods) », sans macros, puis déposez cette copie."
)
BINARY_WORKBOOK = (
    "Ce classeur est au format binaire d’Excel (.xlsb). Enregistrez-le au format « Classeur Excel"
    " (.xlsx) », puis déposez cette copie."
)
NUMBERS = (
    "Ce classeur vient de Numbers. Exportez-le au format Excel (.xlsx), puis déposez cette copie."
)
WORD = "Ce fichier est un document Word, pas un tableur. Copiez son tableau, puis collez-le ici."
WRITER = (
    "Ce fichier est un document texte de LibreOffice, pas un tableur. Copiez son tableau, puis"
    " collez-le ici."
)
SLIDES = "Ce fichier est un diaporama, pas un tableur. Copiez son tableau, puis collez-le ici."
ZIP_OF_FILES = (
    "Ce fichier est une archive ZIP, pas un tableur. Décompressez-la, puis déposez le tableur"
    " qu’elle contient."
)

# A DTD can open local files and multiply text a billion times; no spreadsheet writes one.
DTD = re.compile(rb"<!(DOCTYPE|ENTITY)", re.IGNORECASE)
MACRO_PART = re.compile(r"vbaproject|macrosheets/")
ENCODING = re.compile(rb"""^<\?xml[^>]*\bencoding\s*=\s*["']([^"']*)["']""")


def unpack(data: bytes, limits: Limits) -> dict[str, bytes]:
    """Return the parts of a ZIP file by name, or raise RefusedError.

    Sizes are counted while inflating; those that the archive declares are not believed.
    """
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            _check_entries(archive.infolist(), limits)
            return _inflate(archive, limits)
    # RuntimeError and NotImplementedError: encryption and methods zipfile does not know.
    except (zipfile.BadZipFile, zlib.error, EOFError, OSError, ValueError) as error:
        raise RefusedError(DAMAGED) from error
    except (RuntimeError, NotImplementedError) as error:
        raise RefusedError(UNUSUAL.format("compression inhabituelle")) from error


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


def find_kind(parts: Mapping[str, bytes]) -> str:
    """Return "xlsx" or "ods" for an acceptable workbook; otherwise raise RefusedError."""
    names = {name.lower() for name in parts}
    kind = _find_office_open_kind(names, parts) or _find_opendocument_kind(parts)
    if kind is None:
        if any(name.endswith(".iwa") for name in names):
            raise RefusedError(NUMBERS)
        raise RefusedError(ZIP_OF_FILES)
    for name, content in parts.items():
        if name.lower().endswith((".xml", ".rels")):
            _check_xml(content)
    return kind


def _check_entries(entries: list[zipfile.ZipInfo], limits: Limits) -> None:
    if len(entries) > limits.parts:
        raise RefusedError(UNUSUAL.format(f"plus de {format_number(limits.parts)} éléments"))
    seen: set[str] = set()
    for entry in entries:
        name = entry.filename.lower()
        if name in seen:
            raise RefusedError(UNUSUAL.format("deux éléments du même nom"))
        seen.add(name)
        if name.startswith("/") or "\\" in name or ":" in name or ".." in name.split("/"):
            raise RefusedError(UNUSUAL.format("chemins inhabituels"))
        if entry.flag_bits & 0x1:
            raise RefusedError(PROTECTED)
        if entry.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
            raise RefusedError(UNUSUAL.format("compression inhabituelle"))


def _inflate(archive: zipfile.ZipFile, limits: Limits) -> dict[str, bytes]:
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
                    raise RefusedError(
                        f"Une fois décompressé, ce classeur dépasse {size} Mo. Copiez les seules"
                        " lignes utiles dans un nouveau classeur, puis déposez celui-ci."
                    )
                chunks.append(chunk)
        parts[entry.filename] = b"".join(chunks)
    return parts


def _find_office_open_kind(names: set[str], parts: Mapping[str, bytes]) -> str | None:
    types = parts.get("[Content_Types].xml")
    if types is None:
        return None
    if "xl/workbook.bin" in names:
        raise RefusedError(BINARY_WORKBOOK)
    if any(name.startswith("word/") for name in names):
        raise RefusedError(WORD)
    if any(name.startswith("ppt/") for name in names):
        raise RefusedError(SLIDES)
    if "xl/workbook.xml" not in names:
        return None
    if b"macroenabled" in types.lower() or any(MACRO_PART.search(name) for name in names):
        raise RefusedError(MACROS)
    return "xlsx"


def _find_opendocument_kind(parts: Mapping[str, bytes]) -> str | None:
    if "content.xml" not in parts:
        return None
    manifest = parts.get("META-INF/manifest.xml", b"")
    media_type = parts.get("mimetype", manifest)
    if b"encryption-data" in manifest:
        raise RefusedError(PROTECTED)
    if b"opendocument.presentation" in media_type:
        raise RefusedError(SLIDES)
    if b"opendocument.spreadsheet" not in media_type:
        raise RefusedError(WRITER)
    if any(name.startswith(("Basic/", "Scripts/")) for name in parts):
        raise RefusedError(MACROS)
    return "ods"


def _check_xml(content: bytes) -> None:
    # In any encoding but UTF-8 the search for a DTD would be blind, and calamine reads nothing.
    declared = ENCODING.match(content.removeprefix(b"\xef\xbb\xbf")[:200])
    is_utf8 = declared is None or declared[1].lower() in (b"utf-8", b"utf8", b"us-ascii")
    if not is_utf8 or content.startswith((b"\xff\xfe", b"\xfe\xff", b"\x00", b"<\x00")):
        raise RefusedError(UNUSUAL.format("codage inhabituel"))
    if DTD.search(content):
        raise RefusedError(UNUSUAL.format("définition de type de document"))
