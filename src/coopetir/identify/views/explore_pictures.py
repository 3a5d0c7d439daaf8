"""Each view's picture, drawn for a width and a tone; kept, because the shipped data never change."""

from __future__ import annotations

import math
from functools import lru_cache

import polars as pl
from django.utils.translation import gettext as _
from django.utils.translation import override

from coopetir.foundation.core import formats, maps
from coopetir.foundation.core.catalogues import boundaries
from coopetir.foundation.core.palette import Variant
from coopetir.identify.core import explore_pictures
from coopetir.identify.core.survey_rule import SurveyMethod
from coopetir.identify.queries import explore, explore_views
from coopetir.identify.views.explore_state import State

MAP_BREAKS = (0.5, 1.0, 1.5)


@lru_cache(maxsize=400)
def picture(state: State, title: str, sentence: str, language: str, width: int, variant: Variant) -> str:
    """The SVG of a view, or "" when nothing in it is known well enough to be drawn.

    :param title: the finding, for those who do not see it.
    :param sentence: the description.
    """
    draw = {"industrias": _quadrant, "mapa": _map, "comparar": _comparison, "anios": _years}[state.view]
    with override(language):
        return draw(state, title, sentence, language, width, variant)


def _quadrant(state: State, title: str, sentence: str, language: str, width: int, variant: Variant) -> str:
    rows = explore_views.listed(state.department, state.digits, state.text, "-lq")
    if not explore_pictures.drawable(rows).height:
        return ""
    return explore_pictures.quadrant_svg(
        rows,
        national=math.expm1(rows["national_slope"][0]),
        title=title,
        description=sentence,
        axes=(_("crecimiento anual del empleo, 2012–2017"), _("especialización, 2022 (veces el país)")),
        corners=(_("Fortaleza"), _("Oportunidad"), _("En riesgo"), _("Sin ventaja")),
        language=language,
        width=width,
        variant=variant,
    )


def _map(state: State, title: str, sentence: str, language: str, width: int, variant: Variant) -> str:
    places = [
        maps.Place(
            code=code,
            name=name,
            value=None if noise else lq,
            text=_("ruido en 2022") if noise else formats.number(lq, 2, language),
            href=state.address(department=code) if variant == "page" else "",
            status="unknown" if noise else "known",
            ours=code == state.department,
        )
        for code, name, _jobs, lq, noise in explore.industry_everywhere(state.key).iter_rows()
    ]
    return maps.choropleth(
        boundaries("departments"),
        places,
        breaks=MAP_BREAKS,
        title=title,
        description=sentence,
        width=min(width, 520),
        variant=variant,
    )


def _comparison(state: State, title: str, sentence: str, language: str, width: int, variant: Variant) -> str:
    codes = (state.department, *state.others)
    names = dict(explore.department_choices())
    titles = {family.id: explore.title_of(family.id, language) for family in explore.family_list()}
    rows = explore_views.compared(codes).with_columns(label=pl.col("family").replace(titles))
    return explore_pictures.compare_svg(
        rows,
        [(code, names[code]) for code in codes],
        threshold=SurveyMethod().lq,
        axis=_("especialización, 2022 (veces el país)"),
        title=title,
        description=sentence,
        language=language,
        width=width,
        variant=variant,
    )


def _years(state: State, title: str, sentence: str, language: str, width: int, variant: Variant) -> str:
    frame = explore_views.by_year(state.key, state.department)
    if not frame.height or frame["index"].null_count():
        return ""
    ours = dict(explore.department_choices())[state.department]
    series = [
        (_("Colombia, todo"), frame["national_jobs"].to_list(), False),
        (ours, frame["jobs"].to_list(), True),
    ]
    return explore_pictures.years_svg(
        frame["year"].to_list(),
        series,
        title=title,
        description=sentence,
        language=language,
        width=width,
        variant=variant,
    )
