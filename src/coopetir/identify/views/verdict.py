"""One family's page: the answer, what holds it up, what would change it, and what people decide."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from coopetir.foundation.core.errors import CoopetirError
from coopetir.foundation.middleware import Request
from coopetir.foundation.permissions import can, require
from coopetir.identify.documents.picture import sentence_of, title_of, verdict_pictures
from coopetir.identify.forms import DecisionForm
from coopetir.identify.models import Verdict
from coopetir.identify.operations import decisions
from coopetir.identify.queries import drivers, leave_with
from coopetir.identify.queries import screenings as queries
from coopetir.identify.views.screening import data_label, language

SLIDER = "density.lq_meets"


@login_not_required
def verdict(request: Request, screening_id: int, family: str) -> HttpResponse:
    found = queries.verdict_for(request.user, screening_id, family)
    shown = queries.shown(request.user, found, language())
    context: dict[str, Any] = {
        "verdict": found,
        "screening": found.screening,
        "shown": shown,
        "criteria": drivers.criteria(shown, language()),
        "figure": _figure(found, shown),
        "met": sum(grade == 2 for grade in shown.grades),
        "known": sum(grade is not None for grade in shown.grades),
        "what_if": _what_if(request, found, shown),
        "decision": getattr(found, "decision", None),
        "may_propose": can(request.user, "decision.propose", found.screening),
        "may_decide": _may_decide(request, found),
        "form": DecisionForm(),
        "data_label": data_label(found.screening),
    }
    template = "identify/verdict.html#whatif" if request.htmx else "identify/verdict.html"
    return render(request, template, context)


def _figure(found: Verdict, shown: queries.Shown) -> dict[str, Any]:
    """The measures against what is asked for, for a laptop and a phone, with its sentence and downloads."""
    words = "en" if language().startswith("en") else "es"
    source = leave_with.picture_source(found, internal=shown.internal)
    wide, narrow = verdict_pictures(source, words)
    place = [found.screening_id, found.family]
    return {
        "title": title_of(source, words),
        "subtitle": f"{found.screening.name} · {found.screening.entity}",
        "svg": SafeString(wide),
        "svg_narrow": SafeString(narrow),
        "sentence": sentence_of(source, words),
        "downloads": [
            {"label": kind.upper(), "url": reverse("identify:picture", args=[*place, kind])}
            for kind in ("svg", "png")
        ],
    }


def _may_decide(request: Request, found: Verdict) -> bool:
    decision = getattr(found, "decision", None)
    return decision is not None and not decision.decided and can(request.user, "decision.decide", decision)


def _what_if(request: Request, found: Verdict, shown: queries.Shown) -> dict[str, Any] | None:
    """The slider: the specialisation asked for, and the verdict it gives."""
    if shown.row.get("lq") is None:
        return None
    asked = queries.method_of(found.screening).density.lq_meets
    try:
        value = min(20.0, max(0.0, float(request.GET.get("lq", asked))))
    except ValueError:
        value = asked
    answer = queries.what_if(request.user, found, {SLIDER: value})
    if answer is None:
        return None
    top = max(4.0, round(shown.row["lq"] * 1.5, 1))
    return {"value": value, "asked": asked, "top": min(20.0, top), "lq": shown.row["lq"], "answer": answer}


@login_not_required
def criterion(request: Request, screening_id: int, family: str, name: str) -> HttpResponse:
    found = queries.verdict_for(request.user, screening_id, family)
    shown = queries.shown(request.user, found, language())
    context = {
        "verdict": found,
        "screening": found.screening,
        "shown": shown,
        "criterion": drivers.criterion(shown, name, language()),
        "rows": drivers.rows_behind(found, language()) if shown.internal else None,
        **_next(found, others=["drivers"] if shown.internal else []),
        "data_label": data_label(found.screening),
    }
    return render(request, "identify/criterion.html", context)


def driver_table(request: Request, screening_id: int, family: str) -> HttpResponse:
    found = queries.verdict_for(request.user, screening_id, family)
    require(request.user, "firm.view", found.screening)
    tables = drivers.leave_one_out(found, language())
    periods = queries.method_of(found.screening).window.level_periods
    context = {
        "verdict": found,
        "screening": found.screening,
        "tables": tables,
        "years": min(periods, len(found.screening.summary["years"])),
        "changing": [row["name"] for table in tables for row in table["rows"] if row["changes"]],
        **_next(found, others=["firms_xlsx"]),
        "data_label": data_label(found.screening),
    }
    return render(request, "identify/drivers.html", context)


def _next(found: Verdict, *, others: list[str]) -> dict[str, Any]:
    """Where to go from a page behind the verdict: back to it, and further down."""
    place = [found.screening_id, found.family]
    words = {"drivers": _("De qué depende"), "firms_xlsx": _("Empresas por llamar (Excel)")}
    return {
        "next_step": {"label": _("Volver al veredicto"), "url": reverse("identify:verdict", args=place)},
        "next_others": [
            {"label": words[name], "url": reverse(f"identify:{name}", args=place)} for name in others
        ],
    }


@require_POST
def propose(request: Request, screening_id: int, family: str) -> HttpResponse:
    found = queries.verdict_for(request.user, screening_id, family)
    return _act(request, found, lambda data: decisions.propose_decision(verdict=found, **data))


@require_POST
def decide(request: Request, screening_id: int, family: str) -> HttpResponse:
    found = queries.verdict_for(request.user, screening_id, family)
    return _act(request, found, lambda data: decisions.decide(decision=decisions.proposal_of(found), **data))


def _act(request: Request, found: Verdict, act: Any) -> HttpResponse:
    form = DecisionForm(request.POST)
    if form.is_valid():
        try:
            act({**form.cleaned_data, "actor": request.user, "now": timezone.now()})
        except CoopetirError as error:
            messages.error(request, error.sentence(language()))
        else:
            messages.success(request, _("Quedó registrado con su motivo."))
    else:
        messages.error(request, _("Elija una opción y escriba el motivo."))
    return redirect("identify:verdict", screening_id=found.screening_id, family=found.family)
