"""The order of the parts of a release, in every format alike. It is said here alone."""

from enum import StrEnum


class Block(StrEnum):
    """The blocks of a page, in their order. Each has the name of the field that it prints."""

    NOTICES = "notices"
    LETTERHEAD = "letterhead"
    PLACE_AND_DATE = "place_and_date"
    KIND = "kind"
    TITLE = "title"
    LEAD = "lead"
    PARAGRAPHS = "paragraphs"
    QUOTE = "quote"
    LIST = "lines"  # With its title and its legend.
    SITUATION = "situation"
    MAP = "map"  # A picture: only formats that show one have it.
    NATIONAL = "national"  # Below its heading, as the next ones.
    ABOUT = "about"
    CONTACT = "contact"
