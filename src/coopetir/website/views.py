"""Pages that need several capabilities, and those open to everyone."""

from __future__ import annotations

import math
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any
from urllib.parse import urlencode

from django.contrib.auth.decorators import login_not_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import NoReverseMatch, reverse
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from coopetir.foundation.core import formats, glossary
from coopetir.foundation.core.catalogues import ATTRIBUTION
from coopetir.foundation.core.tables import write_table
from coopetir.identify.core.method import shipped_method, shipped_text
from coopetir.identify.core.survey_rule import SurveyMethod
from coopetir.identify.queries import explore
from coopetir.website import queries, site_search
from coopetir.website.data_sources import SOURCES

FORMATS = {
    "csv": "text/csv; charset=utf-8",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "parquet": "application/vnd.apache.parquet",
}


def _language() -> str:
    return get_language() or "es"


def _address(name: str, fallback: str = "") -> str:
    """The address of a page another capability serves, or ``fallback`` while nothing serves it."""
    try:
        return reverse(name)
    except NoReverseMatch:
        return fallback


def _demo_address() -> str:
    """Where the invented region's screening can be seen, or "" on an installation without the demo."""
    found = queries.demo_screening()
    return reverse("identify:screening", args=[found]) if found else ""


def _threshold(request: HttpRequest) -> float | None:
    """The threshold asked for, within the slider's ends; None when absent or not a number."""
    text = request.GET.get("lq", "").strip().replace(",", ".")
    try:
        value = float(text)
    except ValueError:
        return None
    if not math.isfinite(value):
        return None
    return round(min(max(value, queries.LQ_LOWEST), queries.LQ_HIGHEST), 2)


@login_not_required
def home(request: HttpRequest) -> HttpResponse:
    """The first minute: nine families, three industries nobody chose, four lights, one slider."""
    code = request.GET.get("departamento") or explore.HOME_DEPARTMENT
    board = queries.board(code, _threshold(request), _language())
    context = {
        "board": board,
        "of_department": explore.of_department(board.view.code, _language()),
        "agreement": queries.agreement(board.view, _language()),
        "national_rate": queries.rate_words(board.view.families[0].growth.national_slope, _language()),
        "departments": explore.department_choices(),
        "query": _query(
            departamento=request.GET.get("departamento"), lq=board.threshold if board.moved else None
        ),
        "open": request.GET.get("porque", ""),
        "slider": {"low": queries.LQ_LOWEST, "high": queries.LQ_HIGHEST, "step": queries.LQ_STEP},
        "bar": {"width": queries.BAR_WIDTH, "end": queries.BAR_LQ},
        "luck": _luck_table(board),
        "downloads": _downloads("website:board_download", f"?departamento={code}"),
        "start_url": _address("identify:start", "/identificar/mis-datos/"),
        "demo_url": _demo_address(),
        "explore_url": _address("identify:explore"),
        "data_label": {
            "kind": "real",
            "text": _(
                "Datos reales: GEIH (DANE), estimaciones de encuesta por departamento; nivel 2022, crecimiento 2012–2017."
            ),
        },
    }
    return render(request, "website/home.html", context)


@login_not_required
def board_download(request: HttpRequest, kind: str) -> HttpResponse:
    """The home page's board as a file: every figure and grade, no sentences."""
    if kind not in FORMATS:
        raise Http404
    code = request.GET.get("departamento") or explore.HOME_DEPARTMENT
    name = f"coopetir-familias-{code}.{kind}"
    with TemporaryDirectory() as folder:
        path = Path(folder) / name
        write_table(explore.department_answers(code).table(), path)
        response = HttpResponse(path.read_bytes(), content_type=FORMATS[kind])
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    return response


@login_not_required
def help_page(request: HttpRequest) -> HttpResponse:
    """How to read the pages, who sees what, and every term of art in plain words."""
    context = {"terms": [term.in_language(_language()) for term in glossary.terms()]}
    return render(request, "website/help.html", context | _crumbs(_("Ayuda")))


@login_not_required
def method_page(request: HttpRequest) -> HttpResponse:
    """The two shipped Methods with every threshold, read from what the calculation itself reads."""
    context = {"method": shipped_method(), "survey": SurveyMethod()}
    return render(request, "website/method.html", context | _crumbs(_("Método")))


@login_not_required
def method_download(request: HttpRequest) -> HttpResponse:
    """The Method's own file, ready to be changed and given back to a screening."""
    method = shipped_method()
    headers = {"Content-Disposition": f'attachment; filename="{method.name}-{method.version}.toml"'}
    return HttpResponse(shipped_text(), content_type="application/toml; charset=utf-8", headers=headers)


@login_not_required
def about_data(request: HttpRequest) -> HttpResponse:
    """Which data, of whom, under which terms, and what they cannot say."""
    context = {"sources": SOURCES, "attribution": ATTRIBUTION}
    return render(request, "website/about_data.html", context | _crumbs(_("Datos y licencias")))


@login_not_required
def accessibility(request: HttpRequest) -> HttpResponse:
    """What the pages promise to everyone, how it is checked, and what to do when they fail."""
    return render(request, "website/accessibility.html", _crumbs(_("Accesibilidad")))


@login_not_required
def sitemap(request: HttpRequest) -> HttpResponse:
    """Every page open to everyone."""
    context = {"departments": explore.department_choices()}
    return render(request, "website/sitemap.html", context | _crumbs(_("Mapa del sitio")))


@login_not_required
def search_page(request: HttpRequest) -> HttpResponse:
    """Industries, families, departments and terms that answer a few words."""
    query = request.GET.get("q", "").strip()[:100]
    groups = site_search.find(query, _language()) if query else []
    total = sum(len(group.found) for group in groups)
    context = {"query": query, "groups": groups, "total": total}
    return render(request, "website/search.html", context | _crumbs(_("Buscar")))


def _crumbs(here: str) -> dict[str, Any]:
    return {"breadcrumb": [{"label": _("Inicio"), "url": reverse("website:home")}, {"label": here}]}


def _query(**values: Any) -> str:
    """The beginning of a query string with what is known: ``departamento=05&``, or nothing."""
    known = urlencode({key: value for key, value in values.items() if value not in {None, ""}})
    return known + "&" if known else ""


def _downloads(name: str, query: str) -> list[dict[str, str]]:
    notes = {"csv": "", "xlsx": "", "parquet": _("para programas")}
    labels = {"csv": "CSV", "xlsx": "Excel", "parquet": "Parquet"}
    return [
        {"label": labels[kind], "url": reverse(name, args=[kind]) + query, "note": notes[kind]}
        for kind in FORMATS
    ]


def _luck_table(board: queries.Board) -> dict[str, Any]:
    """Is it strength or luck? Each family beside random families of as many classes."""
    language = _language()
    rows = [
        {
            "cells": [
                {"text": row["name"]},
                _cell(row["size"], formats.number(row["size"], 0, language)),
                *_luck_cells(row, language),
                {"text": f"{row['best_class']} {row['best_title']}"}
                if row["best_class"]
                else {"text": _("ninguna con 1.500 personas"), "unknown": True},
                _cell(row["best_lq"], formats.number(row["best_lq"], 2, language)),
                _cell(
                    row["random_best"] if row["best_class"] else None,
                    formats.percent(row["random_best"], 1, language),
                ),
            ]
        }
        for row in board.families
    ]
    return {
        "caption": _("Cada familia frente a familias armadas al azar"),
        "note": _("2.000 familias al azar con el mismo número de clases CIIU; empleo de 2022"),
        "sortable": True,
        "cards": True,
        "columns": [
            {"label": _("Familia")},
            {"label": _("Clases"), "num": True},
            {"label": _("Especialización"), "unit": _("veces el país"), "num": True, "term": "lq"},
            {"label": _("Al azar, tan densas"), "unit": _("% de familias"), "num": True},
            {"label": _("Mejor clase"), "unit": _("1.500 personas o más")},
            {"label": _("Especialización de esa clase"), "unit": _("veces el país"), "num": True},
            {"label": _("Al azar, con una clase así"), "unit": _("% de familias"), "num": True},
        ],
        "rows": rows,
    }


def _luck_cells(row: dict[str, Any], language: str) -> list[dict[str, Any]]:
    """A family's quotient and its share of random families as dense; where it is noise, only that word."""
    if row["noise"]:
        return [{"text": _("ruido en 2022"), "unknown": True}, {"text": "", "unknown": True}]
    return [
        _cell(row["lq"], formats.number(row["lq"], 2, language)),
        _cell(row["random_lq"], formats.percent(row["random_lq"], 1, language)),
    ]


def _cell(value: float | None, text: str) -> dict[str, Any]:
    return (
        {"value": value, "text": text, "unknown": True} if value is None else {"value": value, "text": text}
    )
