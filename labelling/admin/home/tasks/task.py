"""One task: what every kind of them says."""

from dataclasses import dataclass

from django.utils.safestring import SafeString


@dataclass(frozen=True, kw_only=True)
class Task:
    """What waits for the person, since when and by whom, and the button that goes on with it.

    `more` says of how many it is one, and `more_address` has them all.
    """

    name: str
    badge: SafeString
    sentence: str
    label: str
    address: str
    more: str = ""
    more_address: str = ""
