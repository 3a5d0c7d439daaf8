"""What somebody takes along from a verdict: ficha, firms to call, pictures, evidence."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

from django.contrib.auth.decorators import login_not_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.utils import timezone
from django.utils.translation import get_language

from coopetir.foundation.permissions import require
from coopetir.identify.documents.ficha import ficha_content, render_ficha
from coopetir.identify.documents.picture import verdict_download
from coopetir.identify.documents.workbook import call_workbook
from coopetir.identify.operations import leave_with as taking
from coopetir.identify.queries import leave_with
from coopetir.identify.queries.evidence import evidence_pack
from coopetir.identify.queries.screenings import may_see_firms, screenings_visible_to, verdict_for

if TYPE_CHECKING:
    from coopetir.foundation.models import User
    from coopetir.identify.models import Verdict

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
PICTURES = {"svg": "image/svg+xml", "png": "image/png"}
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


def firms_xlsx(request: HttpRequest, screening_id: int, family: str) -> HttpResponse:
    """The firms to call, for the owning entity's director and analyst; each download is recorded."""
    verdict = verdict_for(request.user, screening_id, family)
    require(request.user, "firm.view", verdict)
    now = timezone.now()
    book = leave_with.call_book(verdict, who=request.user.get_username())
    body = call_workbook(book, language=short_language(), today=timezone.localdate(now))
    taking.take_firms(verdict=verdict, actor=cast("User", request.user), now=now)
    return attached(body, XLSX, f"empresas-{family}.xlsx")


@login_not_required
def evidence(request: HttpRequest, screening_id: int, edition: str) -> HttpResponse:
    """The evidence pack of a computed screening, internal or public."""
    if edition not in EDITIONS:
        raise Http404
    screening = get_object_or_404(
        screenings_visible_to(request.user).exclude(folder="").exclude(state="draft"), pk=screening_id
    )
    internal, now = EDITIONS[edition], timezone.now()
    if internal:
        taking.take_internal_evidence(screening=screening, actor=cast("User", request.user), now=now)
    else:
        require(request.user, "evidence.public", screening)
    body = evidence_pack(screening, internal=internal, now=now)
    return attached(body, "application/zip", f"evidencia-{screening_id}-{edition}.zip")


@login_not_required
def picture(request: HttpRequest, screening_id: int, family: str, kind: str) -> HttpResponse:
    """The measures against their thresholds, for slides (and for the verdict's page)."""
    if kind not in PICTURES:
        raise Http404
    verdict = verdict_for(request.user, screening_id, family)
    internal = asked_edition(request, verdict)
    return picture_response(verdict, kind, internal=internal)


def picture_response(verdict: Verdict, kind: str, *, internal: bool) -> HttpResponse:
    """The picture of a verdict in one edition."""
    source = leave_with.picture_source(verdict, internal=internal)
    body = verdict_download(source, "png" if kind == "png" else "svg", short_language())
    return attached(body, PICTURES[kind], f"veredicto-{verdict.family}.{kind}", inline=True)


def attached(body: bytes, kind: str, name: str, *, inline: bool = False) -> HttpResponse:
    """A file to keep; nobody between here and the reader stores it."""
    response = HttpResponse(body, content_type=kind)
    response["Content-Disposition"] = f'{"inline" if inline else "attachment"}; filename="{name}"'
    response["Cache-Control"] = "private, no-store"
    return response
