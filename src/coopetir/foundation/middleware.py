"""Two things every request meets: an installation without an owner, and a refusal."""

from __future__ import annotations

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import get_language
from django_htmx.middleware import HtmxDetails

from coopetir.foundation.core.errors import CoopetirError
from coopetir.foundation.models import User

Respond = Callable[[HttpRequest], HttpResponse]


class Request(HttpRequest):
    """A request as our views meet it: typed with what the middleware puts on it. Never instantiated."""

    user: User
    htmx: HtmxDetails


class FirstRunMiddleware:
    """Until the owner exists, every page but the static files leads to the page that creates them."""

    def __init__(self, get_response: Respond) -> None:
        self.get_response = get_response
        self.owned = False

    def __call__(self, request: HttpRequest) -> HttpResponse:
        first_run = reverse("foundation:first_run")
        free = (first_run, "/static/", reverse("set_language"), reverse("foundation:health"))
        if not self.owned and not request.path.startswith(free):
            self.owned = User.objects.exists()
            if not self.owned:
                return redirect(first_run)
        return self.get_response(request)


class RefusalMiddleware:
    """A refusal nobody caught becomes a page with its sentence: 403 for permission, 422 for input."""

    def __init__(self, get_response: Respond) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_exception(self, request: HttpRequest, exception: Exception) -> HttpResponse | None:
        if not isinstance(exception, CoopetirError):
            return None
        status = 403 if exception.code.startswith("permission.") else 422
        context = {"sentence": exception.sentence(get_language() or "es"), "code": exception.code}
        return render(request, "errors/refused.html", context, status=status)
