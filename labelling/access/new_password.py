"""Another password for somebody, however it came: by the page, by a link or by a command."""

from typing import Any, Literal

from django.db import transaction

from labelling.access.tries import forget_passwords
from labelling.choices import Event
from labelling.models import JournalEntry


def write_password(
    person: Any, password: str, *, author: Any, way: Literal["page", "link", "command"]
) -> None:
    """Give a person another password, and note how; `author` is None for a command.

    The sessions that the one before opened end with it, and wrong tries of it count no more.
    """
    person.set_password(password)
    with transaction.atomic():
        person.save(update_fields=["password"])
        forget_passwords(person)
        JournalEntry.objects.note_about(person, Event.PASSWORD_CHANGED, author=author, way=way)
