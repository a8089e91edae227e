"""Files that must be refused, each with the sentence that says why and what to do."""

import zipfile
from io import BytesIO

from tests.spreadsheets import right_files
from tests.spreadsheets.right_files import (
    ods,
    ods_parts,
    ods_row,
    ods_text,
    text_cell,
    worksheet,
    xlsx,
    xlsx_parts,
    zipped,
)

DAMAGED = (
    "Ce classeur est incomplet ou abîmé. Ouvrez-le dans Excel ou LibreOffice, enregistrez-le à"
    " nouveau, puis déposez cette copie."
)
TOO_HEAVY = (
    "Ce classeur demande trop de mémoire ou de temps pour être lu. Copiez les seules lignes et"
    " colonnes utiles dans un nouveau classeur, puis déposez celui-ci."
)
TOO_BIG_UNPACKED = (
    "Une fois décompressé, ce classeur dépasse 64 Mo. Copiez les seules lignes utiles dans un"
    " nouveau classeur, puis déposez celui-ci."
)
PROTECTED = (
    "Ce classeur est protégé par un mot de passe. Ouvrez-le, retirez le mot de passe,"
    " enregistrez-le, puis déposez-le à nouveau."
)
MACROS = (
    "Ce classeur contient des macros. Enregistrez-le au format « Classeur Excel (.xlsx) » ou"
    " « Classeur ODF (.ods) », sans macros, puis déposez cette copie."
)
EMPTY = "Ce fichier est vide. Vérifiez que le tableau y est enregistré, puis déposez-le à nouveau."
IMAGE = "Ce fichier est une image, pas un tableur. Demandez le tableur d’origine."
MARKUP = (
    "Ce fichier est une page web ou un fichier XML, même si son nom est celui d’un tableur."
    " Ouvrez-le dans Excel ou LibreOffice, enregistrez-le au format « Classeur Excel (.xlsx) »,"
    " puis déposez cette copie."
)
NOT_A_SPREADSHEET = (
    "Ce fichier n’est pas un tableur. Déposez un fichier Excel (.xlsx), LibreOffice (.ods) ou CSV."
)
ARCHIVE = (
    "Ce fichier est une archive, pas un tableur. Décompressez-la, puis déposez le tableur qu’elle"
    " contient."
)
ZIP_OF_FILES = (
    "Ce fichier est une archive ZIP, pas un tableur. Décompressez-la, puis déposez le tableur"
    " qu’elle contient."
)


def unusual(what: str) -> str:
    return (
        f"Ce classeur n’est pas rangé comme le fait un tableur ({what}). Ouvrez-le dans Excel ou"
        " LibreOffice, enregistrez-le sous un autre nom, puis déposez cette copie."
    )


GOOD_XLSX = xlsx(f'<row r="1">{text_cell("A1", "Nom")}</row>')
GOOD_ODS = ods(ods_row(ods_text("Nom")))


def with_parts(data: bytes, **parts: bytes) -> bytes:
    """Return the archive with more parts, whose names use / for __ and . for _."""
    with zipfile.ZipFile(BytesIO(data)) as archive:
        old = {name: archive.read(name) for name in archive.namelist()}
    new = {name.replace("__", "/").replace("_", "."): part for name, part in parts.items()}
    return zipped(old | new)


def flagged_as_encrypted(data: bytes) -> bytes:
    """Return the archive with the encryption bit of its first entry set."""
    changed = bytearray(data)
    changed[data.index(b"PK\x01\x02") + 8] |= 1
    return bytes(changed)


WRONG_FILES = {
    "empty": (b"", EMPTY),
    "blank": (b" \r\n\n", EMPTY),
    "only separators": (b";;;\n;;;\n", EMPTY),
    "workbook without cells": (xlsx(), EMPTY),
    "pdf": (
        b"%PDF-1.7\n%\xe2\xe3\xcf\xd3",
        (
            "Ce fichier est un document PDF, pas un tableur. Demandez le tableur d’origine, ou copiez"  # noqa: E501
            " le tableau, puis collez-le ici."
        ),
    ),
    "png": (b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR", IMAGE),
    "jpeg": (b"\xff\xd8\xff\xe0\0\x10JFIF", IMAGE),
    "gzip": (b"\x1f\x8b\x08\0\0\0\0\0", ARCHIVE),
    "rar": (b"Rar!\x1a\x07\x01\0", ARCHIVE),
    "zip of a spreadsheet": (zipped({"liste.xlsx": GOOD_XLSX}), ZIP_OF_FILES),
    "docx": (
        zipped({"[Content_Types].xml": "<Types/>", "word/document.xml": "<d/>"}),
        "Ce fichier est un document Word, pas un tableur. Copiez son tableau, puis collez-le ici.",
    ),
    "pptx": (
        zipped({"[Content_Types].xml": "<Types/>", "ppt/presentation.xml": "<p/>"}),
        "Ce fichier est un diaporama, pas un tableur. Copiez son tableau, puis collez-le ici.",
    ),
    "odt": (
        zipped({"mimetype": "application/vnd.oasis.opendocument.text", "content.xml": "<d/>"}),
        (
            "Ce fichier est un document texte de LibreOffice, pas un tableur. Copiez son tableau, puis"  # noqa: E501
            " collez-le ici."
        ),
    ),
    "doc": (
        right_files.compound({"WordDocument": b"x"}),
        "Ce fichier est un document Word, pas un tableur. Copiez son tableau, puis collez-le ici.",
    ),
    "msg": (
        right_files.compound({"__properties_version1.0": b"x"}),
        (
            "Ce fichier est un message Outlook, pas un tableur. Enregistrez sa pièce jointe, puis"
            " déposez-la, ou collez les lignes du message."
        ),
    ),
    "numbers": (
        zipped({"Index/Document.iwa": b"x"}),
        (
            "Ce classeur vient de Numbers. Exportez-le au format Excel (.xlsx), puis déposez cette"
            " copie."
        ),
    ),
    "xlsb": (
        zipped({"[Content_Types].xml": "<Types/>", "xl/workbook.bin": b"x"}),
        (
            "Ce classeur est au format binaire d’Excel (.xlsb). Enregistrez-le au format « Classeur"
            " Excel (.xlsx) », puis déposez cette copie."
        ),
    ),
    "xlsm": (zipped(xlsx_parts(worksheet(""), main_type=right_files.MACRO_TYPE)), MACROS),
    "xlsx with a macro project": (with_parts(GOOD_XLSX, xl__vbaProject_bin=b"x"), MACROS),
    "ods with macros": (with_parts(GOOD_ODS, Basic__Standard__Module1_xml=b"<x/>"), MACROS),
    "xls with macros": (right_files.compound({"_VBA_PROJECT_CUR": b"x", "Workbook": b"x"}), MACROS),
    "encrypted xlsx": (right_files.compound({"EncryptedPackage": b"x"}), PROTECTED),
    "encrypted ods": (
        zipped(ods_parts("") | {"META-INF/manifest.xml": "<m><manifest:encryption-data/></m>"}),
        PROTECTED,
    ),
    "encrypted zip": (flagged_as_encrypted(GOOD_XLSX), PROTECTED),
    "cut xlsx": (GOOD_XLSX[: len(GOOD_XLSX) * 2 // 3], DAMAGED),
    "cut ods": (GOOD_ODS[: len(GOOD_ODS) // 2], DAMAGED),
    "cut inside a part": (zipped(xlsx_parts(worksheet("")[:-20])), DAMAGED),
    "xlsx without its sheet": (
        zipped({k: v for k, v in xlsx_parts(worksheet("")).items() if "sheet1" not in k}),
        DAMAGED,
    ),
    "ole noise": (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(range(256)) * 4, DAMAGED),
    "html named xls": (b"<html><table><tr><td>Nom</td></tr></table></html>", MARKUP),
    "flat ods": (b'\xef\xbb\xbf<?xml version="1.0"?><office:document/>', MARKUP),
    "rtf": (
        b"{\\rtf1 Nom}",
        (
            "Ce fichier est un document texte (RTF), pas un tableur. Copiez son tableau, puis collez-le"  # noqa: E501
            " ici."
        ),
    ),
    "json": (b'[{"nom": "PIMMS"}]', NOT_A_SPREADSHEET),
    "binary": (bytes(range(1, 32)) * 20, NOT_A_SPREADSHEET),
    "too many parts": (
        zipped({f"x{number}": "" for number in range(501)}),
        unusual("plus de 500 éléments"),
    ),
    "one name twice": (zipped({"a": "", "A": ""}), unusual("deux éléments du même nom")),
    "absolute name": (zipped({"/etc/passwd": ""}), unusual("chemins inhabituels")),
    "name that climbs": (zipped({"xl/../../x": ""}), unusual("chemins inhabituels")),
    "name of windows": (zipped({"xl\\x": ""}), unusual("chemins inhabituels")),
    "name with a drive": (zipped({"C:/x": ""}), unusual("chemins inhabituels")),
    "other compression": (
        zipped({"xl/workbook.xml": "x" * 1000}, zipfile.ZIP_LZMA),
        unusual("compression inhabituelle"),
    ),
    "other encoding": (
        zipped(xlsx_parts("") | {"xl/workbook.xml": "<x/>".encode("utf-16")}),
        unusual("codage inhabituel"),
    ),
    "declared encoding": (
        zipped(xlsx_parts("") | {"a.xml": "<?xml version='1.0' encoding='latin-1'?><x/>"}),
        unusual("codage inhabituel"),
    ),
    "dtd": (
        zipped(xlsx_parts("") | {"docProps/app.xml": "<!DOCTYPE x><x/>"}),
        unusual("définition de type de document"),
    ),
}
