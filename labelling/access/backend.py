"""The account of who asks, read with what signing in knows of it."""

from typing import Any

from allauth.account.auth_backends import AuthenticationBackend
from django.contrib.auth.models import User


class Backend(AuthenticationBackend):
    def get_user(self, user_id: Any) -> Any:
        """The person of a session, read in one question; None once the access is closed."""
        user = User.objects.select_related("account").filter(pk=user_id).first()
        return user if user and self.user_can_authenticate(user) else None
