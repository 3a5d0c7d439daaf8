"""Does the verdict stand when the data, the thresholds or one firm are a little different?

Every row is judged again, and ``stability`` is the share of all runs with the same verdict:

- ``resample``: firms of every cell and year drawn ~ Poisson(firms), jobs scaled with them; where the firms
  themselves are given, each is drawn ~ Poisson(1) times with all its years (its cells' other firms stay);
- ``threshold``: each threshold x each scale of the Method alone, and all of them together;
- ``largest_firm``: without the largest firm of the family (employees x ``top1_emp_share`` of a cell). The
  next firm's size is not in the cells, so the largest firm's share itself is not judged again;
- ``year``: without each year;
- ``suppressed``: with all withheld jobs at their low and at their high bound.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np
from scipy import sparse
from scipy.special import gammaincinv

from coopetir.foundation.core.progress import Progress, silent
from coopetir.identify.core.cells import Bools, Cells, Floats, Ints
from coopetir.identify.core.growth import log_trend
from coopetir.identify.core.measures import (
    Measures,
    Places,
    Sums,
    add_up,
    certainty,
    largest_of,
    measure,
    window_weights,
)
from coopetir.identify.core.method import Method
from coopetir.identify.core.qualification import VERDICTS, Grade, judge
from coopetir.identify.core.specialization import expected_counts, prior_dispersion

KINDS = ("resample", "threshold", "largest_firm", "year", "suppressed")

# threshold: (settings that move together, True if a higher value is stricter)
THRESHOLDS: dict[str, tuple[tuple[str, ...], bool]] = {
    "density.lq_meets": (("density.lq_meets", "density.lq_borderline"), True),
    "density.lower_bound": (("density.lower_bound",), True),
    "density.firms_meets": (("density.firms_meets", "density.firms_borderline"), True),
    "density.top_firm_max": (("density.top_firm_max",), False),
    "growth.z_meets": (("growth.z_meets",), True),
    "technology.percentile_meets": (
        ("technology.percentile_meets", "technology.percentile_borderline"),
        True,
    ),
    "market.percentile_meets": (("market.percentile_meets", "market.percentile_borderline"), True),
}
CEILING = {"density.top_firm_max": 1.0}


@dataclass(frozen=True)
class Run:
    """One way of judging again: its kind, what was changed, and the verdict of every row (R x F)."""

    kind: str
    detail: str
    verdicts: Grade


@dataclass(frozen=True)
class Robustness:
    """``stability`` (R x F, 0-1), the single runs, and how often each verdict came out of the resamples.

    ``resampled``: verdicts x R x F counts, in the order of ``VERDICTS``. ``shares``: stability by kind.
    """

    stability: Floats
    shares: dict[str, Floats]
    runs: list[Run]
    resampled: Floats
    resamples: int


@dataclass(frozen=True)
class FirmRows:
    """Firms by year, to be resampled one by one: the row of ``Cells``, which firm, and its jobs (one each)."""

    row: Ints
    firm: Ints
    jobs: Floats


@dataclass(frozen=True)
class Base:
    """What the first judgement was made from; every run changes one thing of it."""

    cells: Cells
    places: Places
    sums: Sums
    measures: Measures
    verdicts: Grade
    standing: tuple[Floats, Floats]
    blank: Bools | None
    method: Method
    firms: FirmRows | None = None


def robustness(
    base: Base, *, resamples: int, rng: np.random.Generator, progress: Progress = silent
) -> Robustness:
    """Judge again in every way named above. ``rng`` decides the resamples and nothing else."""
    runs = [*_threshold_runs(base), *_largest_firm_run(base), *_year_runs(base), *_suppressed_runs(base)]
    counts = resample(base, resamples=resamples, rng=rng, progress=progress)
    same = np.take_along_axis(counts, base.verdicts[None].astype(np.intp), axis=0)[0]
    shares = {"resample": same / resamples} if resamples else {}
    total, agreed = float(resamples), same.astype(np.float64)
    for kind in KINDS[1:]:
        of_kind = [run.verdicts == base.verdicts for run in runs if run.kind == kind]
        if of_kind:
            kept = np.sum(of_kind, axis=0, dtype=np.float64)
            shares[kind] = kept / len(of_kind)
            agreed, total = agreed + kept, total + len(of_kind)
    return Robustness(
        stability=agreed / total if total else np.full(base.verdicts.shape, np.nan),
        shares=shares,
        runs=runs,
        resampled=counts,
        resamples=resamples,
    )


def resample(base: Base, *, resamples: int, rng: np.random.Generator, progress: Progress = silent) -> Floats:
    """How often each verdict comes out when firms are drawn anew: verdicts x R x F counts."""
    cells = base.cells
    counts = np.zeros((len(VERDICTS), *base.verdicts.shape))
    draw = _drawing_cells(cells) if base.firms is None else _drawing_firms(cells, base.firms)
    rows, columns = np.indices(base.verdicts.shape)
    for step in range(resamples):
        jobs, firms = draw(rng)
        sums = add_up(base.places, jobs, firms, cells.top)
        found = measure(sums, cells, base.method, base.standing, blank=base.blank, exact=False)
        counts[judge(found, base.method), rows, columns] += 1.0
        if step % 10 == 9 or step + 1 == resamples:
            progress(step + 1, resamples, "resample")
    return counts


BATCH = 20
"""Times the firms are drawn together: more is a little faster and takes more memory."""

Draw = Callable[[np.random.Generator], tuple[Floats, Floats]]


def _drawing_cells(cells: Cells) -> Draw:
    """Jobs and firms of every cell, firms drawn anew from their Poisson distribution."""
    mean = np.nan_to_num(cells.firms)
    drawn = ~np.isnan(cells.firms) & (mean > 0)
    per_firm = np.divide(cells.typical, mean, out=np.zeros_like(mean), where=drawn)

    def draw(rng: np.random.Generator) -> tuple[Floats, Floats]:
        firms = rng.poisson(mean).astype(np.float64)
        return np.where(drawn, per_firm * firms, cells.typical), np.where(drawn, firms, cells.firms)

    return draw


def _drawing_firms(cells: Cells, rows: FirmRows) -> Draw:
    """Jobs and firms of every cell, each listed firm drawn with all its years; what is not listed stays."""
    size, count = len(cells.t), int(rows.firm.max(initial=-1)) + 1
    other_jobs = np.maximum(cells.typical - np.bincount(rows.row, rows.jobs, minlength=size), 0.0)
    other_firms = np.maximum(cells.firms - np.bincount(rows.row, minlength=size), 0.0)

    # One sparse product draws a batch of times at once: a third of the time of adding up one by one.
    place = (rows.row, rows.firm)
    jobs_of = sparse.csr_array((rows.jobs, place), shape=(size, count))
    firms_of = sparse.csr_array((np.ones(len(rows.row)), place), shape=(size, count))
    waiting: list[tuple[Floats, Floats]] = []

    def draw(rng: np.random.Generator) -> tuple[Floats, Floats]:
        if not waiting:
            times = rng.poisson(1.0, (count, BATCH)).astype(np.float64)
            jobs, firms = (jobs_of @ times).T, (firms_of @ times).T
            waiting.extend(
                (other_jobs + more_jobs, other_firms + more)
                for more_jobs, more in zip(jobs, firms, strict=True)
            )
        return waiting.pop()

    return draw


def threshold_factors(method: Method, name: str, scale: float) -> dict[str, float]:
    """The settings of one threshold made ``scale`` times as strict (as generous, below 1)."""
    settings, higher_is_stricter = THRESHOLDS[name]
    plain = method.to_dict()
    changed = {}
    for path in settings:
        section, key = path.split(".")
        value = plain[section][key] * (scale if higher_is_stricter else 1.0 / scale)
        top = 100.0 if key.startswith("percentile") else CEILING.get(path, np.inf)
        changed[path] = min(value, top)
    return changed


def _threshold_runs(base: Base) -> list[Run]:
    runs = []
    for scale in base.method.stability.scales:
        together: dict[str, float] = {}
        for name in THRESHOLDS:
            changed = threshold_factors(base.method, name, scale)
            together |= changed
            runs.append(
                Run("threshold", f"{name} x {scale:g}", judge(base.measures, base.method.changed(changed)))
            )
        runs.append(Run("threshold", f"all x {scale:g}", judge(base.measures, base.method.changed(together))))
    return runs


def _year_runs(base: Base) -> list[Run]:
    years = base.cells.years
    if len(years) - 1 < base.method.growth.min_periods:
        return []
    runs = []
    for index, year in enumerate(years):
        keep = np.arange(len(years)) != index
        found = measure(base.sums, base.cells, base.method, base.standing, keep=keep, blank=base.blank)
        runs.append(Run("year", str(year), judge(found, base.method)))
    return runs


def _suppressed_runs(base: Base) -> list[Run]:
    cells = base.cells
    if not cells.hidden.any():
        return []
    runs = []
    for detail, jobs in (("low", cells.low), ("high", cells.high)):
        sums = add_up(base.places, jobs, cells.firms, cells.top)
        found = measure(sums, cells, base.method, base.standing, blank=base.blank)
        runs.append(Run("suppressed", detail, judge(found, base.method)))
    return runs


def _largest_firm_run(base: Base) -> list[Run]:
    if not base.cells.has_top:
        return []
    jobs, firms = largest_firms(base)
    return [Run("largest_firm", "", judge(measure_without(base, jobs, firms), base.method))]


def largest_firms(base: Base) -> tuple[Floats, Floats]:
    """Jobs of the largest known firm of each family, and 1 where there is one (both T x R x F)."""
    jobs, _ = largest_of(base.places, base.cells.typical, base.cells.top)
    return jobs, (jobs > 0).astype(np.float64)


def measure_without(base: Base, jobs: Floats, firms: Floats) -> Measures:
    """The measures of each row when only that row loses ``jobs`` and ``firms`` (T x R x F).

    The loss is taken from the row, its region, its family and the whole, but not from other rows; the
    spread of true quotients between regions and the nation's trend stay as they were.
    """
    cells, sums, method = base.cells, base.sums, base.method
    weights = window_weights(cells.present, method.window.level_periods)
    lost = np.einsum("tr,trf->rf", weights, jobs)
    lq = _quotient_without(*_totals(weights, sums.jobs, sums.region_jobs), lost)
    lost_firms = np.einsum("tr,trf->rf", weights, firms)
    left = np.maximum(sums.jobs - jobs, 0.0).transpose(1, 2, 0)
    left = np.where(cells.present.T[:, None, :], left, np.nan)
    trends = log_trend(left.reshape(-1, len(cells.years)), cells.years)
    shape = base.verdicts.shape
    unknown = np.isnan(base.measures.slope)
    return replace(
        base.measures,
        lq=np.where(np.isnan(base.measures.lq), np.nan, lq),
        firms=base.measures.firms - lost_firms,
        lower=_lower_without(base, weights, lost_firms),
        slope=np.where(unknown, np.nan, trends.slope.reshape(shape)),
        se=np.where(unknown, np.nan, trends.se.reshape(shape)),
        z=np.where(unknown, np.nan, certainty(trends, base.measures.national).reshape(shape)),
    )


def _totals(weights: Floats, own: Floats, region: Floats) -> tuple[Floats, Floats]:
    return np.einsum("tr,trf->rf", weights, own), np.einsum("tr,tr->r", weights, region)


def _quotient_without(own: Floats, region: Floats, lost: Floats) -> Floats:
    family, whole = np.nansum(own, axis=0, keepdims=True), np.nansum(region)
    with np.errstate(divide="ignore", invalid="ignore"):
        found: Floats = ((own - lost) * (whole - lost)) / ((region[:, None] - lost) * (family - lost))
    return np.where(own - lost <= 0, 0.0, found)


def _lower_without(base: Base, weights: Floats, lost: Floats) -> Floats:
    """Lower end of the shrunk quotient with fewer firms in this row only."""
    if np.isnan(base.measures.lower).all():
        return base.measures.lower
    firms, region = _totals(weights, base.sums.firms, base.sums.region_firms)
    rest = region - np.nansum(firms, axis=1)
    expected = expected_counts(np.column_stack([firms, rest]))[:, :-1]
    spread = prior_dispersion(firms, expected)
    whole, family = np.nansum(region), np.nansum(firms, axis=0, keepdims=True)
    with np.errstate(divide="ignore", invalid="ignore"):
        e = (region[:, None] - lost) * (family - lost) / (whole - lost)
        shape, rate = np.maximum(firms - lost, 0.0) + 1.0 / spread, e + 1.0 / spread
        low = gammaincinv(shape, (1.0 - base.method.density.interval_level) / 2.0) / rate
    low = np.where(spread == 0, 1.0, low)
    return np.where(np.isnan(base.measures.lower), np.nan, low)
