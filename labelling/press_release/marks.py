"""What a Word file made from a draft says of where its words come from, where nobody reads it.

Its custom properties name the release, the digest of its text, and the region of an edition; a
hidden bookmark at the head of each paragraph, and of the name in each row of the list, names the
place of that text.
"""

from labelling.press_release.content import Properties

# Of the custom properties.
RELEASE, DIGEST, REGION = "PimmsRelease", "PimmsText", "PimmsRegion"
_BEGINNING = "_pimms_"  # Word hides bookmarks whose names begin with « _ ».
_SHORT = 8


def name_place(block: str, number: int) -> str:
    """The place of the text `number` of a block, in at most 24 characters."""
    return f"{block}_{number}"


def name_row(number: int) -> str:
    return name_place("row", number)


def name_mark(digest: str, place: str) -> str:
    """The name of a bookmark: at most 40 characters, which is what Word takes."""
    return f"{_BEGINNING}{digest[:_SHORT]}_{place}"


def read_place(digest: str, mark: str) -> str:
    """The place that a bookmark names; empty for one of another text, or that is not ours."""
    beginning = name_mark(digest, "")
    return mark.removeprefix(beginning) if mark.startswith(beginning) else ""


class Marker:
    """Writes the bookmarks of one file, each with its number; none for what is no draft."""

    def __init__(self, properties: Properties) -> None:
        self._digest = properties.draft_digest
        self._count = 0

    def mark(self, place: str) -> str:
        """The bookmark of a place, as XML: it holds no text, which replaced would take it along."""
        if not self._digest:
            return ""
        self._count += 1
        name = name_mark(self._digest, place)
        return (
            f'<w:bookmarkStart w:id="{self._count}" w:name="{name}"/>'
            f'<w:bookmarkEnd w:id="{self._count}"/>'
        )
