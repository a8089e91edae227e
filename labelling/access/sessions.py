"""Sessions that end for ever."""

from typing import Any

from django.db.models import F

from labelling.models import Account


def close_sessions(user: Any, but: Any = None) -> None:
    """End the sessions of a person, those of an access that is closed and opened again too."""
    Account.objects.update_or_create(
        user=user,
        defaults={"session_number": F("session_number") + 1},
        create_defaults={"session_number": 1},
    )
