"""What the library of signing in asks of us: who may come in, what is tried, secrets [S15, S16]."""

import base64
import secrets
import time
from typing import Any

from allauth.account import app_settings
from allauth.account.adapter import DefaultAccountAdapter
from allauth.account.auth_backends import AuthenticationBackend
from allauth.account.internal.flows.login import get_authentication_records
from allauth.core.exceptions import ImmediateHttpResponse
from allauth.mfa.adapter import DefaultMFAAdapter
from allauth.mfa.models import Authenticator
from cryptography.fernet import Fernet, InvalidToken
from django.conf import settings
from django.contrib import messages
from django.contrib.auth import authenticate
from django.shortcuts import redirect
from django.utils.crypto import salted_hmac

from labelling import text
from labelling.access import noting
from labelling.access.addresses import find_address
from labelling.access.backend import Backend
from labelling.access.destinations import is_destination
from labelling.access.trust import trust_if_wished
from labelling.models.account import read_account

_WRONG_PAIR = (
    "L’adresse électronique et le mot de passe ne correspondent à aucun accès ouvert. "
    "Pour le mot de passe, attention aux majuscules."
)

# In the session, from the password to the code: what the sign-in began with.
_BEGUN = "sign_in_began_with"
_OVERTAKEN = "Votre mot de passe ou votre accès a changé entre-temps : connectez-vous de nouveau."

CLOSED = "Votre accès est fermé : demandez à un responsable de l’Union de le rouvrir."


class AccountAdapter(DefaultAccountAdapter):
    """Nobody signs up, no mail is sent, nothing is said of an account to who cannot enter it."""

    error_messages = DefaultAccountAdapter.error_messages | {
        "username_password_mismatch": _WRONG_PAIR,
        "incorrect_password": "Ce n’est pas votre mot de passe. Attention aux majuscules.",
    }

    def is_open_for_signup(self, request: Any) -> bool:
        return False

    def authenticate(self, request: Any, **credentials: Any) -> Any:
        """The person of a right pair whose access is open.

        The library would tell a closed access apart, to who has its password.
        """
        user = authenticate(request, **credentials)
        AuthenticationBackend.unstash_authenticated_user()
        return user

    def pre_login(self, request: Any, user: Any, **kwargs: Any) -> Any:
        """Whoever comes in by whatever way, a passkey too, has an access that is open."""
        if not Backend().user_can_authenticate(user):
            # By its passkey: of who comes by a password, `authenticate` asked already.
            noting.note_failed_passkey(request, user)
            messages.error(request, text.typeset(CLOSED))
            return redirect("account_login")
        request.session[_BEGUN] = _seal(user)
        return None

    def login(self, request: Any, user: Any) -> None:
        """Let in, unless the password, or the access, changed while the code was looked for."""
        is_as_before = request.session.pop(_BEGUN, None) == _seal(user)
        if not (is_as_before and Backend().user_can_authenticate(user)):
            messages.error(request, text.typeset(_OVERTAKEN))
            raise ImmediateHttpResponse(redirect("account_login"))
        super().login(request, user)

    def post_login(self, request: Any, user: Any, **kwargs: Any) -> Any:
        response = super().post_login(request, user, **kwargs)
        trust_if_wished(request, user, response)
        return response

    def is_reauthentication_required(self, app: str) -> bool:
        """Who has just said who they are is not asked again at once."""
        records = get_authentication_records(self.request, self.request.user)
        recent = time.time() - app_settings.REAUTHENTICATION_TIMEOUT
        return not any(record["at"] > recent for record in records)

    def is_safe_url(self, url: str) -> bool:
        """Who signs in stands on a page of ours, whatever the address asks for."""
        return is_destination(url)

    def get_client_ip(self, request: Any) -> str:
        return find_address(request)

    def add_message(self, request: Any, level: int, *args: Any, **kwargs: Any) -> None:
        """Say what our forms refuse; of what was done, each page says it in our words."""
        if message := kwargs.get("message"):
            messages.add_message(request, level, message)

    def get_login_stages(self) -> list[str]:
        """A second factor where there is one. Trusting a browser is a box to tick, not a page."""
        return ["allauth.mfa.stages.AuthenticateStage"]


class FactorAdapter(DefaultMFAAdapter):
    """Second factors: their secrets do not lie in clear."""

    error_messages = DefaultMFAAdapter.error_messages | {
        "incorrect_code": "Ce code n’est pas le bon, ou il a déjà servi. Attendez le suivant.",
    }

    def encrypt(self, text: str) -> str:
        return _make_cipher(settings.SECRET_KEY).encrypt(text.encode()).decode()

    def decrypt(self, encrypted_text: str) -> str:
        """What was encrypted; under another secret, something that no code ever fits."""
        try:
            return _make_cipher(settings.SECRET_KEY).decrypt(encrypted_text.encode()).decode()
        except InvalidToken:
            return base64.b32encode(secrets.token_bytes(20)).decode()

    def generate_authenticator_name(self, user: Any, type: Any) -> str:  # noqa: A002
        """A name for one more passkey: « Clé n° 2 »."""
        count = Authenticator.objects.filter(user=user, type=type).count()
        return f"Clé n°{text.NO_BREAK_SPACE}{count + 1}"

    def send_notification_mail(self, *args: Any, **kwargs: Any) -> None:
        """Send nothing: the journal holds it, and the person is told at the next sign-in."""


def _seal(user: Any) -> str:
    """What changes with the password of a person, and once their sessions are closed."""
    return f"{user.get_session_auth_hash()} {read_account(user).session_number}"


def _make_cipher(secret: str) -> Fernet:
    key = salted_hmac("secrets of second factors", "", secret=secret, algorithm="sha256").digest()
    return Fernet(base64.urlsafe_b64encode(key))
