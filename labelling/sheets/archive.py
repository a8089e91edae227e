"""Archives of files, whose bytes depend on nothing but the files: no clock, no system."""

import io
from collections.abc import Iterable
from zipfile import ZIP_DEFLATED, ZIP_STORED, ZipFile, ZipInfo

# The first date that an archive can hold.
_DATE = (1980, 1, 1, 0, 0, 0)


def archive(files: Iterable[tuple[str, bytes]]) -> bytes:
    """Return a ZIP of the files, each with its name, in their order.

    A file named “mimetype” is not compressed: OpenDocument is known by it.
    """
    stream = io.BytesIO()
    with ZipFile(stream, "w") as parts:
        for name, content in files:
            part = ZipInfo(name, _DATE)
            part.create_system = 0  # The same on every system.
            part.compress_type = ZIP_STORED if name == "mimetype" else ZIP_DEFLATED
            parts.writestr(part, content)
    return stream.getvalue()


def make_reproducible(zipped: bytes) -> bytes:
    """Return an archive that a library has made, without what it took from the clock."""
    with ZipFile(io.BytesIO(zipped)) as parts:
        return archive((part.filename, parts.read(part)) for part in parts.infolist())
