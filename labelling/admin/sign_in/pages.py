"""The addresses of signing in: our pages, and those of the library that are used, in our words.

Names of its pages are those that it looks up itself. What it keeps has no pages in the admin.
"""

from allauth.account.models import EmailAddress
from allauth.account.views import login, reauthenticate
from allauth.mfa.base.views import authenticate, index
from allauth.mfa.base.views import reauthenticate as reauthenticate_by_code
from allauth.mfa.models import Authenticator
from allauth.mfa.recovery_codes.views import GenerateRecoveryCodesView, view_recovery_codes
from allauth.mfa.totp.views import DeactivateTOTPView, activate_totp
from allauth.mfa.webauthn.views import (
    RemoveWebAuthnView,
    add_webauthn,
    login_webauthn,
    reauthenticate_webauthn,
)
from django.contrib import admin
from django.urls import path, reverse_lazy

from labelling.admin.sign_in.banners import postpone_view, told_view
from labelling.admin.sign_in.forgotten import forgotten_view
from labelling.admin.sign_in.sessions import close_other_sessions, resume_view, session_view
from labelling.admin.sign_in.welcome import WelcomeView

_PAGE = "mfa/removal.html"
_MY_SIGN_IN = reverse_lazy("mfa_index")

_remove_codes = DeactivateTOTPView.as_view(
    template_name=_PAGE,
    extra_context={
        "title": "Ne plus utiliser les codes du téléphone",
        "sentence": "La connexion ne demandera plus ces codes. Vos empreintes et vos clés restent.",
        "verb": "Ne plus utiliser ces codes",
    },
)
_remove_passkey = RemoveWebAuthnView.as_view(
    template_name=_PAGE,
    success_url=_MY_SIGN_IN,
    extra_context={
        "title": "Retirer une empreinte ou une clé",
        "sentence": "Elle ne permettra plus de se connecter. Les autres restent.",
        "verb": "Retirer cette empreinte ou cette clé",
    },
)
_renew_recovery_codes = GenerateRecoveryCodesView.as_view(
    template_name=_PAGE,
    extra_context={
        "title": "Faire de nouveaux codes de secours",
        "sentence": "Les codes que vous avez gardés jusqu’ici ne vaudront plus rien.",
        "verb": "Faire de nouveaux codes",
    },
)

urlpatterns = [
    path("account/later/", admin.site.admin_view(postpone_view), name="second_factor_later"),
    path("account/told/", admin.site.admin_view(told_view), name="account_told"),
    path("login/forgotten/", forgotten_view, name="forgotten"),
    # The veil asks these two, though the session sleeps.
    path("account/session/", session_view, name="session"),
    path("account/session/resume/", resume_view, name="session_resume"),
    path(
        "account/sessions/close/",
        admin.site.admin_view(close_other_sessions),
        name="close_other_sessions",
    ),
    path("welcome/<uidb64>/<token>/", WelcomeView.as_view(), name="welcome"),
    path("login/", login, name="account_login"),
    path("login/code/", authenticate, name="mfa_authenticate"),
    path("login/passkey/", login_webauthn, name="mfa_login_webauthn"),
    path("logout/", admin.site.logout, name="account_logout"),
    path("confirm/", reauthenticate, name="account_reauthenticate"),
    path("confirm/code/", reauthenticate_by_code, name="mfa_reauthenticate"),
    path("confirm/passkey/", reauthenticate_webauthn, name="mfa_reauthenticate_webauthn"),
    path("account/", index, name="mfa_index"),
    path("account/codes/", activate_totp, name="mfa_activate_totp"),
    path("account/codes/remove/", _remove_codes, name="mfa_deactivate_totp"),
    path("account/recovery/", view_recovery_codes, name="mfa_view_recovery_codes"),
    path("account/recovery/new/", _renew_recovery_codes, name="mfa_generate_recovery_codes"),
    path("account/passkeys/add/", add_webauthn, name="mfa_add_webauthn"),
    path("account/passkeys/<int:pk>/remove/", _remove_passkey, name="mfa_remove_webauthn"),
]

# Registered by the library once every application was found: before the addresses are read.
admin.site.unregister([EmailAddress, Authenticator])
