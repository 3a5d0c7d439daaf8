"""Does an industry of a region grow, how sure is that, and is it faster than the nation?

Growth is the slope of ``ln(x + 0.5)`` over the years: 0.03 is about 3 % a year. All functions take many
series at once, years on the last axis, one series per row; ``nan`` is an unknown year and is left out of its own row only.
Formulas and sources: ``docs/explanation/methods/growth.md``.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from coopetir.identify.core.ratios import Floats

HALF = 0.5  # added before the logarithm, so that a year with zero counts instead of vanishing
EXACT = 1e-13  # deviations this small beside the level itself are rounding: the line fits exactly


@dataclass(frozen=True)
class Trends:
    """One trend per row: yearly slope of the logarithm, its standard error, years it rests on.

    ``slope`` is ``nan`` with fewer than two known years; ``se`` with fewer than three.
    """

    slope: Floats
    se: Floats
    years: NDArray[np.int64]


def log_trend(values: ArrayLike, years: ArrayLike, *, offset: float = HALF) -> Trends:
    """How fast does each row grow, and how sure is it?

    Ordinary least squares of ``ln(x + offset)`` on the year over the row's known years:
    ``b = Sxy / Sxx``, ``se = sqrt(SSR / (m - 2) / Sxx)`` with m known years.
    ``values``: (rows, years) or (..., rows, years), >= 0; ``years``: (years,), distinct numbers, any order, gaps allowed.
    The standard error takes the years' deviations as independent; with autocorrelation it is too small.
    """
    y, t = _series(values, years, offset)
    known = ~np.isnan(y)
    m = known.sum(axis=-1)
    with np.errstate(invalid="ignore", divide="ignore"):
        t_gap = np.where(known, t - (known @ t / m)[..., np.newaxis], 0.0)
        y_gap = np.where(known, y - (np.nansum(y, axis=-1) / m)[..., np.newaxis], 0.0)
        s_tt = np.sum(t_gap**2, axis=-1)
        slope = np.sum(t_gap * y_gap, axis=-1) / s_tt
        left = np.sum((y_gap - slope[..., np.newaxis] * t_gap) ** 2, axis=-1)
        left = np.where(left <= EXACT**2 * np.nansum(y**2, axis=-1), 0.0, left)
        se = np.sqrt(left / (m - 2) / s_tt)
    return Trends(
        slope=np.where(m >= 2, slope, np.nan),
        se=np.where(m >= 3, se, np.nan),
        years=m.astype(np.int64),
    )


def theil_sen_trend(values: ArrayLike, years: ArrayLike, *, offset: float = HALF) -> Floats:
    """How fast does each row grow, if one odd year must not decide?

    The median of the slopes between every two known years of ``ln(x + offset)``. ``nan`` with fewer than
    two known years. Shapes as :func:`log_trend`. Source: Theil 1950, Sen 1968.
    """
    y, t = _series(values, years, offset)
    first, second = np.triu_indices(t.size, k=1)
    slopes = (y[..., second] - y[..., first]) / (t[second] - t[first])
    found: Floats = np.full(y.shape[:-1], np.nan)
    some = np.any(~np.isnan(slopes), axis=-1)
    found[some] = np.nanmedian(slopes[some], axis=-1)
    return found


def growth_z(trends: Trends, national_slope: ArrayLike) -> Floats:
    """By how many of its own standard errors does a row outgrow the nation?

    ``z = (b - g) / se``. A row that fits its line exactly (se 0) gives ``inf`` or ``-inf``, or 0 when
    ``b = g``; ``nan`` where the slope, its error or the national slope is unknown.
    """
    gap = trends.slope - np.asarray(national_slope, dtype=np.float64)
    with np.errstate(invalid="ignore", divide="ignore"):
        z = gap / trends.se
    return np.where((trends.se == 0) & (np.abs(gap) < EXACT), 0.0, z)


def _series(values: ArrayLike, years: ArrayLike, offset: float) -> tuple[Floats, Floats]:
    x = np.atleast_2d(np.asarray(values, dtype=np.float64))
    t = np.asarray(years, dtype=np.float64)
    if x.shape[-1] != t.size or np.unique(t).size != t.size:
        raise ValueError(f"{x.shape[-1]} columns need as many distinct years, not {t.tolist()}")
    with np.errstate(invalid="ignore", divide="ignore"):
        y = np.log(x + offset)
    return np.where(np.isfinite(y), y, np.nan), t
