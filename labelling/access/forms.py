"""The forms of signing in and of saying again who one is; each counts its tries [S15]."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

from allauth.account.forms import LoginForm, ReauthenticateForm
from allauth.core import context
from allauth.mfa.adapter import get_adapter as get_factor_adapter
from allauth.mfa.base.forms import AuthenticateForm
from allauth.mfa.base.forms import ReauthenticateForm as ReauthenticateByCodeForm
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.forms import ActivateTOTPForm
from allauth.mfa.webauthn.forms import (
    AddWebAuthnForm,
    AuthenticateWebAuthnForm,
    LoginWebAuthnForm,
    ReauthenticateWebAuthnForm,
)
from django import forms
from django.contrib.auth.forms import PasswordChangeForm
from django.core.exceptions import ValidationError
from django.core.validators import MaxLengthValidator
from django.db import DatabaseError

from labelling import text
from labelling.access import noting, trust
from labelling.access.new_password import write_password
from labelling.access.passwords import LONGEST_PASSWORD
from labelling.access.tries import Locked, Scope, Try, take
from labelling.models.account import LONGEST_ADDRESS, find_account

# As long as a code may be taken, whatever the clock of the telephone.
_CODE_LIFE = timedelta(seconds=90)
_LONGEST_CODE = 40
_LONGEST_NAME = 60
_WRONG_PASSKEY = (
    "Cette empreinte ou cette clé n’est pas connue ici, ou l’attente a été longue : réessayez, ou "
    "utilisez l’autre moyen."
)
_NO_PASSKEY_ADDED = (
    "L’empreinte ou la clé n’est pas ajoutée : l’ordinateur n’a pas vérifié que c’est vous, ou "
    "l’attente a été longue. Réessayez."
)


@contextmanager
def counting(request: Any, scope: Scope, whom: str, person: Any) -> Iterator[None]:
    """Count a try of what is judged within: ValidationError says that it failed.

    Raise ValidationError without judging if too many failed.
    """
    try:
        counted = Try.begin(request, scope, whom)
    except Locked as lock:
        raise ValidationError(str(lock), code="locked") from None
    try:
        yield
    except ValidationError:
        noting.note_failure(request, person, scope=scope, is_last=counted.is_last)
        raise
    counted.succeed()


class BareForm(forms.BaseForm):
    """Its labels end without a colon, as on the other pages."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **{"label_suffix": "", **kwargs})


class PasswordField(forms.CharField):
    """A password to sign in with, which the browser may know."""

    def __init__(self) -> None:
        super().__init__(
            label="Mot de passe",
            max_length=LONGEST_PASSWORD,
            strip=False,
            widget=forms.PasswordInput(attrs={"autocomplete": "current-password"}),
        )


class AddressField(forms.CharField):
    """The address of an account, as it is read; what is too long to be one is nobody's."""

    def __init__(self) -> None:
        super().__init__(
            label="Adresse électronique",
            widget=forms.TextInput(
                attrs={"autocomplete": "username", "autofocus": True, "autocapitalize": "none"}
            ),
        )

    def to_python(self, value: Any) -> Any:
        typed: str = super().to_python(value) or ""
        return text.legible(typed[: LONGEST_ADDRESS + 1]).strip()


class TrustField(forms.BooleanField):
    """The box that trusts a browser."""

    def __init__(self) -> None:
        box = forms.CheckboxInput(attrs={"aria-describedby": "trust-help"})
        super().__init__(label=trust.LABEL, required=False, widget=box)


class SignInForm(BareForm, LoginForm):
    """An address and a password. Capitals, and what is not seen, count in the password alone."""

    trust = TrustField()

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["login"] = AddressField()
        self.fields["password"] = PasswordField()
        self.order_fields(["login", "password", "trust"])

    def add_prefix(self, field_name: str) -> str:
        """Named on the page as browsers and their keepers of passwords expect it."""
        return super().add_prefix("username" if field_name == "login" else field_name)

    def clean_login(self) -> str:
        address: str = self.cleaned_data["login"]
        self.person = find_account(address)
        return self.person.username if self.person else address

    def clean(self) -> Any:
        if self.errors:
            return self.cleaned_data
        is_known = trust.is_trusted(self.request, self.person)
        scope = Scope.KNOWN if is_known else Scope.STRANGER
        with counting(self.request, scope, self.cleaned_data["login"], self.person):
            cleaned = super().clean()
        trust.note_wish(self.request, self.user, is_wished=self.cleaned_data["trust"])
        return cleaned


class ConfirmForm(BareForm, ReauthenticateForm):
    """The password of who is signed in, again."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["password"] = PasswordField()

    def clean_password(self) -> str:
        with counting(context.request, Scope.KNOWN, self.user.get_username(), self.user):
            return super().clean_password()


class NewPasswordForm(PasswordChangeForm):
    """Another password for who is signed in, and says the old one."""

    error_messages = PasswordChangeForm.error_messages | {
        "password_same": "C’est votre mot de passe actuel. Choisissez-en un autre.",
    }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["old_password"].validators.append(MaxLengthValidator(LONGEST_PASSWORD))

    def clean_old_password(self) -> str:
        with counting(context.request, Scope.KNOWN, self.user.get_username(), self.user):
            return super().clean_old_password()

    def clean_new_password1(self) -> str:
        password: str = self.cleaned_data["new_password1"]
        if password == self.cleaned_data.get("old_password"):
            raise ValidationError(self.error_messages["password_same"], code="password_same")
        return password

    def save(self, commit: bool = True) -> Any:
        write_password(self.user, self.cleaned_data["new_password1"], author=self.user, way="page")
        return self.user


class _CountedCode(BareForm, forms.Form):
    """A code of somebody whose password was right."""

    user: Any

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["code"] = forms.CharField(
            label="Code",
            max_length=_LONGEST_CODE,
            widget=forms.TextInput(
                attrs={"autocomplete": "one-time-code", "autofocus": True, "spellcheck": "false"}
            ),
        )

    def clean_code(self) -> str:
        with counting(context.request, Scope.FACTOR, str(self.user.pk), self.user):
            code: str = super().clean_code()  # type: ignore[misc]
            # However it is written: the library passes over what stands between the digits.
            digits = "".join(sign for sign in code if sign.isalnum())
            if not take(Scope.CODE, f"{self.user.pk} {digits}", _CODE_LIFE):
                raise get_factor_adapter().validation_error("incorrect_code")
            return code


class CodeForm(_CountedCode, AuthenticateForm):
    """The code of a telephone, or a recovery code, after the password."""

    trust = TrustField()

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["trust"].initial = trust.is_wished(context.request, self.user)

    def has_telephone(self) -> bool:
        """Whether the person has codes of a telephone; else a passkey is asked first."""
        codes = Authenticator.objects.filter(user=self.user, type=Authenticator.Type.TOTP)
        return bool(codes.exists())

    def save(self) -> None:
        super().save()
        trust.note_wish(context.request, self.user, is_wished=self.cleaned_data["trust"])


class ConfirmByCodeForm(_CountedCode, ReauthenticateByCodeForm):
    """A code of who is signed in."""


class _PasskeyAsked(forms.Form):
    """A passkey of who comes in. Nobody guesses one: what is refused is noted, and locks nobody."""

    user: Any

    def clean_credential(self) -> Any:
        parent: Any = super()
        try:
            return _refusing(parent.clean_credential, _WRONG_PASSKEY)
        except ValidationError:
            noting.note_failed_passkey(context.request, self.user)
            raise


def _refusing(judge: Callable[[], Any], sentence: str) -> Any:
    """What `judge` gives; whatever a parser of foreign bytes raises is a wrong passkey."""
    try:
        return judge()
    except DatabaseError:  # A base that is busy says so itself.
        raise
    except Exception:
        raise ValidationError(text.typeset(sentence), code="incorrect_code") from None


class PasskeySignInForm(_PasskeyAsked, LoginWebAuthnForm):
    """A passkey alone."""


class PasskeyFactorForm(_PasskeyAsked, AuthenticateWebAuthnForm):
    """A passkey after the password."""


class ConfirmByPasskeyForm(_PasskeyAsked, ReauthenticateWebAuthnForm):
    """A passkey of who is signed in."""


class PasskeyForm(BareForm, AddWebAuthnForm):
    """A passkey to add. Alone, without password, it proves who one is as well as both."""

    passwordless = forms.BooleanField(
        label="Permettre de se connecter avec elle seule, sans mot de passe",
        required=False,
        initial=True,
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["name"] = forms.CharField(label="Nom", max_length=_LONGEST_NAME, required=False)

    def clean_name(self) -> str:
        self.cleaned_data["name"] = text.legible(self.cleaned_data["name"])
        name: str = super().clean_name()
        return name

    def clean_credential(self) -> Any:
        # The library takes what is empty for a passkey that was proven.
        if not self.cleaned_data["credential"]:
            raise ValidationError(text.typeset(_WRONG_PASSKEY), code="incorrect_code")
        return self.cleaned_data["credential"]

    def clean(self) -> Any:
        return _refusing(super().clean, _NO_PASSKEY_ADDED)


class FirstCodeForm(_CountedCode, ActivateTOTPForm):
    """The first code of a telephone: it has read what the page showed."""
