"""What every page knows about its surroundings."""

from typing import Any

from django.conf import settings
from django.http import HttpRequest

from coopetir import __version__
from coopetir.foundation.permissions import can, live_roles


def surroundings(request: HttpRequest) -> dict[str, Any]:
    """``version``, ``demo``, the visitor's live ``my_roles`` and what the top bar may offer them."""
    user = getattr(request, "user", None)
    if user is None or not user.is_authenticated:
        return {"version": __version__, "demo": settings.DEMO, "my_roles": [], "may": {}}
    may = {
        name: can(user, f"{name.replace('_', '.')}")
        for name in ("account_list", "dataset_import", "event_list")
    }
    return {"version": __version__, "demo": settings.DEMO, "my_roles": live_roles(user), "may": may}
