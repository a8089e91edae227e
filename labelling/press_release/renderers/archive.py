"""Word and OpenDocument files are archives: the same contents must give the same bytes."""

import io
from zipfile import ZipFile, ZipInfo

# The first date that an archive can hold; no clock is read.
_DATE = (1980, 1, 1, 0, 0, 0)


def reproducible(archive: bytes) -> bytes:
    """Return the archive with its members in the same order, their dates replaced."""
    stream = io.BytesIO()
    with ZipFile(io.BytesIO(archive)) as source, ZipFile(stream, "w") as copy:
        for member in source.infolist():
            info = ZipInfo(member.filename, date_time=_DATE)
            # The same on every system.
            info.create_system = 0
            copy.writestr(info, source.read(member), compress_type=member.compress_type)
    return stream.getvalue()
