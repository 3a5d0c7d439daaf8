"""Explore: every industry of a department, on a map, in a quadrant, beside other departments, through the years.

Open to everyone: only published survey aggregates are read here, never an upload.
"""

from __future__ import annotations

import math
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from django.contrib.auth.decorators import login_not_required
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import NoReverseMatch, reverse
from django.utils.safestring import mark_safe
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from coopetir.foundation.core import maps
from coopetir.foundation.core.charts import NARROW, WIDE, render_png
from coopetir.foundation.core.tables import write_table
from coopetir.identify.core.explore_pictures import drawable
from coopetir.identify.core.survey_tables import SOURCES
from coopetir.identify.queries import explore as rows
from coopetir.identify.queries import explore_views
from coopetir.identify.views import explore_parts as parts
from coopetir.identify.views.explore_pictures import MAP_BREAKS, picture
from coopetir.identify.views.explore_state import State, read_state

PAGE = 25
TABLES = {
    "csv": "text/csv; charset=utf-8",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "parquet": "application/vnd.apache.parquet",
}


def _language() -> str:
    return get_language() or "es"


def _state(request: HttpRequest) -> State:
    """What the address asks for, with an industry or other departments chosen where a view needs them."""
    state = read_state(request.GET)
    if state.view in {"mapa", "anios"}:
        key = state.key or explore_views.leading(state.department, state.digits)
        rows.classes_of(key)  # refuses what does not exist, by name
        state = replace(state, key=key)
    if state.view == "comparar" and not state.others:
        others = tuple(code for code in ("11", "05") if code != state.department)
        state = replace(state, others=others)
    return state


@login_not_required
def explore(request: HttpRequest) -> HttpResponse:
    """One of the four views, with its answer, picture, table and downloads."""
    state, language = _state(request), _language()
    part = parts.words(state, language)
    context: dict[str, Any] = {
        "state": state,
        "part": part,
        "name": parts.department_name(state),
        "of_department": rows.of_department(state.department, language),
        "tabs": _tabs(state),
        "departments": rows.department_choices(),
        "families": rows.family_list(),
        "divisions": _divisions(language),
        "industry_title": rows.title_of(state.key, language) if state.key else "",
        "figure": _figure(state, part, language),
        "downloads": _table_downloads(state),
        "sources": SOURCES,
        "save_url": _address("identify:save_view") if request.user.is_authenticated else "",
        "start_url": _address("identify:start", "/identificar/mis-datos/"),
        "here": request.get_full_path(),
        "data_label": {
            "kind": "real",
            "text": _(
                "Datos reales: GEIH (DANE), estimaciones de encuesta por departamento; nivel 2022, crecimiento 2012–2017."
            ),
        },
        "breadcrumb": [{"label": _("Inicio"), "url": reverse("website:home")}, {"label": _("Explorar")}],
        "breadcrumb_context": f"{parts.department_name(state)} · {'2012–2017' if state.view == 'anios' else '2022'}",
    }
    context |= _tables(request, state, part, language)
    return render(request, "identify/explore.html", context)


@login_not_required
def explore_table(request: HttpRequest, kind: str) -> HttpResponse:
    """The whole table behind a view, all pages of it, as a file."""
    if kind not in TABLES:
        raise Http404
    state = _state(request)
    name = f"coopetir-{state.view}-{state.department}.{kind}"
    with TemporaryDirectory() as folder:
        path = Path(folder) / name
        write_table(parts.words(state, _language()).frame, path)
        return _file(path.read_bytes(), TABLES[kind], name)


@login_not_required
def explore_picture(request: HttpRequest, kind: str) -> HttpResponse:
    """The picture of a view for a slide or a page: SVG or PNG, in colour or grey (``?tono=gris``)."""
    if kind not in {"svg", "png"}:
        raise Http404
    state, language = _state(request), _language()
    part = parts.words(state, language)
    tone = "grey" if request.GET.get("tono") == "gris" else "light"
    svg = picture(state, part.answer, part.sentence, language, WIDE, tone)
    if not svg:
        raise Http404
    name = f"coopetir-{state.view}-{state.department}.{kind}"
    if kind == "svg":
        return _file(svg.encode(), "image/svg+xml", name)
    return _file(render_png(svg), "image/png", name)


def _file(content: bytes, kind: str, name: str) -> HttpResponse:
    return HttpResponse(
        content, content_type=kind, headers={"Content-Disposition": f'attachment; filename="{name}"'}
    )


def _address(name: str, fallback: str = "") -> str:
    """The address of a page, or ``fallback`` while nothing serves it."""
    try:
        return reverse(name)
    except NoReverseMatch:
        return fallback


def _tabs(state: State) -> list[dict[str, Any]]:
    labels = {
        "industrias": _("Industrias"),
        "mapa": _("Mapa"),
        "comparar": _("Comparar departamentos"),
        "anios": _("Años"),
    }
    return [
        {"label": label, "url": state.address(view=view), "current": view == state.view, "count": None}
        for view, label in labels.items()
    ]


def _divisions(language: str) -> list[tuple[str, str]]:
    frame = rows.industry_rows(rows.HOME_DEPARTMENT, 2).sort("industry")
    return list(frame.select("industry", "title_en" if language.startswith("en") else "title_es").iter_rows())


def _figure(state: State, part: parts.Part, language: str) -> dict[str, Any]:
    wide, narrow = (
        picture(state, part.answer, part.sentence, language, width, "page") for width in (WIDE, NARROW)
    )
    query = state.address()
    files = [("svg", "SVG", _("para editar")), ("png", "PNG", _("para diapositivas"))]
    downloads = [
        {"label": label, "url": reverse("identify:explore_picture", args=[kind]) + query, "note": note}
        for kind, label, note in files
    ]
    downloads.append(
        {
            "label": "CSV",
            "url": reverse("identify:explore_table", args=["csv"]) + query,
            "note": _("los datos"),
        }
    )
    legend = maps.legend(MAP_BREAKS, decimals=1, language=language, statuses=("unknown",))
    return {
        # Drawn by our own code from shipped figures and escaped titles, never from what a visitor sends.
        "wide": mark_safe(wide),  # noqa: S308
        "narrow": mark_safe(narrow),  # noqa: S308
        "legend": legend if state.view == "mapa" else None,
        "downloads": downloads,
    }


def _table_downloads(state: State) -> list[dict[str, str]]:
    labels = {"csv": "CSV", "xlsx": "Excel", "parquet": "Parquet"}
    notes = {"csv": _("toda la tabla"), "xlsx": "", "parquet": _("para programas")}
    return [
        {
            "label": labels[kind],
            "url": reverse("identify:explore_table", args=[kind]) + state.address(),
            "note": notes[kind],
        }
        for kind in TABLES
    ]


def _tables(request: HttpRequest, state: State, part: parts.Part, language: str) -> dict[str, Any]:
    if state.view == "mapa":
        return {"table": parts.map_table(part.frame, state, language)}
    if state.view == "comparar":
        return {"table": parts.comparison_table(part.frame, state, language)}
    if state.view == "anios":
        level = rows.industry_everywhere(state.key).filter(department=state.department).row(0, named=True)
        return {"table": parts.years_table(part.frame, language), "level": level}
    page = Paginator(range(part.frame.height), PAGE).get_page(request.GET.get("page"))
    shown = part.frame.slice(page.start_index() - 1 if part.frame.height else 0, len(page))
    return {
        "page": page,
        "table": _industry_table(shown, state, language),
        "points": _points(part, state, language),
        "national": math.expm1(rows.industry_rows(state.department, 2)["national_slope"][0]),
    }


def _industry_table(shown: Any, state: State, language: str) -> dict[str, Any]:
    def column(label: str, key: str, **more: Any) -> dict[str, Any]:
        falling = state.sort == f"-{key}"
        rising = state.sort == key
        first_up = key == "industry"
        turned = f"-{key}" if (rising or (not falling and not first_up)) else key
        return {
            "label": label,
            "sort_url": state.address(sort=turned),
            "sorted": "descending" if falling else "ascending" if rising else "none",
            **more,
        }

    return {
        "caption": _("Industrias de {name}").format(name=parts.department_name(state)),
        "cards": True,
        "columns": [
            column(_("Industria (CIIU Rev. 4)"), "industry"),
            column(_("Empleo 2022"), "jobs", num=True, unit=_("personas")),
            column(_("Especialización 2022"), "lq", num=True, unit=_("veces el país")),
            column(_("Crecimiento 2012–2017"), "growth", num=True, unit=_("por año")),
            {"label": _("Lugar en el cuadrante")},
            {"label": _("Familia")},
        ],
        "rows": parts.industry_rows(shown, state, language),
    }


def _points(part: parts.Part, state: State, language: str) -> list[list[Any]]:
    """The quadrant's points for the interactive drawing: growth, LQ, jobs, name, strength or not, address."""
    title = "title_en" if language.startswith("en") else "title_es"
    columns = ("x", "y", "jobs", "industry", title, "quadrant")
    return [
        [
            round(x, 4),
            round(y, 3),
            round(jobs),
            f"{code} {name}",
            quadrant == "strength",
            state.address(view="anios", key=code, text=""),
        ]
        for x, y, jobs, code, name, quadrant in drawable(part.frame).select(columns).iter_rows()
        if math.isfinite(x)
    ]
