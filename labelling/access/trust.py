"""« Faire confiance à ce navigateur 30 jours »: no second factor, and strangers keep it out of
nothing. The browser's cookie is worth nothing once the password or a second factor changes."""

from typing import Any

from allauth.mfa import app_settings
from allauth.mfa.internal.flows import trust

LABEL = "Faire confiance à ce navigateur 30 jours"
# In the session, until the person is in: who ticked the box.
_WISHED = "trusts_this_browser"


def is_trusted(request: Any, person: Any) -> bool:
    """Whether the person trusted the browser; nobody's is not."""
    # Without the cookie nothing is asked of the base: it takes as long for nobody.
    has_cookie = app_settings.TRUST_COOKIE_NAME in request.COOKIES
    return bool(person and has_cookie and trust.is_trusted_browser(request, person))


def note_wish(request: Any, person: Any, *, is_wished: bool) -> None:
    """Remember whether the person, who is not in yet, ticked the box."""
    request.session[_WISHED] = person.pk if is_wished else None


def is_wished(request: Any, person: Any) -> bool:
    return request.session.get(_WISHED) == person.pk


def trust_if_wished(request: Any, person: Any, response: Any) -> None:
    """Trust the browser from which the person has just come in, if the box was ticked."""
    if is_wished(request, person):
        trust.trust_browser(request, person, response)
    request.session.pop(_WISHED, None)
