"""How unlike the others, and how varied, is the economy of each region?

One number per region from a table of activity, regions x industries. ``nan`` cells are unknown and are left
out of sums, so an index of a region with unknown cells speaks of its visible part only. A region without
activity gets ``nan``. Formulas and sources: ``docs/explanation/methods/concentration.md``.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from coopetir.identify.core.ratios import Floats, floats


def hoover_specialisation(values: ArrayLike, base_shares: ArrayLike | None = None) -> Floats:
    """What part of a region's activity would have to change industry for it to look like the base?

    ``0.5 * sum_i |x_ri / x_r - s_i|``, 0 (as the base) to below 1. ``s_i`` is all regions' share of the
    industry, or ``base_shares`` (industries, fractions).
    """
    shares, base = _shares_and_base(values, base_shares)
    return _where_active(0.5 * np.sum(np.abs(shares - base), axis=1), shares)


def krugman_index(values: ArrayLike, *, against: str = "all") -> Floats:
    """How far apart are the structures of a region and of the others, from 0 to 2?

    ``sum_i |x_ri / x_r - s_i|``. ``against="all"``: ``s_i`` of all regions together, the region included
    (then twice :func:`hoover_specialisation`); ``against="rest"``: of all other regions, Krugman's own form,
    a larger number. ``nan`` for "rest" when there is no other activity. Source: Krugman 1991.
    """
    if against not in ("all", "rest"):
        raise ValueError(f'against must be "all" or "rest", not {against!r}')
    x = np.nan_to_num(floats(values))
    shares, base = _shares_and_base(x, None)
    if against == "rest":
        rest = x.sum(axis=0, keepdims=True) - x
        left = rest.sum(axis=1, keepdims=True)
        base = np.divide(rest, left, out=np.full(x.shape, np.nan), where=left > 0)
    return _where_active(np.sum(np.abs(shares - base), axis=1), shares)


def hachman_index(values: ArrayLike, base_shares: ArrayLike | None = None) -> Floats:
    """How alike is the region's structure to the base's, from near 0 to 1 (the same)?

    ``1 / sum_i LQ_ri * (x_ri / x_r)`` with ``LQ_ri = (x_ri / x_r) / s_i``. An industry absent from region
    and base adds nothing; one present in the region and absent from the base gives 0.
    """
    shares, base = _shares_and_base(values, base_shares)
    with np.errstate(divide="ignore", invalid="ignore"):
        weighted = np.where(shares > 0, shares**2 / base, 0.0)
        found = 1.0 / np.sum(weighted, axis=1)
    return _where_active(found, shares)


def herfindahl(values: ArrayLike) -> Floats:
    """How concentrated is a region's activity in few industries: ``sum_i (x_ri / x_r)^2``, 1/I to 1."""
    shares = _shares(values)
    return _where_active(np.sum(shares**2, axis=1), shares)


def effective_number(values: ArrayLike) -> Floats:
    """How many industries of equal size would be as concentrated: ``1 / HHI``, 1 to I."""
    return 1.0 / herfindahl(values)


def entropy(values: ArrayLike, *, normalised: bool = False) -> Floats:
    """How varied is a region's activity, in bits?

    ``-sum_i p log2 p`` with ``0 log 0 = 0``: 0 (one industry) to ``log2 I``; ``normalised`` divides by
    ``log2 I`` (I = industries of the table; ``nan`` when I = 1).
    """
    shares = _shares(values)
    bits = _bits(shares)
    if normalised:
        industries = shares.shape[1]
        bits = bits / np.log2(industries) if industries > 1 else np.full(bits.shape, np.nan)
    return _where_active(bits, shares)


@dataclass(frozen=True)
class Variety:
    """Entropy in bits: between groups (unrelated), within them (related), and their sum."""

    unrelated: Floats
    related: Floats

    @property
    def total(self) -> Floats:
        return self.unrelated + self.related


def variety(values: ArrayLike, groups: Sequence[str]) -> Variety:
    """Is a region varied across unrelated groups, or within groups of related industries?

    ``groups`` names the group of every industry (for example its two-digit division).
    ``UV = H(P_g)``; ``RV = sum_g P_g H(x_i / x_g, i in g)``; ``UV + RV`` is the entropy, exactly (Theil).
    Source: Frenken, Van Oort & Verburg 2007.
    """
    shares = _shares(values)
    if len(groups) != shares.shape[1]:
        raise ValueError(f"{shares.shape[1]} industries need as many groups, not {len(groups)}")
    names, member = np.unique(np.asarray(groups, dtype=str), return_inverse=True)
    group_shares = np.stack([shares[:, member == k].sum(axis=1) for k in range(names.size)], axis=1)
    unrelated = _where_active(_bits(group_shares), shares)
    return Variety(unrelated=unrelated, related=_where_active(_bits(shares), shares) - unrelated)


def _bits(shares: Floats) -> Floats:
    logs = np.log2(shares, out=np.zeros(shares.shape), where=shares > 0)
    bits: Floats = -np.sum(shares * logs, axis=1)
    return np.maximum(bits, 0.0)


def _shares(values: ArrayLike) -> Floats:
    x = np.nan_to_num(floats(values))
    totals = x.sum(axis=1, keepdims=True)
    return np.divide(x, totals, out=np.zeros(x.shape), where=totals > 0)


def _shares_and_base(values: ArrayLike, base_shares: ArrayLike | None) -> tuple[Floats, Floats]:
    x = np.nan_to_num(floats(values))
    if base_shares is not None:
        return _shares(x), floats(base_shares)[np.newaxis, :]
    total = x.sum()
    base = x.sum(axis=0, keepdims=True) / total if total > 0 else np.zeros((1, x.shape[1]))
    return _shares(x), base


def _where_active(found: Floats, shares: Floats) -> Floats:
    return np.where(shares.sum(axis=1) > 0, found, np.nan)
