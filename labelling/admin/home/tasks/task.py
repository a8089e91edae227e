"""One task: what every kind of them says."""

from dataclasses import dataclass

from django.utils.safestring import SafeString


@dataclass(frozen=True, kw_only=True)
class Task:
    """What waits for the person, since when and by whom, and the button that goes on with it."""

    name: str
    badge: SafeString
    sentence: str
    label: str
    address: str
