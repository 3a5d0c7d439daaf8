"""Which families of industries qualify as clusters, in which regions, how sure is that, and why?

The whole work, from tables to tables: check the cells, measure, grade, decide, judge again many times, rank
under random weights, and say on which industries each verdict hangs. Pure: the generator of random numbers
is handed in, and the same generator state gives the same result, whatever the order of the rows.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import polars as pl

from coopetir.foundation.core.errors import CoopetirError
from coopetir.foundation.core.progress import Progress, silent
from coopetir.identify.core.acceptability import rank_acceptability
from coopetir.identify.core.cells import read_cells
from coopetir.identify.core.drivers import industry_drivers
from coopetir.identify.core.evidence import beside, criteria_table, items, reason_codes, verdict_table
from coopetir.identify.core.measures import add_up, blank_sums, measure, places_of, standing_of
from coopetir.identify.core.method import Method, shipped_method
from coopetir.identify.core.qualification import decide, grade
from coopetir.identify.core.robustness import Base, FirmRows, robustness
from coopetir.identify.core.units import read_units
from coopetir.identify.core.whatif import WhatIf, find_row, judge_row

RESAMPLES = 500


class ResamplesInvalid(CoopetirError):
    code = "screening.resamples_invalid"
    es = "El número de remuestreos debe estar entre 0 y 100.000, no {resamples}."
    en = "The number of resamples must lie between 0 and 100,000, not {resamples}."


class RegionsNotScreened(CoopetirError):
    code = "screening.regions_not_screened"
    es = "La tabla no tiene las regiones {codes}. Tiene: {found}."
    en = "The table has no regions {codes}. It has: {found}."


@dataclass(frozen=True)
class ScreeningResult:
    """A finished screening.

    ``verdicts``: one row per region x family; ``criteria``: every measure behind every grade; ``drivers``:
    verdicts without each industry; ``notes``: what to know about the tables; ``names``: labels by kind and
    code. ``base`` holds the arrays for what-ifs. Columns: ``evidence.py``, ``drivers.py``.
    """

    method: Method
    verdicts: pl.DataFrame
    criteria: pl.DataFrame
    drivers: pl.DataFrame
    years: tuple[int, ...]
    national_slope: float
    resamples: int
    runs: int
    survey: bool
    notes: tuple[dict[str, Any], ...]
    names: dict[str, dict[str, str]]
    base: Base


def screen(
    cells: pl.DataFrame,
    industries: pl.DataFrame,
    regions: pl.DataFrame | None = None,
    *,
    method: Method | None = None,
    resamples: int = RESAMPLES,
    rng: np.random.Generator | None = None,
    survey: bool = False,
    registry: bool = False,
    firms: pl.DataFrame | None = None,
    keep: Sequence[str] | None = None,
    source: str = "cells",
    progress: Progress = silent,
) -> ScreeningResult:
    """Judge every region x every family with a traded industry.

    ``cells``: ``year, region, industry, employees[, firms, top1_emp_share, suppressed]``, absent row = zero;
    ``industries``: ``industry, family[, local, …columns the Method judges by]``; ``regions``: ``region[, name]``.
    ``registry``: the cells come from a registry, where a firm has one industry: the largest firm of a family
    is then known, and its true share decides (in other tables only the Method's measure of it can).
    ``firms``: rows ``year, region, industry, unit, employees`` of the firms to resample one by one, each with
    all its years; cells of which none is listed then stay as they are.
    ``keep``: regions to report on; all the others still serve as the comparison. ``survey``: the values are survey estimates, so no interval may be drawn from counts.

    :raises CoopetirError: the tables are refused, by row and remedy (see ``cells.py``).
    """
    rule = shipped_method() if method is None else method
    generator = np.random.default_rng(0) if rng is None else rng
    if not 0 <= resamples <= 100_000:
        raise ResamplesInvalid(resamples=resamples)
    progress(0, 1, "check")
    base = prepare(cells, industries, regions, method=rule, survey=survey, registry=registry, source=source)
    if firms is not None:
        listed = read_units(firms, base.cells, source="firms")
        base = replace(base, firms=FirmRows(listed.row, listed.unit, listed.jobs))
    robust = robustness(base, resamples=resamples, rng=generator, progress=progress)
    ranks = rank_acceptability(base.measures, rule.acceptability, generator)
    progress(0, 1, "explain")
    shown, grades = beside(base), grade(base.measures, rule)
    found = items(base, shown)
    codes = reason_codes(base, grades, found, shown)
    whole = ScreeningResult(
        method=rule,
        verdicts=verdict_table(base, grades, robust, ranks, found, shown, codes),
        criteria=criteria_table(base, grades, found, shown),
        drivers=industry_drivers(base),
        years=tuple(int(year) for year in base.cells.years),
        national_slope=base.measures.national,
        resamples=resamples,
        runs=resamples + len(robust.runs),
        survey=survey,
        notes=base.cells.notes,
        names=base.cells.names,
        base=base,
    )
    return whole if keep is None else narrowed(whole, keep)


def narrowed(result: ScreeningResult, regions: Sequence[str]) -> ScreeningResult:
    """The same screening, its tables only of ``regions``.

    :raises RegionsNotScreened: a region that the cells do not have.
    """
    missing = sorted(set(regions) - set(result.base.cells.regions))
    if missing:
        raise RegionsNotScreened(codes=missing, found=result.base.cells.regions)
    inside = pl.col("region").is_in(list(regions))
    return replace(
        result,
        verdicts=result.verdicts.filter(inside),
        criteria=result.criteria.filter(inside),
        drivers=result.drivers.filter(inside),
    )


def prepare(
    cells: pl.DataFrame,
    industries: pl.DataFrame,
    regions: pl.DataFrame | None = None,
    *,
    method: Method,
    survey: bool = False,
    registry: bool = False,
    source: str = "cells",
) -> Base:
    """Everything up to the verdicts, without judging again: a hundredth of the time of :func:`screen`."""
    read = read_cells(
        cells,
        industries,
        regions,
        suppression=method.suppression,
        judged=(*method.technology.measures, *method.market.measures),
        survey=survey,
        source=source,
    )
    by_largest = registry or method.density.top_firm_measure == "bound"
    places = places_of(read, by_largest=by_largest)
    sums = add_up(places, read.typical, read.firms, read.top)
    blank = blank_sums(read, places) if read.blank.any() else None
    standing = (standing_of(read, method.technology), standing_of(read, method.market))
    measures = measure(sums, read, method, standing, blank=blank)
    return Base(read, places, sums, measures, decide(grade(measures, method)), standing, blank, method)


def verdict_row(result: ScreeningResult, region: str, family: str) -> dict[str, Any]:
    """One row of ``verdicts`` as a dict. :raises RowMissing:"""
    return find_row(result.verdicts, region, family)


def what_if(result: ScreeningResult, region: str, family: str, thresholds: Mapping[str, float]) -> WhatIf:
    """The verdict of one row under other thresholds (``{"density.lq_meets": 1.2}``), without resampling.

    :raises RowMissing: :raises ThresholdNeedsRun: and what ``Method.changed`` refuses.
    """
    return judge_row(verdict_row(result, region, family), result.method, thresholds)
