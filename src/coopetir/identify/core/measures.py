"""How much of each criterion does every family have in every region?

Family sums leave local industries out; region totals keep them. Density looks at the mean of the last
periods, growth at all of them. Every array is regions x families (R x F) unless said; ``nan`` is unknown.

- ``lq``: ``(x_rf / x_r) / (x_f / x)`` of jobs. ``lower``: lower end of the shrunk firm-count quotient.
- ``firms``: firms. ``top``: the largest firm's share of the family's jobs, by the Method's measure.
- ``slope, se``: of ln(jobs + 0.5) on the year; ``national``: slope of all jobs of the table; ``z``.
- ``technology, market``: mean percentile (midrank, 0-100) of the family among families.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from coopetir.identify.core.cells import Bools, Cells, Floats, Ints
from coopetir.identify.core.growth import Trends, growth_z, log_trend
from coopetir.identify.core.method import Method, Standing
from coopetir.identify.core.specialization import (
    expected_counts,
    location_quotient,
    probability_above,
    shrunk_quotient,
)

CERTAIN = 1e6


@dataclass(frozen=True)
class Places:
    """Where each row of the cells adds to: precomputed once, used by every resample.

    ``by_largest``: the largest firm's share is that of the family's largest one (else the weighted mean).
    """

    traded: Ints
    into_family: Ints
    into_region: Ints
    shape: tuple[int, int, int]
    by_largest: bool = False


@dataclass(frozen=True)
class Sums:
    """Totals by year, region and family. ``jobs, firms, top_jobs, top_seen``: T x R x F; others T x R.

    ``top_jobs``: jobs of the largest firms of cells, summed, and ``top_seen`` the jobs of those cells; or, by
    largest, the largest of them and all jobs of the family (0 where no largest firm is known). nan where a cell that adds to it is unknown.
    """

    jobs: Floats
    firms: Floats
    region_jobs: Floats
    region_firms: Floats
    top_jobs: Floats
    top_seen: Floats


@dataclass(frozen=True)
class Measures:
    """What the Method grades. R x F each, ``national`` a number."""

    lq: Floats
    lower: Floats
    firms: Floats
    top: Floats
    slope: Floats
    se: Floats
    z: Floats
    national: float
    technology: Floats
    market: Floats
    active: Bools


def places_of(cells: Cells, family: Ints | None = None, *, by_largest: bool = False) -> Places:
    """Where the rows of ``cells`` add to, by the families of the cells or by another grouping (I)."""
    years, regions, families = cells.shape
    group = cells.family if family is None else family
    if family is not None:
        families = int(family.max()) + 1
    of_row = group[cells.i]
    traded = np.flatnonzero(of_row >= 0)
    region = cells.t * regions + cells.r
    return Places(
        traded=traded,
        into_family=region[traded] * families + of_row[traded],
        into_region=region,
        shape=(years, regions, families),
        by_largest=by_largest,
    )


def add_up(places: Places, jobs: Floats, firms: Floats, top: Floats) -> Sums:
    """Family and region sums of rows; unknown firms (nan) leave the family's count unknown."""
    years, regions, families = places.shape
    wide, narrow = years * regions * families, years * regions
    rows = places.traded
    jobs_in, firms_in, top_in = jobs[rows], firms[rows], top[rows]
    seen = np.where(np.isnan(top_in), 0.0, jobs_in)

    def by_family(weights: Floats) -> Floats:
        sums: Floats = np.bincount(places.into_family, weights, minlength=wide).astype(np.float64)
        return sums.reshape(places.shape)

    def by_region(weights: Floats) -> Floats:
        sums: Floats = np.bincount(places.into_region, weights, minlength=narrow).astype(np.float64)
        return sums.reshape(years, regions)

    family_jobs, known = by_family(jobs_in), by_family(seen)
    if places.by_largest:
        top_jobs, top_seen = _largest(places, jobs, top), np.where(known > 0, family_jobs, 0.0)
    else:
        top_jobs, top_seen = by_family(seen * np.nan_to_num(top_in)), known
    return Sums(
        jobs=family_jobs,
        firms=by_family(firms_in),
        region_jobs=by_region(jobs),
        region_firms=by_region(np.nan_to_num(firms)),
        top_jobs=top_jobs,
        top_seen=top_seen,
    )


def _largest(places: Places, jobs: Floats, top: Floats) -> Floats:
    first = np.zeros(int(np.prod(places.shape)))
    np.maximum.at(first, places.into_family, np.nan_to_num(jobs[places.traded] * top[places.traded]))
    return first.reshape(places.shape)


def largest_of(places: Places, jobs: Floats, top: Floats) -> tuple[Floats, Floats]:
    """Jobs of the largest known firm among each family's cells, and of the largest in its other cells."""
    size = np.nan_to_num(jobs[places.traded] * top[places.traded])
    groups, count = places.into_family, int(np.prod(places.shape))
    first = _largest(places, jobs, top).ravel()
    _, winner = np.unique(np.where(size == first[groups], groups, -1), return_index=True)
    second = np.zeros(count)
    rest = np.ones(size.size, dtype=np.bool_)
    rest[winner] = False
    # a row that is no winner but shares group -1 with the others is still among the rest
    rest |= size != first[groups]
    np.maximum.at(second, groups[rest], size[rest])
    return first.reshape(places.shape), second.reshape(places.shape)


def blank_sums(cells: Cells, places: Places) -> Bools:
    """T x R x F: the family has a cell there about whose jobs nothing is known."""
    size = int(np.prod(places.shape))
    found = np.bincount(places.into_family, cells.blank[places.traded], minlength=size) > 0
    return found.reshape(places.shape)


def window_weights(present: Bools, periods: int) -> Floats:
    """T x R: each region's weights (sum 1) of the table's last ``periods`` in which it has rows; nan if none."""
    weights = np.where(present, 1.0, 0.0)
    weights[:-periods] = 0.0
    total = weights.sum(axis=0)
    return np.divide(weights, total, out=np.full(weights.shape, np.nan), where=total > 0)


def measure(
    sums: Sums,
    cells: Cells,
    method: Method,
    standing: tuple[Floats, Floats],
    *,
    keep: Bools | None = None,
    blank: Bools | None = None,
    exact: bool = True,
) -> Measures:
    """Every measure the Method grades, from sums.

    ``keep`` (T): years to use (all). ``standing``: technology and market percentiles (F each).
    With ``exact=False`` ``lower`` only tells the side of the Method's threshold (inf above, -inf not):
    ten times cheaper, enough for a grade, for resamples.
    """
    used = np.ones(len(cells.years), dtype=np.bool_) if keep is None else keep
    jobs = sums.jobs[used] if blank is None else np.where(blank, np.nan, sums.jobs)[used]
    present = cells.present[used]
    weights = window_weights(present, method.window.level_periods)
    level = np.einsum("tr,trf->rf", weights, jobs)
    lq = _quotients(level, np.einsum("tr,tr->r", weights, sums.region_jobs[used]))
    firms, lower = _firm_evidence(sums, cells, method, weights, used, exact=exact)
    seen = np.einsum("tr,trf->rf", weights, sums.top_seen[used])
    large = np.einsum("tr,trf->rf", weights, sums.top_jobs[used])
    with np.errstate(divide="ignore", invalid="ignore"):
        top = np.where(seen > 0, large / seen, np.nan)
    slope, se, z, national = _trends(jobs, sums.region_jobs[used], present, cells.years[used], method)
    rows = np.ones(level.shape)
    never = np.broadcast_to(np.logical_not(present.any(axis=0)).reshape(-1, 1), level.shape)
    return Measures(
        lq=lq,
        lower=lower,
        firms=firms,
        top=top,
        slope=slope,
        se=se,
        z=z,
        national=national,
        technology=rows * standing[0],
        market=rows * standing[1],
        active=(np.nansum(jobs, axis=0) > 0) | np.isnan(jobs).any(axis=0) | never,
    )


def _quotients(level: Floats, total: Floats) -> Floats:
    """LQ of families (R x F) among regions whose total is known; nan with fewer than two regions."""
    usable = total > 0
    if usable.sum() < 2:
        return np.full(level.shape, np.nan)
    # a last column holds the rest of the economy, so that the shared function sees the regions' full totals
    rest = np.where(usable, total, np.nan) - np.nansum(level, axis=1)
    full = np.column_stack([np.where(usable[:, None], level, np.nan), rest])
    quotients = location_quotient(full)[:, :-1]
    absent = (np.nansum(level, axis=0) == 0)[None, :] & (level == 0) & usable[:, None]
    return np.where(absent, 0.0, quotients)


def _firm_evidence(
    sums: Sums, cells: Cells, method: Method, weights: Floats, used: Bools, *, exact: bool
) -> tuple[Floats, Floats]:
    unknown = np.full(sums.jobs.shape[1:], np.nan)
    if not cells.has_firms:
        return unknown, unknown
    firms = np.einsum("tr,trf->rf", weights, sums.firms[used])
    total = np.einsum("tr,tr->r", weights, sums.region_firms[used])
    if cells.survey or np.sum(total > 0) < 2:
        return firms, unknown
    rest = total - np.nansum(firms, axis=1)
    expected = expected_counts(np.column_stack([firms, rest]))[:, :-1]
    rule = method.density
    if exact:
        return firms, shrunk_quotient(firms, expected, rule.interval_level).low
    above = probability_above(firms, expected, rule.lower_bound)
    side = np.where(above > (1.0 + rule.interval_level) / 2.0, np.inf, -np.inf)
    return firms, np.where(np.isnan(above), np.nan, side)


def _trends(
    jobs: Floats, region_jobs: Floats, present: Bools, years: Ints, method: Method
) -> tuple[Floats, Floats, Floats, float]:
    count, regions, families = jobs.shape
    series = np.where(present[:, :, None], jobs, np.nan).transpose(1, 2, 0).reshape(-1, count)
    trends = log_trend(series, years)
    whole = present.all(axis=0)
    # a region that lacks a year would look like a fall of the nation: it is left out of the national trend
    total = np.where(present, region_jobs, 0.0)[:, whole if whole.any() else slice(None)].sum(axis=1)
    national = float(log_trend(total, years).slope[0])
    few = (trends.years < method.growth.min_periods).reshape(regions, families)
    z = certainty(trends, national).reshape(regions, families)
    slope = trends.slope.reshape(regions, families)
    se = trends.se.reshape(regions, families)
    return (
        np.where(few, np.nan, slope),
        np.where(few, np.nan, se),
        np.where(few, np.nan, z),
        national,
    )


def certainty(trends: Trends, national: float) -> Floats:
    """``z`` of each trend, within ±``CERTAIN``: a series that fits its line exactly has no error to divide by."""
    return np.clip(growth_z(trends, national), -CERTAIN, CERTAIN)


def family_means(cells: Cells, column: str, family: Ints | None = None) -> tuple[Floats, Floats]:
    """Mean of an industry column over each family's traded industries, and the share of them without it."""
    group = cells.family if family is None else family
    count = len(cells.families) if family is None else int(family.max()) + 1
    values = cells.attributes.get(column, np.full(len(cells.industries), np.nan))
    inside = group >= 0
    known = inside & ~np.isnan(values)
    members = np.bincount(group[inside], minlength=count)
    counted = np.bincount(group[known], minlength=count)
    total = np.bincount(group[known], values[known], minlength=count)
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.where(counted > 0, total / counted, np.nan), 1.0 - counted / np.maximum(members, 1)


def percentiles(values: Floats) -> Floats:
    """Midrank percentile among the known: ``100 (rank - 0.5) / n``; ties share; nan stays nan."""
    from scipy.stats import rankdata  # takes a second to import

    known = ~np.isnan(values)
    found = np.full(values.shape, np.nan)
    if known.any():
        found[known] = 100.0 * (rankdata(values[known]) - 0.5) / known.sum()
    return found


def standing_of(cells: Cells, rule: Standing) -> Floats:
    """Mean percentile of each family (F) over the rule's columns; nan if any is unknown or too few families."""
    stacked = np.array([percentiles(family_means(cells, column)[0]) for column in rule.measures])
    mean: Floats = stacked.mean(axis=0)
    return mean if np.sum(~np.isnan(mean)) >= rule.min_families else np.full(mean.shape, np.nan)
