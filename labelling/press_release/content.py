"""What a press release says: every word, in the order of the page.

Without Django: `composition` makes it from the records, renderers lay it out and add no word.
"""

import json
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass, field
from datetime import datetime
from functools import cached_property
from itertools import groupby
from typing import Any, Self

from labelling.press_release.blocks import Block

SCHEMA = 5
# What each schema added to the one before. A content that has none of it is stored as it was then,
# so that its bytes stay the same.
_ADDED = {5: ("editions", "national_heading", "national"), 4: ("map",)}


@dataclass(frozen=True, kw_only=True)
class ReleaseLine:
    """A site in the list. `site` is the record it was made from; it is not printed.

    Nor are its `commune` and `address` in the list of a wave: other lists and editions need them.
    """

    region: str
    department: str
    name: str
    is_new: bool = False
    site: int | None = None
    commune: str = ""
    address: str = ""


@dataclass(frozen=True, kw_only=True)
class Head:
    """The letterhead: the sender's name, colours and picture.

    Colours are « #1F4E79 »; the first one is readable on white. `logo` is base64 and `logo_type`
    its media type (PNG or JPEG); both are empty if there is none. `logo_text` says what it shows.
    """

    name: str
    colour: str
    second_colour: str = ""
    logo: str = ""
    logo_type: str = ""
    logo_text: str = ""


@dataclass(frozen=True, kw_only=True)
class Picture:
    """A drawing with its words in it: its SVG, and what it shows for who does not see it."""

    svg: str
    text: str


@dataclass(frozen=True, kw_only=True)
class Edition:
    """What the edition of a region says otherwise than the release that it is made of.

    `contact` is one line more; empty, there is none.
    """

    region: str
    title: str
    lead: str
    list_title: str
    legend: str
    columns: tuple[str, ...]
    national_heading: str
    contact_heading: str
    contact: str = ""


@dataclass(frozen=True, kw_only=True)
class Properties:
    """What a file says of itself where nobody reads it: none of it is printed.

    `digest` is the SHA-256 of what was frozen, empty for what was not; `made_at` is aware. `draft`
    is the key of the release; of a draft, `draft_digest` is the SHA-256 of the text that the file
    was made of; `region` is that of a regional edition.
    """

    digest: str = ""
    made_at: datetime | None = None
    author: str = ""
    subject: str = ""
    draft: int | None = None
    draft_digest: str = ""
    region: str = ""


NO_PROPERTIES = Properties()


@dataclass(frozen=True, kw_only=True)
class Words:
    """The words that only some formats need."""

    region_continued: str = "{region} (suite)"
    page: str = "Page {page} sur {pages}"
    new_column: str = "Nouveau"
    yes: str = "Oui"
    no: str = "Non"
    press_sheet: str = "Liste"
    flat_sheet: str = "À filtrer"


@dataclass(frozen=True, kw_only=True)
class Content:
    """All that a press release says. An empty text is a part that this release does not have."""

    letterhead: Head | None = None
    notices: tuple[str, ...] = ()  # Above everything: a draft's warning, an embargo.
    place_and_date: str = ""
    kind: str = ""
    is_correction: bool = False  # Of another release: nothing of it is read without its text.
    title: str
    lead: str = ""
    paragraphs: tuple[str, ...] = ()
    quote: tuple[str, ...] = ()  # The words, then who says them.
    list_title: str
    legend: str = ""
    mark: str = "*"  # What follows the name of a new site; the legend explains it.
    # Of the region, the department, the name; in some lists, of the commune and the address too.
    columns: tuple[str, ...]
    lines: tuple[ReleaseLine, ...]
    situation: str = ""
    map: Picture | None = None
    national_heading: str = ""  # Of what a regional edition tells of all France.
    national: tuple[str, ...] = ()
    about_heading: str = ""
    about: tuple[str, ...] = ()
    contact_heading: str = ""
    contact: tuple[str, ...] = ()
    editions: tuple[Edition, ...] = ()  # Not printed: what is made of this content, by region.
    language: str = "fr"
    words: Words = field(default_factory=Words)

    @property
    def new_count(self) -> int:
        return sum(line.is_new for line in self.lines)

    def blocks(self) -> Iterator[Block]:
        """The blocks that this release has, in the order of the page. Every format walks them."""
        for block in Block:
            if getattr(self, block) or getattr(self, f"{block}_heading", ""):
                yield block

    def list_texts(self, block: Block) -> tuple[str, ...]:
        """What a block says that is made of texts alone; nothing of a picture."""
        texts: str | tuple[str, ...] | Picture = getattr(self, block)
        if isinstance(texts, Picture):
            return ()
        return (texts,) if isinstance(texts, str) else texts

    def by_region(self) -> Iterator[tuple[str, list[ReleaseLine]]]:
        """The runs of lines of one region, in their order."""
        for region, lines in groupby(self.lines, key=lambda line: line.region):
            yield region, list(lines)

    @cached_property
    def has_places(self) -> bool:
        """Whether the list prints the commune of each site; perhaps the address too."""
        return len(self.columns) > 3

    def list_places(self, line: ReleaseLine) -> tuple[str, ...]:
        """What stands after the name of a line."""
        return (line.commune, line.address)[: len(self.columns) - 3]

    def to_json(self) -> dict[str, Any]:
        """Return the content as JSON stores it, with the number of this schema."""
        values, schema = asdict(self), SCHEMA
        while schema in _ADDED and not any(values[name] for name in _ADDED[schema]):
            for name in _ADDED[schema]:
                del values[name]
            schema -= 1
        return json.loads(json.dumps({"schema": schema, **values}))

    @classmethod
    def from_json(cls, stored: Any) -> Self:
        """Read a stored content, of this schema or an older one.

        Raise ValueError for a schema that this version does not know.
        """
        values = _upgrade(stored)
        lists = ("notices", "paragraphs", "quote", "columns", "national", "about", "contact")
        values |= {name: tuple(values[name]) for name in lists if name in values}
        values["lines"] = tuple(ReleaseLine(**line) for line in values["lines"])
        values["words"] = Words(**values.get("words", {}))
        if values["letterhead"]:
            values["letterhead"] = Head(**values["letterhead"])
        if values.get("map"):
            values["map"] = Picture(**values["map"])
        if "editions" in values:
            values["editions"] = tuple(
                Edition(**{**edition, "columns": tuple(edition["columns"])})
                for edition in values["editions"]
            )
        return cls(**values)


# From each older schema to the next one. What was frozen is never rewritten: it is read so.
_UPGRADES: dict[int, Callable[[dict[str, Any]], dict[str, Any]]] = {
    1: lambda values: {**values, "letterhead": None},
    # The digest was printed, and never frozen.
    2: lambda values: {name: value for name, value in values.items() if name != "imprint"},
    # There was no map, then no edition.
    3: lambda values: values,
    4: lambda values: values,
}


def _upgrade(stored: Any) -> dict[str, Any]:
    values = dict(stored)
    schema = values.pop("schema", None)
    if schema != SCHEMA and schema not in _UPGRADES:
        raise ValueError(
            f"Ce communiqué a été figé au schéma {schema}, que cette version ne sait pas lire."
        )
    while schema != SCHEMA:
        values = _UPGRADES[schema](values)
        schema += 1
    return values
