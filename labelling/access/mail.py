"""Links that go by mail, where a server for it is configured."""

import logging
from smtplib import SMTPException
from typing import Any

from django.conf import settings
from django.core.mail import send_mail
from django.template.loader import render_to_string

from labelling import text
from labelling.access.links import Link, is_invited

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
