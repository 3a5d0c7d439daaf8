"""Which verdict would a row have under other thresholds?

Works on one row of ``verdicts`` alone: comparisons only, nothing is measured or drawn again, so a slider can
call it while it moves. Settings that change what is measured (the window, the level of the interval …) need a
new screening and are refused.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import polars as pl

from coopetir.foundation.core.errors import CoopetirError
from coopetir.identify.core.cells import Floats
from coopetir.identify.core.measures import Measures
from coopetir.identify.core.method import CRITERIA, Method
from coopetir.identify.core.qualification import VERDICTS, Grades, decide, grade

# Settings that only compare: they can be moved without measuring again.
SLIDERS = (
    "density.lq_meets",
    "density.lq_borderline",
    "density.lower_bound",
    "density.firms_meets",
    "density.firms_borderline",
    "density.top_firm_max",
    "growth.z_meets",
    "technology.percentile_meets",
    "technology.percentile_borderline",
    "market.percentile_meets",
    "market.percentile_borderline",
)

PAIRS = (
    ("density.lq_borderline", "density.lq_meets"),
    ("density.firms_borderline", "density.firms_meets"),
    ("technology.percentile_borderline", "technology.percentile_meets"),
    ("market.percentile_borderline", "market.percentile_meets"),
)


class RowMissing(CoopetirError):
    code = "screening.row_missing"
    es = "El análisis no tiene la región «{region}» con la familia «{family}». Regiones: {regions}. Familias: {families}."
    en = "The screening has no region “{region}” with family “{family}”. Regions: {regions}. Families: {families}."


class ThresholdNeedsRun(CoopetirError):
    code = "screening.threshold_needs_run"
    es = "Cambiar {keys} exige volver a calcular el análisis; sin recalcular solo se pueden mover: {allowed}."
    en = "Changing {keys} needs a new screening; without one only these can be moved: {allowed}."


@dataclass(frozen=True)
class WhatIf:
    """The verdict of one row before and after other thresholds, and its grades (None = unknown)."""

    region: str
    family: str
    before: str
    after: str
    grades_before: dict[str, int | None]
    grades_after: dict[str, int | None]
    method: Method


def judge_row(row: dict[str, Any], method: Method, thresholds: Mapping[str, float]) -> WhatIf:
    """The verdict of a row of ``verdicts`` (a dict) before and after other thresholds.

    :raises ThresholdNeedsRun: a setting that needs a new screening. :raises CoopetirError: out of limits.
    """
    changed, measured = moved(method, thresholds), measures_of(row)
    before, after = grade(measured, method), grade(measured, changed)
    return WhatIf(
        region=row["region"],
        family=row["family"],
        before=VERDICTS[int(decide(before)[0, 0])],
        after=VERDICTS[int(decide(after)[0, 0])],
        grades_before=_named(before),
        grades_after=_named(after),
        method=changed,
    )


def moved(method: Method, thresholds: Mapping[str, float]) -> Method:
    """The Method with thresholds moved; a borderline or meeting threshold that would cross moves along."""
    blocked = [key for key in thresholds if key not in SLIDERS]
    if blocked:
        raise ThresholdNeedsRun(keys=blocked, allowed=list(SLIDERS))
    changed, plain = dict(thresholds), method.to_dict()
    for border, meets in PAIRS:
        section = border.split(".")[0]
        if meets in changed and border not in changed:
            changed[border] = min(plain[section][border.split(".")[1]], changed[meets])
        elif border in changed and meets not in changed:
            changed[meets] = max(plain[section][meets.split(".")[1]], changed[border])
    return method.changed(changed)


def measures_of(row: dict[str, Any]) -> Measures:
    """The measures of one row of ``verdicts``, as 1 x 1 arrays."""

    def cell(name: str) -> Floats:
        return np.array([[np.nan if row[name] is None else row[name]]], dtype=np.float64)

    return Measures(
        lq=cell("lq"),
        lower=cell("lq_shrunk_low"),
        firms=cell("firms"),
        top=cell("top_firm"),
        slope=cell("slope"),
        se=cell("slope_se"),
        z=cell("z"),
        national=float("nan") if row["national_slope"] is None else float(row["national_slope"]),
        technology=cell("technology_percentile"),
        market=cell("market_percentile"),
        active=np.array([["flag:no_activity" not in row["reasons"]]]),
    )


def find_row(verdicts: pl.DataFrame, region: str, family: str) -> dict[str, Any]:
    """One row of a ``verdicts`` table as a dict. :raises RowMissing:"""
    found = verdicts.filter((pl.col("region") == region) & (pl.col("family") == family))
    if found.is_empty():
        raise RowMissing(
            region=region,
            family=family,
            regions=sorted(verdicts["region"].unique().to_list()),
            families=sorted(verdicts["family"].unique().to_list()),
        )
    return found.row(0, named=True)


def _named(grades: Grades) -> dict[str, int | None]:
    values = grades.stacked()[:, 0, 0]
    return {name: int(value) if value >= 0 else None for name, value in zip(CRITERIA, values, strict=True)}
