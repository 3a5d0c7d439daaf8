"""What somebody takes along from a verdict: ficha, firms to call, pictures, evidence."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.contrib.auth.decorators import login_not_required
from django.http import Http404, HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.translation import get_language

from coopetir.foundation.permissions import require
from coopetir.identify.documents.ficha import ficha_content, render_ficha
from coopetir.identify.queries import leave_with
from coopetir.identify.queries.screenings import may_see_firms, verdict_for

if TYPE_CHECKING:
    from coopetir.identify.models import Verdict

EDITIONS = {"interna": True, "publica": False}


def short_language() -> str:
    """``es`` or ``en``: the languages documents exist in."""
    return "en" if (get_language() or "es").startswith("en") else "es"


def asked_edition(request: HttpRequest, verdict: Verdict) -> bool:
    """Whether the internal edition is given: the reader's own unless ``?edicion=`` asks for one.

    :raises NotAllowed: the internal edition is asked for without ``firm.view``.
    """
    asked = request.GET.get("edicion", "")
    if asked and asked not in EDITIONS:
        raise Http404
    if asked and EDITIONS[asked]:
        require(request.user, "firm.view", verdict.screening)
    return EDITIONS[asked] if asked else may_see_firms(request.user, verdict.screening)


@login_not_required
def ficha(request: HttpRequest, screening_id: int, family: str) -> HttpResponse:
    verdict = verdict_for(request.user, screening_id, family)
    return ficha_response(verdict, internal=asked_edition(request, verdict))


def ficha_response(verdict: Verdict, *, internal: bool) -> HttpResponse:
    """The one-page PDF of a verdict in one edition."""
    now, language = timezone.now(), short_language()
    source = leave_with.ficha_source(verdict, internal=internal, language=language)
    content = ficha_content(source, language=language, today=timezone.localdate(now))
    kind = "" if internal else "-publica"
    return attached(
        render_ficha(content, now=now),
        "application/pdf",
        f"ficha-{verdict.family}{kind}.pdf",
        inline=True,
    )


def attached(body: bytes, kind: str, name: str, *, inline: bool = False) -> HttpResponse:
    """A file to keep; nobody between here and the reader stores it."""
    response = HttpResponse(body, content_type=kind)
    response["Content-Disposition"] = f'{"inline" if inline else "attachment"}; filename="{name}"'
    response["Cache-Control"] = "private, no-store"
    return response
