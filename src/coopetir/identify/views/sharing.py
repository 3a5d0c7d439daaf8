"""Links for people without an account: giving them, taking them back, and the page they open."""

from __future__ import annotations

import secrets
from typing import TYPE_CHECKING, Any, cast

from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.safestring import mark_safe
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from coopetir.foundation.core.errors import CoopetirError
from coopetir.foundation.permissions import require
from coopetir.identify.core.method import CRITERIA
from coopetir.identify.core.threshold_marks import marks
from coopetir.identify.core.wording import CRITERION_NAMES
from coopetir.identify.documents.picture import PictureSource, sentence_of, title_of, verdict_pictures
from coopetir.identify.forms import ShareForm
from coopetir.identify.operations import sharing
from coopetir.identify.queries import leave_with
from coopetir.identify.queries.screenings import verdict_for
from coopetir.identify.queries.sharing import links_of, links_visible_to
from coopetir.identify.views.leave_with import ficha_response, short_language
from coopetir.identify.views.screening import data_label

if TYPE_CHECKING:
    from coopetir.foundation.models import User
    from coopetir.identify.models import ShareLink, Verdict

TOKEN_BYTES = 32


def share_list(request: HttpRequest, screening_id: int, family: str) -> HttpResponse:
    verdict = verdict_for(request.user, screening_id, family)
    require(request.user, "share.create", verdict)
    return _list(request, verdict, ShareForm())


@require_POST
def share_create(request: HttpRequest, screening_id: int, family: str) -> HttpResponse:
    """A new link, shown once: only its hash is kept."""
    verdict = verdict_for(request.user, screening_id, family)
    require(request.user, "share.create", verdict)
    form = ShareForm(request.POST)
    if not form.is_valid():
        return _list(request, verdict, form, status=422)
    token, actor = secrets.token_urlsafe(TOKEN_BYTES), cast("User", request.user)
    try:
        link = sharing.share_verdict(
            verdict=verdict, token=token, days=form.cleaned_data["days"], actor=actor, now=timezone.now()
        )
    except CoopetirError as error:
        form.add_error("days", error.sentence(short_language()))
        return _list(request, verdict, form, status=422)
    address = request.build_absolute_uri(reverse("identify:shared", args=[token]))
    return _list(request, verdict, ShareForm(), made={"link": link, "address": address})


def _list(
    request: HttpRequest, verdict: Verdict, form: ShareForm, *, made: Any = None, status: int = 200
) -> HttpResponse:
    context = {
        "verdict": verdict,
        "screening": verdict.screening,
        "form": form,
        "links": links_of(request.user, verdict, now=timezone.now()),
        "made": made,
        "data_label": data_label(verdict.screening),
    }
    response = render(request, "identify/share_list.html", context, status=status)
    response["Cache-Control"] = "no-store"
    return response


@require_POST
def share_revoke(request: HttpRequest, screening_id: int, family: str, link_id: int) -> HttpResponse:
    rows = links_visible_to(request.user).filter(verdict__screening_id=screening_id, verdict__family=family)
    link = get_object_or_404(rows, pk=link_id)
    sharing.revoke_link(link=link, actor=cast("User", request.user), now=timezone.now())
    messages.success(request, _("El enlace ya no abre nada."))
    return redirect("identify:share_list", screening_id=screening_id, family=family)


@login_not_required
def shared(request: HttpRequest, token: str) -> HttpResponse:
    """What a link shows: one verdict in its public edition, whoever asks."""
    try:
        link = sharing.open_link(token, now=timezone.now())
        return _unlisted(render(request, "identify/shared.html", _shared_context(link, token)))
    except (sharing.LinkExpired, leave_with.ResultStale) as error:
        return _gone(request, error)


@login_not_required
def shared_ficha(request: HttpRequest, token: str) -> HttpResponse:
    """The ficha of a link, in its public edition."""
    try:
        link = sharing.open_link(token, now=timezone.now())
        return _unlisted(ficha_response(link.verdict, internal=False))
    except (sharing.LinkExpired, leave_with.ResultStale) as error:
        return _gone(request, error)


def _gone(request: HttpRequest, error: CoopetirError) -> HttpResponse:
    context = {"sentence": error.sentence(short_language())}
    return _unlisted(render(request, "identify/shared_gone.html", context, status=410))


def _unlisted(response: HttpResponse) -> HttpResponse:
    """No search engine lists it, no cache keeps it, no other site learns the address."""
    response["X-Robots-Tag"] = "noindex, nofollow"
    response["Cache-Control"] = "private, no-store"
    response["Referrer-Policy"] = "no-referrer"
    return response


def _shared_context(link: ShareLink, token: str) -> dict[str, Any]:
    verdict, language = link.verdict, short_language()
    source = leave_with.picture_source(verdict, internal=False)
    edition = leave_with.edition_of(verdict, internal=False, language=language)
    wide, narrow = verdict_pictures(source, language)
    grades = [edition.row[name] for name in CRITERIA]
    return {
        "link": link,
        "verdict": verdict,
        "screening": verdict.screening,
        "place": source.place,
        "years": f"{source.years[0]}–{source.years[-1]}",
        "method": source.method,
        "met": sum(grade == 2 for grade in grades),
        "known": sum(grade is not None for grade in grades),
        "lights": [
            {"criterion": CRITERION_NAMES[language][name].capitalize(), "grade": edition.row[name]}
            for name in CRITERIA
        ],
        "sentences": edition.sentences,
        "source": leave_with.source_words(verdict.screening, language),
        "title": title_of(source, language),
        "sentence": sentence_of(source, language),
        # Drawn here from figures and the Method's words; labels are escaped where they are drawn.
        "svg": mark_safe(wide),  # noqa: S308
        "svg_narrow": mark_safe(narrow),  # noqa: S308
        "table": _table(source, language),
        "ficha_url": reverse("identify:shared_ficha", args=[token]),
        "data_label": data_label(verdict.screening),
    }


def _table(source: PictureSource, language: str) -> dict[str, Any]:
    rows = [
        {
            "cells": [
                {"text": mark.label},
                {"text": mark.value, "value": mark.figure, "unknown": mark.state != "known"},
                {"text": mark.limit},
                {"text": mark.word},
            ]
        }
        for mark in marks(source.row, source.method, language)
    ]
    columns = [
        {"label": _("Medida")},
        {"label": _("Valor"), "num": True},
        {"label": _("Se pide"), "num": True},
        {"label": _("Resultado")},
    ]
    return {"caption": _("Las medidas y sus umbrales"), "columns": columns, "rows": rows, "cards": True}
