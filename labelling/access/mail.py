"""Links that go by mail, where a server for it is configured."""

import logging
import threading
from smtplib import SMTPException
from typing import Any

from django.conf import settings
from django.core.mail import send_mail
from django.db import connection
from django.template.loader import render_to_string

from labelling import text
from labelling.access.backend import Backend
from labelling.access.links import Link, is_invited, make_link
from labelling.models.account import find_account

# What a thread is called that sends a link.
SENDING = "link by mail"

_log = logging.getLogger(__name__)


def is_configured() -> bool:
    return bool(settings.EMAIL_HOST)


def send_link(person: Any, link: Link) -> bool:
    """Send a person their link; return whether the server took it."""
    is_invitation = is_invited(person)
    subject = (
        "Votre accès au back-office du réseau PIMMS" if is_invitation else "Nouveau mot de passe"
    )
    context = {
        "is_invitation": is_invitation,
        "address": person.get_username(),
        "link": link.address,
        "until": text.moment(link.until),
    }
    body = text.typeset(render_to_string("labelling/link_mail.txt", context))
    try:
        send_mail(subject, body, None, [person.get_username()])
    except (SMTPException, OSError) as failure:
        # Neither the link nor whose it is.
        _log.error("A link could not be sent by mail: %s", type(failure).__name__)
        return False
    return True


def send_if_known(request: Any, address: str) -> None:
    """Send a link to who has this address and an access that is open.

    Whoever asks waits for none of it: known or not, the answer takes as long.
    """

    def send() -> None:
        try:
            person = find_account(address)
            if person and Backend().user_can_authenticate(person):
                send_link(person, make_link(request.build_absolute_uri, person, author=None))
        finally:
            connection.close()

    threading.Thread(target=send, name=SENDING, daemon=True).start()
