"""On what does every grade rest: which measure, which value, which threshold, how much of it imputed?

Turns the arrays of a screening into tables for people and programs. Nothing is decided here.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import polars as pl

from coopetir.identify.core.acceptability import Ranks
from coopetir.identify.core.cells import Bools, Cells, Floats
from coopetir.identify.core.measures import add_up, family_means, window_weights
from coopetir.identify.core.method import CRITERIA, Method
from coopetir.identify.core.qualification import UNKNOWN, VERDICTS, Grades
from coopetir.identify.core.robustness import Base, Robustness, largest_firms
from coopetir.identify.core.specialization import expected_counts, shrunk_quotient

LABELS = ("fragile", "moderate", "firm")


@dataclass(frozen=True)
class Item:
    """One measure of one criterion for every row: values (R x F), its threshold, and how it is compared."""

    criterion: str
    measure: str
    value: Floats
    threshold: float | None = None
    borderline: float | None = None
    comparison: str = ""
    meets: Bools | None = None

    @property
    def decides(self) -> bool:
        """The grade depends on it; otherwise it is shown beside."""
        return self.threshold is not None


@dataclass(frozen=True)
class Shown:
    """Measures that stand beside those that decide (R x F)."""

    jobs: Floats
    imputed: Floats
    shrunk: Floats
    shrunk_high: Floats
    top_bound: Floats
    top_weighted: Floats
    regional_term: Floats
    entry_exit: Floats
    jobs_needed: Floats


def beside(base: Base) -> Shown:
    """The measures that are shown and do not decide."""
    cells, sums = base.cells, base.sums
    weights = window_weights(cells.present, base.method.window.level_periods)
    jobs = np.einsum("tr,trf->rf", weights, sums.jobs)
    imputed_rows = cells.typical * cells.imputed
    imputed = add_up(base.places, imputed_rows, np.zeros_like(imputed_rows), cells.top)
    imputed_jobs = np.einsum("tr,trf->rf", weights, imputed.jobs)
    largest = np.einsum("tr,trf->rf", weights, largest_firms(base)[0])
    seen = np.einsum("tr,trf->rf", weights, sums.top_seen)
    weighted = add_up(replace(base.places, by_largest=False), cells.typical, cells.firms, cells.top)
    large = np.einsum("tr,trf->rf", weights, weighted.top_jobs)
    shrunk, high = _shrunk(base, weights)
    regional, entry = _shift(sums.jobs, sums.region_jobs)
    return Shown(
        jobs=jobs,
        imputed=_over(imputed_jobs, jobs),
        shrunk=shrunk,
        shrunk_high=high,
        top_bound=np.where(seen > 0, _over(largest, jobs), np.nan),
        top_weighted=_over(large, seen),
        regional_term=regional,
        entry_exit=entry,
        jobs_needed=_jobs_needed(base, jobs, np.einsum("tr,tr->r", weights, sums.region_jobs)),
    )


def _jobs_needed(base: Base, jobs: Floats, region: Floats) -> Floats:
    """Jobs to add in one row alone for its LQ to reach the threshold; nan if it does, or never can.

    Smallest d > 0 of ``(x + d)(X + d) = L (x_r + d)(x_f + d)``.
    """
    limit = base.method.density.lq_meets
    family, whole = np.nansum(jobs, axis=0, keepdims=True), np.nansum(region)
    own = region[:, None]
    a, b = 1.0 - limit, jobs + whole - limit * (own + family)
    c = jobs * whole - limit * own * family
    with np.errstate(invalid="ignore", divide="ignore"):
        root = np.sqrt(b * b - 4.0 * a * c)
        found = -2.0 * c / (b + root)
    short = (base.measures.lq < limit) & (found > 0)
    return np.where(short, found, np.nan)


def _shrunk(base: Base, weights: Floats) -> tuple[Floats, Floats]:
    if np.isnan(base.measures.lower).all():
        return base.measures.lower, base.measures.lower
    firms = base.measures.firms
    region = np.einsum("tr,tr->r", weights, base.sums.region_firms)
    expected = expected_counts(np.column_stack([firms, region - np.nansum(firms, axis=1)]))[:, :-1]
    found = shrunk_quotient(firms, expected, base.method.density.interval_level)
    return found.mean, found.high


def _shift(jobs: Floats, region_jobs: Floats) -> tuple[Floats, Floats]:
    """Regional term of the shift-share of first to last year, jobs; entries and exits apart."""
    first, last = jobs[0], jobs[-1]
    nation = _over(last.sum(axis=0, keepdims=True), first.sum(axis=0, keepdims=True))
    born = (first == 0) | (last == 0)
    return np.where(born, 0.0, last - first * nation), np.where(born, last - first, 0.0)


def _over(above: Floats, below: Floats) -> Floats:
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.where(below > 0, above / below, np.nan)


def items(base: Base, shown: Shown) -> list[Item]:
    """Every measure of every criterion, those that decide first."""
    m, rule = base.measures, base.method
    d = rule.density
    national = np.full(m.slope.shape, m.national)
    found = [
        Item("density", "lq", m.lq, d.lq_meets, d.lq_borderline, ">=", m.lq >= d.lq_meets),
        Item("density", "lq_shrunk_low", m.lower, d.lower_bound, d.lower_bound, ">", m.lower > d.lower_bound),
        Item("density", "firms", m.firms, d.firms_meets, d.firms_borderline, ">=", m.firms >= d.firms_meets),
        Item("density", "top_firm", m.top, d.top_firm_max, None, "<=", m.top <= d.top_firm_max),
        Item("density", "lq_shrunk", shown.shrunk),
        Item("density", "lq_shrunk_high", shown.shrunk_high),
        Item("density", "top_firm_bound", shown.top_bound),
        Item("density", "top_firm_weighted", shown.top_weighted),
        Item("density", "jobs", shown.jobs),
        Item("growth", "slope", m.slope, m.national, m.national, ">", m.slope > m.national),
        Item("growth", "z", m.z, rule.growth.z_meets, None, ">=", m.z >= rule.growth.z_meets),
        Item("growth", "slope_se", m.se),
        Item("growth", "national_slope", national),
        Item("growth", "regional_term", shown.regional_term),
        Item("growth", "entry_exit", shown.entry_exit),
    ]
    for name, standing, value in (
        ("technology", rule.technology, m.technology),
        ("market", rule.market, m.market),
    ):
        low, high = standing.percentile_borderline, standing.percentile_meets
        found.append(Item(name, "percentile", value, high, low, ">=", value >= high))
        found.extend(_columns(base, name, standing.measures))
    return found


def _columns(base: Base, criterion: str, columns: tuple[str, ...]) -> Iterator[Item]:
    rows = np.ones(base.measures.lq.shape)
    for column in columns:
        means, missing = family_means(base.cells, column)
        yield Item(criterion, column, rows * means)
        yield Item(criterion, f"{column}:industries_without", rows * missing)


def reason_codes(base: Base, grades: Grades, found: list[Item], shown: Shown) -> list[list[list[str]]]:
    """R x F lists of codes: ``criterion:measure`` that fails or is unknown, and flags to read with care."""
    regions, families = base.verdicts.shape
    codes: list[list[list[str]]] = [[[] for _ in range(families)] for _ in range(regions)]
    graded = dict(zip(CRITERIA, grades.stacked(), strict=True))

    def mark(where: Bools, code: str) -> None:
        for r, f in zip(*np.nonzero(where), strict=True):
            codes[r][f].append(code)

    for criterion, values in graded.items():
        for code, where in unknown_reasons(base, criterion):
            mark((values == UNKNOWN) & where, f"{criterion}:unknown:{code}")
        for item in (item for item in found if item.criterion == criterion and item.meets is not None):
            missed = ~np.isnan(item.value) & ~np.asarray(item.meets, dtype=np.bool_)
            mark((values != UNKNOWN) & (values < 2) & missed, f"{criterion}:{item.measure}")
    mark(~base.measures.active, "flag:no_activity")
    mark(shown.imputed > base.method.suppression.imputed_max, "flag:imputed_share_high")
    if base.cells.survey:
        mark(np.ones(base.verdicts.shape, dtype=np.bool_), "flag:survey_noise")
    return codes


def unknown_reasons(base: Base, criterion: str) -> list[tuple[str, Bools]]:
    """Why a criterion may be unknown, and in which rows that reason holds."""
    m, cells, method = base.measures, base.cells, base.method
    shape = base.verdicts.shape
    every = np.ones(shape, dtype=np.bool_)
    weights = window_weights(cells.present, method.window.level_periods)
    old = every & np.isnan(weights.sum(axis=0))[:, None]
    if criterion == "density":
        single = np.sum(cells.present.any(axis=0)) < 2
        return [
            ("no_recent_years", old),
            ("one_region", every & bool(single)),
            ("jobs_unknown", np.isnan(m.lq) & ~old & (not single)),
            ("no_firms_column", every & (not cells.has_firms)),
            ("survey_no_interval", every & cells.survey),
            ("firms_unknown", np.isnan(m.firms) & cells.has_firms & ~old),
            ("no_top_share_column", every & (not cells.has_top)),
            ("top_share_unknown", np.isnan(m.top) & cells.has_top & ~old),
        ]
    if criterion == "growth":
        few = len(cells.years) < method.growth.min_periods
        return [
            ("too_few_years", every & few),
            ("years_unknown", np.isnan(m.slope) & (not few)),
        ]
    rule = method.technology if criterion == "technology" else method.market
    return _standing_reasons(cells, rule.measures, rule.min_families, shape)


def _standing_reasons(
    cells: Cells, columns: tuple[str, ...], min_families: int, shape: tuple[int, ...]
) -> list[tuple[str, Bools]]:
    every = np.ones(shape, dtype=np.bool_)
    found: list[tuple[str, Bools]] = []
    for column in columns:
        means, _ = family_means(cells, column)
        known = int(np.sum(~np.isnan(means)))
        if column not in cells.attributes or known == 0:
            found.append((f"no_column:{column}", every))
            continue
        found.append((f"no_value:{column}", every & np.isnan(means)))
        if known < min_families:
            found.append(("too_few_families", every & ~np.isnan(means)))
    return found


def stability_label(stability: Floats, method: Method) -> np.ndarray[Any, np.dtype[np.str_]]:
    """``firm``, ``moderate`` or ``fragile``."""
    position = (stability >= method.stability.fragile).astype(int) + (stability >= method.stability.firm)
    return np.array(LABELS)[position]


def verdict_table(
    base: Base,
    grades: Grades,
    robust: Robustness,
    ranks: Ranks,
    found: list[Item],
    shown: Shown,
    codes: list[list[list[str]]],
) -> pl.DataFrame:
    """One row per region and family; columns as documented in ``docs/explanation/methods/qualification.md``."""
    cells = base.cells
    regions, families = base.verdicts.shape
    values = {item.measure: item.value for item in found if item.criterion in ("density", "growth")}
    known = base.verdicts != 0
    labels = np.where(known, stability_label(robust.stability, base.method), "")
    columns: dict[str, Any] = {
        "region": np.repeat(cells.regions, families).tolist(),
        "family": cells.families * regions,
        "verdict": [VERDICTS[int(v)] for v in base.verdicts.ravel()],
        "stability": robust.stability.ravel(),
        "label": [label or None for label in labels.ravel().tolist()],
    }
    for criterion, graded in zip(CRITERIA, grades.stacked(), strict=True):
        columns[criterion] = [int(g) if g >= 0 else None for g in graded.ravel()]
    columns["reasons"] = [row for region in codes for row in region]
    columns["hinges"] = _hinges(base, robust)
    for name, value in values.items():
        columns[name] = value.ravel()
    columns["technology_percentile"] = base.measures.technology.ravel()
    columns["market_percentile"] = base.measures.market.ravel()
    columns["imputed_share"] = shown.imputed.ravel()
    columns["jobs_needed"] = shown.jobs_needed.ravel()
    for kind, share in robust.shares.items():
        columns[f"stability_{kind}"] = share.ravel()
    columns |= {
        "rank_first": ranks.first.ravel(),
        "rank_top3": ranks.top3.ravel(),
        "rank_mean": ranks.mean_rank.ravel(),
    }
    text = dict.fromkeys(("region", "family", "verdict", "label"), pl.String())
    lists = dict.fromkeys(("reasons", "hinges"), pl.List(pl.String()))
    table = pl.DataFrame(
        columns, schema_overrides={**text, **lists, **dict.fromkeys(CRITERIA, pl.Int8())}, strict=False
    )
    return table.with_columns(pl.col(pl.Float64).fill_nan(None))


def _hinges(base: Base, robust: Robustness) -> list[list[str]]:
    """Which single changes give another verdict: ``kind:detail=verdict``."""
    regions, families = base.verdicts.shape
    found: list[list[str]] = [[] for _ in range(regions * families)]
    for run in robust.runs:
        for r, f in zip(*np.nonzero(run.verdicts != base.verdicts), strict=True):
            found[r * families + f].append(f"{run.kind}:{run.detail}={VERDICTS[int(run.verdicts[r, f])]}")
    return found


def criteria_table(base: Base, grades: Grades, found: list[Item], shown: Shown) -> pl.DataFrame:
    """Long: one row per region, family, criterion and measure.

    Columns: ``region, family, criterion, grade, measure, value, comparison, threshold, borderline, meets,
    decides, imputed_share``. ``threshold`` null: shown beside, does not decide.
    """
    regions, families = base.verdicts.shape
    graded = dict(zip(CRITERIA, grades.stacked(), strict=True))
    keys = pl.DataFrame(
        {"region": np.repeat(base.cells.regions, families).tolist(), "family": base.cells.families * regions},
        schema={"region": pl.String, "family": pl.String},
    )
    parts = []
    for item in found:
        value, grade = item.value.ravel(), graded[item.criterion].ravel()
        meets = None if item.meets is None else np.where(np.isnan(value), -1, item.meets.ravel())
        part = keys.with_columns(
            criterion=pl.lit(item.criterion),
            grade=pl.Series(grade.astype(np.int8)).replace(UNKNOWN, None),
            measure=pl.lit(item.measure),
            value=pl.Series(value.astype(np.float64)).fill_nan(None),
            comparison=pl.lit(item.comparison or None, dtype=pl.String),
            threshold=pl.lit(item.threshold, dtype=pl.Float64),
            borderline=pl.lit(item.borderline, dtype=pl.Float64),
            meets=_tri(meets, len(value)),
            decides=pl.lit(item.decides),
            imputed_share=pl.Series(shown.imputed.ravel()).fill_nan(None),
        )
        parts.append(part)
    table = pl.concat(parts).with_columns(pl.col(pl.Float64).fill_nan(None))
    return table.sort("region", "family", maintain_order=True)


def _tri(values: Any, length: int) -> pl.Series:
    if values is None:
        return pl.Series([None] * length, dtype=pl.Boolean)
    return pl.Series([None if v < 0 else bool(v) for v in values], dtype=pl.Boolean)
