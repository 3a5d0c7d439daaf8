"""In how few regions is each industry gathered?

Tables are regions x industries. ``nan`` cells are unknown and are left out of sums, so an index of an
industry with unknown cells speaks of its visible part only. Formulas, worked tables and sources:
``docs/explanation/methods/concentration.md``.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from coopetir.identify.core.ratios import Floats, floats, zero_as_unknown


def locational_gini(values: ArrayLike) -> Floats:
    """How unequally is an industry spread over regions, beyond how activity as a whole is spread?

    Regions ordered by ``(x_ri / x_i) / (x_r / x)``; ``G = 1 - sum_k (b_k - b_(k-1)) (a_k + a_(k-1))`` with a
    and b the cumulated shares of the industry and of everything. One number per industry, 0 (as everything)
    to below 1; ``nan`` for an industry without activity. EconGeo prints half of this, the area itself.
    """
    industry, everything = _spread(values)
    active = everything > 0
    industry, everything = industry[active], everything[active]
    order = np.argsort(industry / everything[:, np.newaxis], axis=0, kind="stable")
    a = np.cumsum(np.take_along_axis(industry, order, axis=0), axis=0)
    steps = everything[order]
    before = np.vstack([np.zeros((1, a.shape[1])), a[:-1]]) if a.size else a
    gini: Floats = np.asarray(1.0 - np.sum(steps * (a + before), axis=0))
    return np.where(np.isnan(industry).any(axis=0) | (not active.any()), np.nan, np.maximum(gini, 0.0))


def hoover_index(values: ArrayLike) -> Floats:
    """What part of an industry would have to move to be spread over regions like everything else?

    ``0.5 * sum_r |x_ri / x_i - x_r / x|`` per industry, a fraction from 0 to below 1 (EconGeo prints
    percent); ``nan`` for an industry without activity.
    """
    industry, everything = _spread(values)
    return np.asarray(0.5 * np.sum(np.abs(industry - everything[:, np.newaxis]), axis=0))


def cluster_index(jobs: ArrayLike, plants: ArrayLike, area: ArrayLike, population: ArrayLike) -> Floats:
    """Is an industry in a region dense on the ground and among the people, and made of many plants?

    ``CI = [(e_ij / a_j) / (e_i / a)] * [(e_ij / p_j) / (e_i / p)] / [(e_ij / b_ij) / (e_i / b_i)]``: relative
    industrial density times relative industrial stock, divided by relative plant size, so that a single
    large plant is marked down. 1 = as in all regions together. ``jobs`` e and ``plants`` b: regions x
    industries; ``area`` a and ``population`` p: regions, any unit.
    0 where plants work without jobs; ``nan`` where a figure is unknown, there is no plant, or a divisor is
    zero. A region of unknown area or population is left out of that measure's sums, industry included.
    Source: Litzenberger & Sternberg 2006.
    """
    e, b = floats(jobs), floats(plants)
    in_area = _relative(e, floats(area))
    in_people = _relative(e, floats(population))
    both = ~(np.isnan(e) | np.isnan(b))
    size = np.nansum(np.where(both, e, np.nan), axis=0) / zero_as_unknown(
        np.nansum(np.where(both, b, np.nan), axis=0)
    )
    # (e/a') (e/p') / (e/b) without dividing by e, so that no jobs gives 0 and not 0/0
    with np.errstate(divide="ignore", invalid="ignore"):
        found: Floats = in_area * in_people * (zero_as_unknown(b) / e) * size
    return np.where((e == 0) & ~np.isnan(zero_as_unknown(b) * in_area * in_people), 0.0, found)


def _relative(e: Floats, ground: Floats) -> Floats:
    """``(e_ij / g_j) / (e_i / g)``."""
    known = ~np.isnan(ground)
    here = e / zero_as_unknown(ground)[:, np.newaxis]
    overall = np.nansum(e[known], axis=0) / zero_as_unknown(np.asarray(np.nansum(ground)))
    return np.asarray(here / zero_as_unknown(overall)[np.newaxis, :])


def _spread(values: ArrayLike) -> tuple[Floats, Floats]:
    """Each industry's shares of regions (``nan`` columns where it has none), and everything's."""
    x = np.nan_to_num(floats(values))
    total = x.sum()
    everything = x.sum(axis=1) / total if total > 0 else np.zeros(x.shape[0])
    return np.asarray(x / zero_as_unknown(x.sum(axis=0))[np.newaxis, :]), everything
