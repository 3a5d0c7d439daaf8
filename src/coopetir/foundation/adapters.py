"""Where the sign-in library asks us."""

from typing import TYPE_CHECKING, Any

from allauth.account.adapter import DefaultAccountAdapter
from django.conf import settings
from django.http import HttpRequest
from django.urls import reverse

from coopetir.foundation.permissions import live_roles

if TYPE_CHECKING:
    from coopetir.foundation.permissions import Actor


def landing_page(user: "Actor") -> str:
    """Where signing in leads when no page was asked for: those with a role go to their work."""
    return reverse("identify:home" if live_roles(user) else settings.LOGIN_REDIRECT_URL)


class AccountAdapter(DefaultAccountAdapter):
    """Accounts come from the first-run page and from invitations, never from a public sign-up form."""

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        return False

    def get_login_redirect_url(self, request: HttpRequest) -> str:
        return landing_page(request.user)

    def get_password_change_redirect_url(self, request: HttpRequest) -> str:
        return self.get_login_redirect_url(request)

    def authentication_failed(self, request: HttpRequest, **credentials: Any) -> None:
        """Say nothing about which of the two was wrong; the rate limit of settings does the rest."""
