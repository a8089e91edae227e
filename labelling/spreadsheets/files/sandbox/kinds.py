"""Which kind of workbook an archive is, and the sentences for what is none."""

import re
from collections.abc import Mapping

from labelling.sandbox.archive import check_parts
from labelling.sandbox.limits import Refusals, RefusedError

from .limits import TOO_HEAVY

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
REFUSALS = Refusals(
    damaged=DAMAGED,
    unusual=UNUSUAL,
    protected=PROTECTED,
    unpacked=(
        "Une fois décompressé, ce classeur dépasse {} Mo. Copiez les seules lignes utiles dans un"
        " nouveau classeur, puis déposez celui-ci."
    ),
    too_heavy=TOO_HEAVY,
)

MACRO_PART = re.compile(r"vbaproject|macrosheets/")


def find_kind(parts: Mapping[str, bytes]) -> str:
    """Return "xlsx" or "ods" for an acceptable workbook; otherwise raise RefusedError."""
    names = {name.lower() for name in parts}
    kind = _find_office_open_kind(names, parts) or _find_opendocument_kind(parts)
    if kind is None:
        if any(name.endswith(".iwa") for name in names):
            raise RefusedError(NUMBERS)
        raise RefusedError(ZIP_OF_FILES)
    check_parts(parts, REFUSALS)
    return kind


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
