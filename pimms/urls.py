"""Every address: the admin is the whole application, at the root; signing in before it."""

from allauth.account.views import login, reauthenticate
from allauth.mfa.base.views import authenticate, index
from allauth.mfa.base.views import reauthenticate as reauthenticate_by_code
from allauth.mfa.recovery_codes.views import generate_recovery_codes, view_recovery_codes
from allauth.mfa.totp.views import activate_totp, deactivate_totp
from allauth.mfa.webauthn.views import (
    add_webauthn,
    login_webauthn,
    reauthenticate_webauthn,
    remove_webauthn,
)
from django.conf import settings
from django.contrib import admin
from django.urls import URLPattern, URLResolver, path

from labelling.admin.appearance import appearance_view

handler500 = "pimms.failures.answer_failure"

# Of the library those alone that are used; its names are those that it looks up itself.
_SIGNING_IN = [
    path("login/", login, name="account_login"),
    path("login/code/", authenticate, name="mfa_authenticate"),
    path("login/passkey/", login_webauthn, name="mfa_login_webauthn"),
    path("logout/", admin.site.logout, name="account_logout"),
    path("confirm/", reauthenticate, name="account_reauthenticate"),
    path("confirm/code/", reauthenticate_by_code, name="mfa_reauthenticate"),
    path("confirm/passkey/", reauthenticate_webauthn, name="mfa_reauthenticate_webauthn"),
    path("account/", index, name="mfa_index"),
    path("account/codes/", activate_totp, name="mfa_activate_totp"),
    path("account/codes/remove/", deactivate_totp, name="mfa_deactivate_totp"),
    path("account/recovery/", view_recovery_codes, name="mfa_view_recovery_codes"),
    path("account/recovery/new/", generate_recovery_codes, name="mfa_generate_recovery_codes"),
    path("account/passkeys/add/", add_webauthn, name="mfa_add_webauthn"),
    path("account/passkeys/<int:pk>/remove/", remove_webauthn, name="mfa_remove_webauthn"),
]

urlpatterns: list[URLPattern | URLResolver] = [*_SIGNING_IN, path("", admin.site.urls)]
if settings.DEBUG:
    urlpatterns.insert(0, path("apparence/", admin.site.admin_view(appearance_view)))
