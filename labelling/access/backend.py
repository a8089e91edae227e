"""The account of who asks, read with what signing in knows of it."""

from typing import Any

from allauth.account.auth_backends import AuthenticationBackend
from django.contrib.auth.models import User
from django.utils import timezone

from labelling.access import lending, second_factor
from labelling.models.account import read_account


class Backend(AuthenticationBackend):
    def get_user(self, user_id: Any) -> Any:
        """The person of a session, read in one question; None once the access is closed."""
        users = second_factor.with_factor(User.objects.select_related("account"))
        user = users.filter(pk=user_id).first()
        return user if user and self.user_can_authenticate(user) else None

    def get_all_permissions(self, user_obj: Any, obj: Any = None) -> set[str]:
        """What the role allows, and what a responsable lent: no question more."""
        held = super().get_all_permissions(user_obj, obj)
        if obj is None and user_obj.is_active and lending.is_lent(user_obj):
            return held | {lending.RIGHT}
        return held

    def user_can_authenticate(self, user: Any) -> bool:
        """Whether the access is open, and its last day has not passed."""
        until = read_account(user).access_until
        is_over = until is not None and until < timezone.localdate()
        return user.is_staff and super().user_can_authenticate(user) and not is_over
