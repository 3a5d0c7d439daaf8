"""What does each view of Explore say? Its answer, its sentence and its table, in the reader's words."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import polars as pl
from django.utils.translation import gettext as _

from coopetir.foundation.core import formats
from coopetir.identify.core.explore_pictures import drawable
from coopetir.identify.core.survey_words import reason
from coopetir.identify.queries import explore, explore_views
from coopetir.identify.views.explore_state import State

QUADRANTS = ("strength", "opportunity", "risk", "neither")


@dataclass(frozen=True)
class Part:
    """A view in words: ``frame`` is the whole table behind it, as downloads give it."""

    answer: str
    sure: str
    subtitle: str
    sentence: str
    frame: pl.DataFrame


def rate(slope: float | None, language: str) -> str:
    """A slope of the logarithm as a yearly rate with its sign."""
    if slope is None:
        return formats.unknown(language)
    words = formats.percent(math.expm1(slope), 1, language)
    return f"+{words}" if slope > 0 else words


def department_name(state: State) -> str:
    """The chosen department's name. :raises DepartmentUnknown:"""
    explore.industry_rows(state.department, 2)
    return dict(explore.department_choices())[state.department]


def words(state: State, language: str) -> Part:
    """Answer, certainty, subtitle, sentence and table of a view."""
    make = {"industrias": _industries, "mapa": _map, "comparar": _comparison, "anios": _years}[state.view]
    return make(state, language)


def level_word(digits: int) -> str:
    return {2: _("divisiones"), 3: _("grupos"), 4: _("clases")}[digits]


def _industries(state: State, language: str) -> Part:
    name = department_name(state)
    frame = explore_views.listed(state.department, state.digits, state.text, state.sort)
    shown = drawable(frame)
    national = rate(float(explore.industry_rows(state.department, 2)["national_slope"][0]), language)
    counts = dict(shown.group_by("quadrant").len().iter_rows())
    if not frame.height:
        answer = _("Ninguna de las industrias de este nivel contiene «{text}».").format(text=state.text)
    elif not shown.height:
        answer = _("En {name} la encuesta no permite ver a la vez especialización y crecimiento.").format(
            name=name
        )
    else:
        answer = _(
            "En {name}, {n} de {of} {level} con datos son fortalezas: pesan más que en el país y crecieron más que él."
        ).format(name=name, n=counts.get("strength", 0), of=shown.height, level=level_word(state.digits))
    sentence = _(
        "Arriba, lo que pesa más que en el país; a la derecha, lo que creció más que el país ({national} al año). Fortaleza: {strength}; oportunidad: {opportunity}; en riesgo: {risk}; sin ventaja: {neither}."
    ).format(national=national, **{kind: counts.get(kind, 0) for kind in QUADRANTS})
    return Part(
        answer,
        _(
            "Estimaciones de encuesta, sin margen de error publicado. No se dibujan {n}: {level} con ruido en la especialización (2022), {growth} solo en el crecimiento (2012–2017) y {rest} sin crecimiento comparable."
        ).format(n=frame.height - shown.height, **_not_drawn(frame)),
        _(
            "Especialización 2022 (CIIU Rev. 4) y crecimiento 2012–2017 (CIIU Rev. 3), en dos ejes; área = empleo; n = {n}"
        ).format(n=shown.height),
        sentence,
        frame,
    )


def _not_drawn(frame: pl.DataFrame) -> dict[str, int]:
    """How many industries have no point, by what is noise."""
    few = pl.col("noise") | (pl.col("jobs") == 0)
    left = frame.filter(pl.col("quadrant").is_null())
    noisy = left.filter(pl.col("reason") == "survey_noise")
    level = noisy.filter(few).height
    return {"level": level, "growth": noisy.height - level, "rest": left.height - noisy.height}


def _map(state: State, language: str) -> Part:
    department_name(state)
    frame = explore_views.by_department(state.key)
    title = explore.title_of(state.key, language)
    known = frame.filter(~pl.col("noise"))
    here = frame.filter(pl.col("department") == state.department).row(0, named=True)
    if not known.height:
        answer = _("La encuesta encuentra muy poca gente en {title} para comparar departamentos.").format(
            title=title
        )
    elif here["noise"]:
        answer = _(
            "{title}: en {name} la encuesta encuentra muy poca gente; donde más pesa es en {first} ({lq})."
        ).format(
            title=title,
            name=here["name"],
            first=known["name"][0],
            lq=formats.number(known["lq"][0], 2, language),
        )
    else:
        answer = _("{title}: {name} es el puesto {rank} de {n}, con especialización {lq}.").format(
            title=title,
            name=here["name"],
            rank=here["rank"],
            n=known.height,
            lq=formats.number(here["lq"], 2, language),
        )
    dense = known.filter(pl.col("lq") >= 1).height
    return Part(
        answer,
        _(
            "Empleo de 2022; {n} departamentos con menos de 100 personas, o casi solo ruido en 2022, quedan sin dato."
        ).format(n=frame.height - known.height),
        _("Especialización del empleo, 2022 (veces el país), 33 departamentos"),
        _("{n} departamentos pesan más que el país en esta industria.").format(n=dense),
        frame.select("rank", "department", "name", "jobs", "lq", "noise"),
    )


def _comparison(state: State, language: str) -> Part:
    codes = (state.department, *state.others)
    rows = explore_views.compared(codes)
    names = dict(explore.department_choices())
    dense = {
        code: rows.filter((pl.col("department") == code) & (pl.col("density") == 2)).height for code in codes
    }
    said = "; ".join(f"{names[code]}, {dense[code]}" for code in codes)
    return Part(
        _("Familias que alcanzan el umbral de densidad (1,5), de nueve: {said}.").format(said=said),
        _(
            "Las familias se definieron para Cali: en otro departamento son una vara, no una elección de su cámara."
        ),
        _("Especialización del empleo, 2022 (veces el país); la línea marca 1,5"),
        _(
            "Cada punto es un departamento; entre más a la derecha, más pesa la familia en su empleo que en el del país."
        ),
        rows,
    )


def _years(state: State, language: str) -> Part:
    name = department_name(state)
    growth = explore.industry_growth(state.key, state.department)
    title = explore.title_of(state.key, language)
    trend = growth.trends.get("equal")
    national = rate(growth.national_slope, language)
    if trend is None:
        answer = _("{title} en {name}: no se puede decir cómo creció; {why}.").format(
            title=title,
            name=name,
            why=_growth_reason(growth.reason, language) if growth.reason else _("faltan años"),
        )
    else:
        answer = _(
            "{title} en {name}: su empleo varió {rate} al año entre 2012 y 2017; el del país, {national}."
        ).format(title=title, name=name, rate=rate(trend.slope, language), national=national)
    kept = formats.percent(growth.one_to_one, 0, language)
    margin = formats.number(100 * trend.se, 1, language) if trend else formats.unknown(language)
    return Part(
        answer,
        _(
            "Error del ajuste de seis años: ± {margin} puntos; {kept} de ese empleo pasa uno a uno entre CIIU Rev. 3 y Rev. 4."
        ).format(margin=margin, kept=kept),
        _(
            "Empleo, índice 2012 = 100, CIIU Rev. 3; el nivel de 2022 es de otra clasificación y no va en esta línea"
        ),
        _("Del país se muestra todo el empleo."),
        explore_views.by_year(state.key, state.department),
    )


def _growth_reason(code: str, language: str) -> str:
    words = reason(code, language)
    return f"{words} (2012–2017)" if code == "survey_noise" else words


def industry_rows(frame: pl.DataFrame, state: State, language: str) -> list[dict[str, Any]]:
    """Rows of the industry table for ``components/table.html``."""
    title = "title_en" if language.startswith("en") else "title_es"
    names = {family.id: family.name for family in explore.family_list()}
    rows = []
    for one in frame.iter_rows(named=True):
        why = _unplaced(one, language)
        rows.append(
            {
                "url": state.address(view="anios", key=one["industry"], text=""),
                "cells": [
                    {"text": f"{one['industry']} {one[title]}"},
                    {"text": formats.number(round(one["jobs"]), 0, language), "value": one["jobs"]},
                    {"text": formats.number(one["lq"], 2, language), "value": one["lq"]},
                    {
                        "text": rate(one["slope"], language) if one["slope"] is not None else "",
                        "value": one["slope"],
                        "unknown": one["slope"] is None,
                    },
                    {"text": _quadrant_words(one["quadrant"], why), "unknown": one["quadrant"] is None},
                    {"text": ", ".join(names[key] for key in one["family"].split(",") if key) or "—"},
                ],
            }
        )
    return rows


def _unplaced(one: dict[str, Any], language: str) -> str:
    """Why a row has no place in the quadrant, and which of the two measures, of which years, is the noise."""
    if not one["reason"] or not one["jobs"]:
        return ""
    if one["reason"] != "survey_noise":
        return reason(one["reason"], language)
    if one["noise"] and one["slope"] is None:
        return _("ruido en las dos: especialización (2022) y crecimiento (2012–2017)")
    return (
        _("ruido en la especialización (2022)") if one["noise"] else _("ruido en el crecimiento (2012–2017)")
    )


def _quadrant_words(kind: str | None, why: str) -> str:
    named = {
        "strength": _("Fortaleza"),
        "opportunity": _("Oportunidad"),
        "risk": _("En riesgo"),
        "neither": _("Sin ventaja"),
    }
    return named[kind] if kind else why


def map_table(frame: pl.DataFrame, state: State, language: str) -> dict[str, Any]:
    rows = [
        {
            "ours": one["department"] == state.department,
            "cells": [
                {"text": one["name"]},
                {"text": str(one["rank"] or ""), "value": one["rank"], "unknown": one["rank"] is None},
                {"text": formats.number(round(one["jobs"]), 0, language), "value": one["jobs"]},
                {"text": _("ruido en 2022"), "unknown": True}
                if one["noise"]
                else {"text": formats.number(one["lq"], 2, language), "value": one["lq"]},
            ],
        }
        for one in frame.iter_rows(named=True)
    ]
    return {
        "caption": _("Departamentos, del más al menos especializado"),
        "sortable": True,
        "columns": [
            {"label": _("Departamento")},
            {"label": _("Puesto"), "num": True},
            {"label": _("Empleo 2022"), "unit": _("personas"), "num": True},
            {"label": _("Especialización"), "unit": _("veces el país"), "num": True, "term": "lq"},
        ],
        "rows": rows,
    }


def comparison_table(frame: pl.DataFrame, state: State, language: str) -> dict[str, Any]:
    codes = (state.department, *state.others)
    names = dict(explore.department_choices())
    columns: list[dict[str, Any]] = [{"label": _("Familia")}]
    for code in codes:
        columns.append({"label": names[code], "unit": _("especialización 2022"), "num": True})
        columns.append({"label": names[code], "unit": _("crecimiento 2012–2017")})
    rows = []
    for family in explore.family_list():
        cells: list[dict[str, Any]] = [{"text": family.name}]
        for code in codes:
            one = frame.filter((pl.col("family") == family.id) & (pl.col("department") == code)).row(
                0, named=True
            )
            known = one["lq"] is not None
            cells.append(
                {
                    "text": formats.number(one["lq"], 2, language) if known else _("ruido en 2022"),
                    "value": one["lq"],
                    "unknown": not known,
                }
            )
            cells.append({"grade": "" if one["growth"] is None else one["growth"]})
        rows.append({"url": state.address(view="mapa", key=family.id), "cells": cells})
    return {"caption": _("Las nueve familias en cada departamento"), "columns": columns, "rows": rows}


def years_table(frame: pl.DataFrame, language: str) -> dict[str, Any]:
    rows = [
        {
            "cells": [
                {"text": str(one["year"])},
                {"text": formats.number(round(one["jobs"]), 0, language), "value": one["jobs"]},
                {"text": formats.number(one["index"], 1, language), "value": one["index"]},
                {"text": formats.number(one["national_index"], 1, language), "value": one["national_index"]},
            ]
        }
        for one in frame.iter_rows(named=True)
    ]
    return {
        "caption": _("Empleo por año, dentro de CIIU Rev. 3"),
        "columns": [
            {"label": _("Año")},
            {"label": _("Empleo"), "unit": _("personas"), "num": True},
            {"label": _("Índice"), "unit": _("2012 = 100"), "num": True},
            {"label": _("Índice del país"), "unit": _("2012 = 100"), "num": True},
        ],
        "rows": rows,
    }
