"""Links by which a person chooses a password: an invitation, or one that was forgotten [S24].

A link serves once, for 72 hours, and signs nobody in. It lies nowhere: it is made of the secret
and of what is known of the person, so it is void once the password is another, once the access is
closed, and once a newer one was made, which the journal knows.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from django.conf import settings
from django.contrib.auth.tokens import PasswordResetTokenGenerator
from django.db import transaction
from django.urls import reverse
from django.utils import timezone
from django.utils.encoding import force_bytes
from django.utils.http import urlsafe_base64_encode

from labelling.access.backend import Backend
from labelling.choices import Event
from labelling.models import JournalEntry
from labelling.models.account import Account
from labelling.models.base import name_user

LIFE = timedelta(seconds=settings.PASSWORD_RESET_TIMEOUT)


@dataclass(frozen=True)
class Link:
    """A link, for as long as its page is shown."""

    address: str
    until: datetime


class LinkTokens(PasswordResetTokenGenerator):
    """What a link proves itself by."""

    key_salt = "labelling.access.links"

    def check_token(self, user: Any, token: str | None) -> bool:
        """Whether the link is the person's last one, was not used, and the access is open."""
        is_open = bool(user) and Backend().user_can_authenticate(user)
        return is_open and super().check_token(user, token)

    def _make_hash_value(self, user: Any, timestamp: int) -> str:
        account = Account.objects.filter(user=user).first()
        number = account.session_number if account else 0
        made = JournalEntry.objects.filter(
            event__in=[Event.INVITED, Event.LINK_MADE], model_key="user", record_id=user.pk
        )
        latest = made.order_by("-pk").values_list("pk", flat=True).first()
        return f"{super()._make_hash_value(user, timestamp)} {number} {latest}"

    def _now(self) -> datetime:
        """The time that no change of the hour moves, as the library counts it: without its zone."""
        return datetime.now(UTC).replace(tzinfo=None)


tokens = LinkTokens()


def make_link(locate: Callable[[str], str], person: Any, *, author: Any) -> Link:
    """Make the one link of a person that is now good, and note who made it; None: who asks.

    `locate` makes an address of a path: `request.build_absolute_uri`.
    """
    event, noted = Event.LINK_MADE, {"name": name_user(person)}
    if is_invited(person):
        event, noted = Event.INVITED, noted | {"address": person.get_username()}
    with transaction.atomic():
        JournalEntry.objects.note_about(person, event, author=author, **noted)
        token = tokens.make_token(person)
    key = urlsafe_base64_encode(force_bytes(person.pk))
    address = locate(reverse("welcome", args=[key, token]))
    return Link(address=address, until=timezone.now() + LIFE)


def is_invited(person: Any) -> bool:
    """Whether the person has chosen no password yet."""
    return not person.has_usable_password()
