"""What the journal keeps of signing in: who came in, who did not, what locked [S27]."""

from typing import Any

from labelling.access.addresses import find_address
from labelling.choices import Event
from labelling.models import JournalEntry


def note_failure(request: Any, person: Any, *, scope: str, is_last: bool) -> None:
    """Note a try that failed, and whether it locked. What was typed is not noted."""
    details = {"scope": str(scope), "from": find_address(request)}
    key = person.pk if person else None
    events = [Event.SIGN_IN_FAILED, *([Event.LOCKED] if is_last else [])]
    for event in events:
        JournalEntry.objects.note(event, author=None, model_key="user", record_id=key, **details)
