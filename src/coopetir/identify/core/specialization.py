"""How specialised is each region in each industry, and how sure can one be of it?

The location quotient (LQ, the same as revealed comparative advantage) divides an industry's share in a
region by its share in a base. A quotient of a few firms is mostly luck; so this module also gives the
exact Poisson interval of a firm count and the quotient shrunk towards 1 by as much as the data warrant.

Arrays: regions on the first axis, industries on the second, unless said. ``nan`` is an unknown value; it
stays unknown in its own cell and is left out of sums. A quotient that is not defined is ``nan``.
Formulas and sources: ``docs/explanation/methods/specialization.md``.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike
from scipy.special import gammaincc, gammaincinv

from coopetir.identify.core.ratios import Floats, floats, ratio

NO_SPREAD = 1e-12  # a dispersion below this is rounding; its prior cannot be told from the point 1


def location_quotient(values: ArrayLike) -> Floats:
    """How many times its share in all regions together has an industry in a region?

    ``LQ = (x_ri / x_r) / (x_i / x)``, sums over the known cells. ``values`` is regions x industries, >= 0.
    ``nan`` where the cell is unknown or where its region or its industry sums to zero.
    Range 0 to ``x / x_r``; the mean over regions, weighted by ``x_r``, is 1 in every industry.
    Source: Balassa 1965.
    """
    x = floats(values)
    x_r = np.nansum(x, axis=1, keepdims=True)
    x_i = np.nansum(x, axis=0, keepdims=True)
    return ratio(ratio(x, x_r), ratio(x_i, np.nansum(x)))


def location_quotient_against(values: ArrayLike, region_totals: ArrayLike, base_shares: ArrayLike) -> Floats:
    """How many times its share in a base from outside the table has an industry in a region?

    ``LQ = (x_ri / total_r) / share_i``. ``region_totals`` (regions) count every job of the region, seen or
    not; ``base_shares`` (industries) are fractions of the base's own total (0.02, not 2 %).
    ``nan`` where the cell, the total or the share is unknown, or the total or the share is zero.
    """
    x = floats(values)
    totals = floats(region_totals)[:, np.newaxis]
    shares = floats(base_shares)[np.newaxis, :]
    return ratio(ratio(x, totals), shares)


def per_head_quotient(values: ArrayLike, population: ArrayLike) -> Floats:
    """How many times as much per inhabitant has a region as all regions together (RPOP)?

    ``RPOP = (x_ri / pop_r) / (x_i / pop)``. ``population`` (regions) in persons. ``nan`` where the cell or
    the population is unknown, or a divisor is zero; a region of unknown population is left out of the sums.
    """
    x = floats(values)
    people = floats(population)[:, np.newaxis]
    counted = np.where(np.isnan(people), np.nan, x)
    return ratio(ratio(x, people), ratio(np.nansum(counted, axis=0, keepdims=True), np.nansum(people)))


def symmetric_quotient(quotients: ArrayLike) -> Floats:
    """Which side of 1 is a quotient on, on a scale that treats double and half alike (RSCA)?

    ``RSCA = (LQ - 1) / (LQ + 1)``, from -1 (absent) through 0 (as the base) towards 1. Source: Laursen 1998.
    """
    lq = floats(quotients)
    return ratio(lq - 1.0, lq + 1.0)


def standardised_quotient(quotients: ArrayLike, *, logarithm: bool = False) -> Floats:
    """Is a region's quotient out of the ordinary among the regions of the same industry (SLQ)?

    ``z = (LQ_ri - mean_i) / sd_i`` **per industry across regions**, sample standard deviation. With
    ``logarithm`` the same on ``ln LQ`` (zeros become unknown), for quotients that are far from normal;
    +1.96 is the usual cut. ``nan`` for an industry with fewer than two known quotients or no spread.
    Source: O'Donoghue & Gleave 2004. (R's REAT subtracts *region* means instead; that is not this measure.)
    """
    lq = floats(quotients)
    if logarithm:
        lq = np.log(np.where(lq > 0, lq, np.nan))
    known = np.sum(~np.isnan(lq), axis=0, keepdims=True)
    mean = ratio(np.nansum(lq, axis=0, keepdims=True), known)
    gap = lq - mean
    sd = np.sqrt(ratio(np.nansum(gap**2, axis=0, keepdims=True), np.maximum(known - 1, 0)))
    flat = sd <= 1e-12 * np.abs(mean)
    return ratio(gap, np.where(flat, 0.0, sd))


def expected_counts(counts: ArrayLike) -> Floats:
    """How many firms would a cell have if every region had the same structure?

    ``E_ri = n_r * n_i / n``, sums over the known cells; also given for cells whose own count is unknown.
    """
    n = floats(counts)
    n_r = np.nansum(n, axis=1, keepdims=True)
    n_i = np.nansum(n, axis=0, keepdims=True)
    return n_r * ratio(n_i, np.nansum(n))


@dataclass(frozen=True)
class Interval:
    """Lower and upper bound, of the shape of the counts."""

    low: Floats
    high: Floats


def garwood_interval(firms: ArrayLike, expected: ArrayLike, level: float = 0.80) -> Interval:
    """Between what bounds lies a firm-count quotient, if firms come about independently?

    With ``n ~ Poisson(LQ * E)`` and ``a = 1 - level``: low ``chi2inv(a/2, 2n) / (2E)``, high
    ``chi2inv(1 - a/2, 2n + 2) / (2E)``. Exact: covers at least ``level``. ``n = 0`` gives low 0.
    Any shapes that broadcast. Counts are of **firms**: jobs of one plant are not independent.
    ``nan`` where the count or the expectation is unknown, or the expectation is not above zero.
    Source: Garwood 1936.
    """
    tail = (1.0 - _level(level)) / 2.0
    n, e = np.broadcast_arrays(floats(firms), floats(expected))
    usable = (n >= 0) & (e > 0)
    n, e = np.where(usable, n, np.nan), np.where(usable, e, np.nan)
    low = np.where(n == 0, 0.0, gammaincinv(np.where(n == 0, 1.0, n), tail))
    high = gammaincinv(n + 1.0, 1.0 - tail)
    return Interval(low=low / e, high=high / e)


@dataclass(frozen=True)
class ShrunkQuotients:
    """Posterior mean and equal-tailed interval of each cell, and the dispersion ``v`` of each industry.

    ``dispersion`` has the shape of the counts without the region axis: the variance of true quotients
    between regions; 0 = no more spread than luck explains; ``nan`` = fewer than two usable regions.
    """

    mean: Floats
    low: Floats
    high: Floats
    dispersion: Floats


def shrunk_quotient(
    firms: ArrayLike, expected: ArrayLike, level: float = 0.80, *, axis: int = 0
) -> ShrunkQuotients:
    """What quotient should one believe in, seeing how few firms it rests on?

    Gamma-Poisson empirical Bayes: ``n ~ Poisson(LQ * E)``, ``LQ ~ Gamma(a, a)`` with mean 1 per industry.
    ``v`` by moments (:func:`prior_dispersion`), ``a = 1 / v``; posterior mean ``(n + a) / (E + a)``, bounds
    ``gammaincinv(n + a, q) / (E + a)``. ``v = 0``: mean, low and high are 1.

    ``firms`` and ``expected`` broadcast; ``axis`` is the regions' (0), every other axis is an independent
    industry, period or resample. ``nan`` where the count or expectation is unknown, the expectation is not
    above zero, or the industry has fewer than two usable regions. Source: the form of Clayton & Kaldor 1987
    and Marshall 1991.
    """
    tail = (1.0 - _level(level)) / 2.0
    n, e, v = _prior(firms, expected, axis)
    spread = np.expand_dims(v, axis)
    with np.errstate(divide="ignore", invalid="ignore"):
        a = 1.0 / spread
        shape, rate = n + a, e + a
        mean = shape / rate
        low, high = gammaincinv(shape, tail) / rate, gammaincinv(shape, 1.0 - tail) / rate
    one = np.where(np.isnan(n), np.nan, 1.0)
    luck = spread == 0
    return ShrunkQuotients(
        mean=np.where(luck, one, mean),
        low=np.where(luck, one, low),
        high=np.where(luck, one, high),
        dispersion=v,
    )


def probability_above(
    firms: ArrayLike, expected: ArrayLike, threshold: float = 1.0, *, axis: int = 0
) -> Floats:
    """How probable is it that the true quotient exceeds ``threshold``, under :func:`shrunk_quotient`?

    ``gammaincc(n + a, threshold * (E + a))``. The lower bound at ``level`` exceeds ``threshold`` exactly
    when this is above ``(1 + level) / 2``; testing this way is about ten times cheaper than finding the
    bound, which matters over hundreds of resamples. With ``v = 0`` it is 1 below a threshold of 1, else 0.
    """
    n, e, v = _prior(firms, expected, axis)
    spread = np.expand_dims(v, axis)
    with np.errstate(divide="ignore", invalid="ignore"):
        a = 1.0 / spread
        above = gammaincc(n + a, threshold * (e + a))
    certain = np.where(np.isnan(n), np.nan, 1.0 if threshold < 1.0 else 0.0)
    return np.where(spread == 0, certain, above)


def prior_dispersion(firms: ArrayLike, expected: ArrayLike, *, axis: int = 0) -> Floats:
    """How much do true quotients of an industry vary between regions, beyond what luck explains?

    ``v = max(0, (sum_r E (LQ - 1)^2 - (R - 1)) / (sum E - sum E^2 / sum E))`` over the R regions with a
    known count and ``E > 0``; ``nan`` if R < 2.
    """
    return _prior(firms, expected, axis)[2]


def _prior(firms: ArrayLike, expected: ArrayLike, axis: int) -> tuple[Floats, Floats, Floats]:
    n, e = np.broadcast_arrays(floats(firms), floats(expected))
    usable = (n >= 0) & (e > 0)
    n, e = np.where(usable, n, np.nan), np.where(usable, e, np.nan)
    regions = usable.sum(axis=axis)
    with np.errstate(invalid="ignore", divide="ignore"):
        scatter = np.nansum((n - e) ** 2 / e, axis=axis)  # E (n/E - 1)^2
        mass = np.nansum(e, axis=axis)
        room = mass - np.nansum(e**2, axis=axis) / mass
        v = np.maximum(0.0, (scatter - (regions - 1)) / room)
    v = np.where(v < NO_SPREAD, 0.0, v)
    return n, e, np.where((regions >= 2) & (room > 0), v, np.nan)


def _level(level: float) -> float:
    if not 0.0 < level < 1.0:
        raise ValueError(f"level must lie between 0 and 1, not {level}")
    return level
