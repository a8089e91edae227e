"""What a file is, by its bytes: its name only has to agree. A leaf."""

from collections.abc import Callable
from dataclasses import dataclass

_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"  # Office before 2007, and Outlook.
_ZIP = b"PK\x03\x04"
_ODF = b"mimetypeapplication/vnd.oasis.opendocument."
# What Outlook calls the first stream of every mail, and Word its text.
_MAIL_STREAM, _WORD_STREAM = "__properties_version1.0".encode("utf-16-le"), b"W\0o\0r\0d\0D\0o\0c\0"
_LONGEST_HEAD = 64 * 1024


@dataclass(frozen=True)
class FileKind:
    """A kind of file: how a sentence names it, and how names of such files end, ours first."""

    noun: str
    extensions: tuple[str, ...] = ()


PDF = FileKind("un PDF", ("pdf",))
WORD = FileKind("un document Word", ("docx",))
OLD_WORD = FileKind("un document Word d’avant 2007", ("doc",))
ODT = FileKind("un document LibreOffice", ("odt",))
MAIL = FileKind("un courriel", ("eml",))
OUTLOOK_MAIL = FileKind("un courriel d’Outlook", ("msg",))
PNG = FileKind("une image PNG", ("png",))
JPEG = FileKind("une image JPEG", ("jpg", "jpeg"))
UNKNOWN = FileKind("un fichier d’une autre sorte")


def find_kind(content: bytes) -> FileKind:
    """The kind of a file of these bytes, the first of the table that fits."""
    return next((kind for kind, fits in _KINDS if fits(content)), UNKNOWN)


def _begins(*marks: bytes) -> Callable[[bytes], bool]:
    return lambda content: content.startswith(marks)


def _holds(mark: bytes, *parts: bytes) -> Callable[[bytes], bool]:
    """Begun by `mark`, a container names its parts in clear."""
    return lambda content: content.startswith(mark) and any(part in content for part in parts)


def _is_odf(kind: bytes) -> Callable[[bytes], bool]:
    return lambda content: content.startswith(_ZIP) and content.startswith(_ODF + kind, 30)


def _is_mail(content: bytes) -> bool:
    """Whether its first lines are the head of a mail: fields, of which it has the sender's."""
    head = content.removeprefix(b"\xef\xbb\xbf")[:_LONGEST_HEAD].replace(b"\r\n", b"\n")
    lines = head.partition(b"\n\n")[0].split(b"\n")
    fields = {line.partition(b":")[0].lower() for line in lines if line[:1] not in (b" ", b"\t")}
    return b"from" in fields and bool(fields & {b"date", b"to", b"subject", b"message-id"})


_KINDS: tuple[tuple[FileKind, Callable[[bytes], bool]], ...] = (
    (PDF, _begins(b"%PDF")),
    (PNG, _begins(b"\x89PNG\r\n\x1a\n")),
    (JPEG, _begins(b"\xff\xd8\xff")),
    (ODT, _is_odf(b"text")),
    (WORD, _holds(_ZIP, b"word/document.xml")),
    (OUTLOOK_MAIL, _holds(_OLE, _MAIL_STREAM)),
    (OLD_WORD, _holds(_OLE, _WORD_STREAM)),
    (FileKind("un classeur"), _holds(_ZIP, b"xl/workbook.xml", _ODF + b"spreadsheet")),
    (FileKind("une présentation"), _holds(_ZIP, b"ppt/pres", _ODF + b"presentation")),
    (FileKind("une archive ZIP"), _begins(_ZIP)),
    (FileKind("un fichier d’un ancien Office"), _begins(_OLE)),
    (FileKind("un programme"), _begins(b"MZ", b"\x7fELF", b"#!")),
    (FileKind("une page web"), _begins(b"<!doctype html", b"<!DOCTYPE html", b"<html", b"<script")),
    (FileKind("un dessin SVG"), _holds(b"<", b"<svg")),
    (MAIL, _is_mail),
)
