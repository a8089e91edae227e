"""How people sign in, in tests: by the pages, with what they hold."""

import threading
import time
from typing import Any

from allauth.mfa.models import Authenticator
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from allauth.mfa.totp.internal.auth import TOTP, format_hotp_value, generate_totp_secret, hotp_value
from django.contrib.auth.models import User
from django.test import Client

from labelling.access.mail import SENDING
from tests.factories import UserFactory

PASSWORD = "k7mw-3hdp-x9rt-v4qe"
HOME = "/"
CODE_PAGE = "/login/code/"


def wait_for_mail() -> None:
    """Until each link that was asked for by mail has left, or will not."""
    for thread in threading.enumerate():
        if thread.name == SENDING:
            thread.join()


def person(**kwargs: Any) -> User:
    """Somebody with PASSWORD."""
    user = UserFactory(**kwargs)
    user.set_password(PASSWORD)
    user.save()
    return user


def give_codes(user: User) -> str:
    """Give somebody the codes of a telephone, and recovery codes; return the secret."""
    secret = generate_totp_secret()
    TOTP.activate(user, secret)
    RecoveryCodes.activate(user)
    return secret


def recovery_codes(user: User) -> list[str]:
    held = Authenticator.objects.get(user=user, type=Authenticator.Type.RECOVERY_CODES)
    return held.wrap().generate_codes()


def code_of(secret: str, *, later: int = 0) -> str:
    """What the telephone shows, or showed so many times thirty seconds ago or later."""
    return format_hotp_value(hotp_value(secret, int(time.time()) // 30 + later))


def sign_in(client: Client, user: User | str, password: str = PASSWORD, **kwargs: Any) -> Any:
    """Send the page of signing in; `trust="on"` ticks its box."""
    address = user if isinstance(user, str) else user.username
    extra = {name: kwargs.pop(name) for name in ("REMOTE_ADDR", "headers") if name in kwargs}
    return client.post("/login/", {"username": address, "password": password, **kwargs}, **extra)


def send_code(client: Client, code: str, **kwargs: Any) -> Any:
    return client.post(CODE_PAGE, {"code": code, **kwargs})


def is_in(client: Client) -> bool:
    return client.get(HOME).status_code == 200
