"""What does the home page show? Figures of ``identify`` arranged for one reader's language."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _

from coopetir.foundation.core import formats
from coopetir.identify.core.published_aggregates import DepartmentView, FamilyView
from coopetir.identify.core.survey_rule import Criterion, Standing, density_grade
from coopetir.identify.core.survey_words import CAVEATS, chosen
from coopetir.identify.models import Screening
from coopetir.identify.queries.explore import HOME_DEPARTMENT, department_answers

LQ_LOWEST, LQ_HIGHEST, LQ_STEP = 0.5, 3.0, 0.05
BAR_WIDTH, BAR_LQ = 120.0, 4.5
"""The little bars of the board: their width, and the quotient at which they end."""


@dataclass(frozen=True)
class Change:
    """A family whose partial verdict, in words, differs under another threshold."""

    name: str
    before: str
    after: str


@dataclass(frozen=True)
class Board:
    """Everything the home page says about one department at one threshold.

    ``lights``: families whose density light differs from the Method's, with or without another verdict.
    """

    view: DepartmentView
    threshold: float
    default: float
    families: list[dict[str, Any]]
    unchosen: list[dict[str, Any]]
    changes: list[Change]
    lights: list[str]
    meets: list[str]
    nearest: list[str]

    @property
    def rows(self) -> list[dict[str, Any]]:
        return [*self.families, *self.unchosen]

    @property
    def of_chamber(self) -> bool:
        return self.view.code == HOME_DEPARTMENT

    @property
    def threshold_x(self) -> float:
        return self.threshold / BAR_LQ * BAR_WIDTH

    @property
    def moved(self) -> bool:
        return abs(self.threshold - self.default) > 1e-9


def board(code: str, threshold: float | None, language: str) -> Board:
    """The board of department ``code`` at a threshold of specialisation (None = the Method's).

    :raises DepartmentUnknown:
    """
    view = department_answers(code)
    default = view.method.lq
    at = default if threshold is None else threshold
    families = [_row(family, at, language) for family in view.families]
    unchosen = [_row(family, at, language) for family in view.unchosen]
    shown = [*families, *unchosen]
    changes = [
        Change(row["name"], standing_word(row["default_partial"]), standing_word(row["partial"]))
        for row in shown
        if row["partial"] != row["default_partial"]
    ]
    return Board(
        view=view,
        threshold=at,
        default=default,
        families=families,
        unchosen=unchosen,
        changes=changes,
        lights=[row["name"] for row in shown if row["density"] != row["default_density"]],
        meets=[row["name"] for row in families if row["default_partial"] == "meets_evaluable"],
        nearest=[row["name"] for row in families if row["default_partial"] == "borderline_evaluable"],
    )


def standing_word(partial: str) -> str:
    """What the criteria that can be graded add up to, in the reader's language."""
    return {
        "meets_evaluable": _("Cumple lo evaluable"),
        "borderline_evaluable": _("En el límite"),
        "fails_evaluable": _("No cumple"),
        "nothing_evaluable": _("Nada evaluable"),
    }[partial]


def agreement(view: DepartmentView, language: str) -> dict[str, list[str]]:
    """Names under each head of :meth:`DepartmentView.agreement`, and ``unchosen_borderline``."""
    names = {family.id: _name(family, language) for family in (*view.families, *view.unchosen)}
    heads = {head: [names[one] for one in ids] for head, ids in view.agreement().items()}
    near = [family for family in view.unchosen if family.standing.partial == "borderline_evaluable"]
    return heads | {"unchosen_borderline": [names[family.id] for family in near]}


def rate_words(slope: float, language: str) -> str:
    """A slope of the logarithm as a yearly rate: «+4,9 %»."""
    words = formats.percent(math.expm1(slope), 1, language)
    return f"+{words}" if slope > 0 else words


def _name(family: FamilyView, language: str) -> str:
    return family.name["en" if language.startswith("en") else "es"]


def _row(family: FamilyView, threshold: float, language: str) -> dict[str, Any]:
    key = "en" if language.startswith("en") else "es"
    under: Standing = family.verdict_under(threshold)
    density, growth, technology, market = family.criteria
    trend = family.growth.trends.get("equal")
    return {
        "id": family.id,
        "name": family.name[key],
        "chosen_in": family.chosen_in,
        "rank": family.rank,
        "of": family.of,
        "size": family.size,
        "jobs": family.jobs,
        "lq": family.lq,
        "bar": min(family.lq or 0.0, BAR_LQ) / BAR_LQ * BAR_WIDTH,
        "beyond": (family.lq or 0.0) > BAR_LQ,
        "density": _density_at(family, threshold),
        "default_density": density.grade,
        "gradable": density.evaluable,
        "noise": density.reason == "survey_noise",
        "growth_why": _why_short(growth),
        "growth": growth.grade,
        "technology": technology.grade,
        "market": market.grade,
        "rate": trend and rate_words(trend.slope, language),
        "se": trend and trend.se,
        "others": [criterion.grade for criterion in family.criteria[1:]],
        "partial": under.partial,
        "met": under.met,
        "evaluable": under.evaluable,
        "default_partial": family.standing.partial,
        "sentences": family.sentences[key],
        "best_class": family.best_class,
        "best_title": family.best_title[key] or family.best_title["es"],
        "best_lq": family.best_lq,
        "random_lq": family.random_lq,
        "random_best": family.random_best,
        "caveats": _caveats(family, language),
    }


def _why_short(growth: Criterion) -> str:
    """Why a trend that is shown has no light, in the words of Explore; "" where it has one."""
    if growth.evaluable:
        return ""
    return {
        "survey_noise": _("ruido en 2012–2017"),
        "conversion_decides": _("no comparable: depende de cómo se repartan las clases"),
        "no_correspondence": _("no comparable: sin clases de CIIU Rev. 3"),
        "not_surveyed": _("la encuesta de 2012–2017 no cubre este departamento"),
    }.get(growth.reason, "")


def _caveats(family: FamilyView, language: str) -> list[str]:
    """The caveats of this family only; those common to all stand in the board's notes."""
    own = {"noisy_cells", "local_classes", "split_classes"}
    codes = [code for criterion in family.criteria[:2] for code in criterion.caveats if code in own]
    return [chosen(CAVEATS[code], language) for code in codes]


def _density_at(family: FamilyView, threshold: float) -> int | None:
    if not family.criterion("density").evaluable or family.lq is None:
        return None
    return density_grade(family.lq, threshold, family.method)


def demo_screening() -> int | None:
    """The newest published screening of invented data, which anybody may open; None when there is none."""
    shown = Screening.objects.filter(entity__invented=True, published_at__isnull=False)
    return shown.order_by("-published_at").values_list("pk", flat=True).first()
