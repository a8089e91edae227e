"""The characters that a format cannot print, and how staff are told."""

from collections.abc import Iterator
from itertools import chain
from operator import attrgetter

from labelling.characters import UNWRITABLE
from labelling.press_release.content import Content

_NAMES = attrgetter("name", "department", "region")


class UnprintableCharacterError(ValueError):
    """A text of the release has a character that the format cannot print."""

    def __init__(self, character: str, text: str) -> None:
        """Say which character stands in which text, and what to do."""
        shown = f"«\u00a0{character}\u00a0» (U+{ord(character):04X})"
        if not character.isprintable():
            shown, text = f"invisible U+{ord(character):04X}", text.replace(character, "□")
        super().__init__(
            f"Le caractère {shown} du texte «\u00a0{text}\u00a0» ne peut pas être imprimé dans ce "
            "format. Remplacez-le dans la fiche ou dans le communiqué, puis recommencez."
        )
        self.character = character


def refuse_what_xml_forbids(content: Content) -> None:
    """Raise UnprintableCharacterError for a character that no XML file can hold."""
    if not UNWRITABLE.search("".join(list_texts(content))):
        return
    for text in list_texts(content):
        if match := UNWRITABLE.search(text):
            raise UnprintableCharacterError(match[0], text)


def list_texts(content: Content) -> Iterator[str]:
    """Every text that the content prints, in no order that matters."""
    yield from chain.from_iterable(map(_NAMES, content.lines))
    if content.has_places:
        yield from chain.from_iterable(map(content.list_places, content.lines))
    if content.letterhead:
        yield content.letterhead.name
        yield content.letterhead.logo_text
    for value in vars(content).values():
        for text in value if isinstance(value, tuple) else (value,):
            if isinstance(text, str):
                yield text
    for edition in content.editions:
        yield from (text for text in vars(edition).values() if isinstance(text, str))
    yield from vars(content.words).values()
