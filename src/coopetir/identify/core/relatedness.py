"""How related are two industries, and how near is a region to an industry it lacks?

All functions take matrices: ``present`` is regions × industries (bool), relatedness ``phi`` is industries ×
industries, symmetric. ``known`` marks the cells whose presence is known; None means all are. An unknown
cell is left out of numerators *and* denominators, so it counts neither as present nor as absent.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

import numpy as np
import numpy.typing as npt

from coopetir.foundation.core.errors import CoopetirError
from coopetir.identify.core.presence import Array, Mask

Measure = Literal["proximity", "cosine", "association", "jaccard", "probability", "continuous"]
MEASURES: tuple[Measure, ...] = (
    "proximity",
    "cosine",
    "association",
    "jaccard",
    "probability",
    "continuous",
)


class MeasureUnknown(CoopetirError):
    code = "relatedness.measure"
    es = "No existe la medida de relación «{measure}». Use una de: {measures}."
    en = "There is no relatedness measure “{measure}”. Use one of: {measures}."


def cooccurrence(present: Mask) -> Array:
    """In how many regions both industries are present, ``M'M``; the diagonal is the ubiquity.

    Counts below 2**24 (16 million regions) are exact in single precision, which halves time and memory.
    """
    single: npt.NDArray[np.float32] = present.astype(np.float32)
    return np.asarray(single.T @ single, dtype=np.float64)


def proximity(present: Mask, known: Mask | None = None) -> Array:
    """The smaller of the two chances of finding one industry where the other is present.

    ``phi_ij = (M'M)_ij / max(u_i, u_j)``, diagonal 1, in [0, 1]. With unknown cells, ``u_i`` counts only
    the regions where ``j`` is known as well. An industry present nowhere has 0 throughout.
    Source: Hidalgo et al. (2007); matches py-ecomplexity 0.5.3 to 1e-12.
    """
    together = cooccurrence(present)
    if known is None:
        ubiquity = together.diagonal()
        most = np.maximum(ubiquity[:, None], ubiquity)
    else:
        seen = present.astype(np.float32).T @ known.astype(np.float32)
        most = np.maximum(seen, seen.T).astype(np.float64)
    return _ratio(together, most)


def relatedness(present: Mask, measure: Measure, *, advantage: Array | None = None) -> Array:
    """Relatedness of every pair of industries by a named measure.

    With C the co-occurrence without its diagonal, S its column sums and T its sum:
    cosine ``C / sqrt(S_i S_j)``; association ``(C/T) / ((S_i/T)(S_j/T))``; jaccard ``C / (S_i + S_j - C)``;
    probability ``C / ((S_i/T · S_j/(T-S_i) + S_j/T · S_i/(T-S_j)) T/2)``; continuous
    ``(1 + corr(RCA_i, RCA_j)) / 2`` over regions. The diagonal is 0 except for proximity and continuous,
    where it is 1. A pair without the data to tell is 0 (co-occurrence measures) or NaN (continuous).
    Source: van Eck & Waltman (2009); matches EconGeo 1.3.

    :raises MeasureUnknown:
    """
    if measure == "proximity":
        return proximity(present)
    if measure == "continuous":
        return _continuous(present.astype(np.float64) if advantage is None else advantage)
    together = cooccurrence(present)
    np.fill_diagonal(together, 0.0)
    of = together.sum(axis=0)
    total = float(of.sum())
    if measure == "cosine":
        return _ratio(together, np.sqrt(of[:, None] * of))
    if measure == "association":
        return _ratio(together * total, of[:, None] * of)
    if measure == "jaccard":
        return _ratio(together, of[:, None] + of - together)
    if measure == "probability":
        rest = _ratio(of, total - of)  # S_i / (T - S_i)
        expected = (rest[:, None] * of + of[:, None] * rest) / 2.0
        return _ratio(together, expected)
    raise MeasureUnknown(measure=measure, measures=MEASURES)


def _continuous(advantage: Array) -> Array:
    """Pearson correlation of the industries' RCA moved to [0, 1]; a constant industry has NaN."""
    centred = advantage - advantage.mean(axis=0)
    length = np.sqrt((centred**2).sum(axis=0))
    with np.errstate(divide="ignore", invalid="ignore"):
        unit = np.where(length > 1e-12 * np.abs(advantage).max(initial=0.0), centred / length, np.nan)
    alike = np.clip(unit.T @ unit, -1.0, 1.0)
    half: Array = (1.0 + alike) / 2.0
    return half


def density(present: Mask, phi: Array, *, known: Mask | None = None, nearest: int | None = None) -> Array:
    """How much of what is related to an industry a region already has, regions × industries, in [0, 1].

    ``w_ri = sum_j M_rj phi_ij / sum_j phi_ij``; the sums run over the industries known in the region.
    ``nearest=k`` keeps only the k largest ``phi_ij`` of each industry, with their weights (ties with the
    k-th stay). NaN where nothing related is known. Matches py-ecomplexity 0.5.3 to 1e-12.
    """
    weights = phi if nearest is None else _nearest(phi, nearest)
    having = present.astype(np.float64) @ weights
    if known is None:
        all_related = np.broadcast_to(weights.sum(axis=0), having.shape)
    else:
        all_related = known.astype(np.float64) @ weights
    with np.errstate(divide="ignore", invalid="ignore"):
        np.divide(having, all_related, out=having)
    return having


def _nearest(phi: Array, k: int) -> Array:
    """Column i keeps the k largest ``phi_ji``; the others become 0."""
    if k >= len(phi):
        return phi
    cut = np.partition(phi, len(phi) - k, axis=0)[len(phi) - k]
    return np.where(phi >= cut, phi, 0.0)


def distance(near: Array) -> Array:
    """How far a region is from an industry: ``1 - density``."""
    return 1.0 - near


def outlook(present: Mask, near: Array, complexity: Array, *, known: Mask | None = None) -> Array:
    """Complexity outlook before standardising: ``sum_i w_ri (1 - M_ri) PCI_i`` over known absences.

    How much complexity lies within a region's reach; unit of ``complexity`` (one value per industry).
    """
    absent = ~present if known is None else known & ~present
    if known is not None:
        near = np.nan_to_num(near)  # nothing related is known there: it promises nothing
    reach: Array = np.where(absent, near, 0.0) @ complexity
    return reach


def gain(present: Mask, phi: Array, complexity: Array, *, known: Mask | None = None) -> Array:
    """Outlook gain: what entering an industry would bring within reach, regions × industries.

    ``(1 - M_ri) sum_j (1 - M_rj) phi_ij PCI_j / sum_k phi_jk``; 0 where the industry is present, NaN where
    its presence is unknown; unknown industries j bring nothing. Matches py-ecomplexity 0.5.3 to 1e-9.
    """
    with np.errstate(divide="ignore", invalid="ignore"):
        worth = np.nan_to_num(complexity / phi.sum(axis=0))
    pull = phi * worth[:, None]
    have = present.astype(np.float64) @ pull
    reachable = pull.sum(axis=0) if known is None else known.astype(np.float64) @ pull
    np.subtract(reachable, have, out=have)
    have[present] = 0.0
    if known is not None:
        have[~known] = np.nan
    return have


def shrunk_to_families(
    phi: Array, ubiquity: npt.ArrayLike, families: Sequence[str], *, weight: float = 10.0
) -> Array:
    """Proximities of rare industries pulled towards the mean of their two families.

    ``(n phi_ij + weight · mean(family i, family j)) / (n + weight)`` with ``n = max(u_i, u_j)``, the number
    of regions behind ``phi_ij``; the mean runs over pairs of different industries. Diagonal unchanged. A
    proximity from 3 regions is noise: few firms placed by chance. ``weight`` is the number of regions at
    which data and family count the same.
    """
    names = sorted(set(families))
    member = np.array([[name == own for name in names] for own in families], dtype=np.float64)
    off = phi.copy()
    np.fill_diagonal(off, 0.0)
    size = member.sum(axis=0)
    pairs = size[:, None] * size - np.diag(size)
    typical = member @ _ratio(member.T @ off @ member, pairs) @ member.T
    count = np.asarray(ubiquity, dtype=np.float64)
    n = np.maximum(count[:, None], count)
    # A pair of families that has no pair of industries (a family of one) has no mean to shrink to.
    pull = weight * (member @ pairs @ member.T > 0)
    shrunk = _ratio(n * phi + pull * typical, n + pull)
    np.fill_diagonal(shrunk, phi.diagonal())
    return shrunk


def supported(present: Mask, least: int = 5) -> Mask:
    """Which industries are present in at least ``least`` regions, enough to speak of relatedness."""
    return np.asarray(present.sum(axis=0) >= least)


def _ratio(top: Array, bottom: Array) -> Array:
    out = np.zeros(np.broadcast_shapes(np.shape(top), np.shape(bottom)))
    return np.divide(top, bottom, out=out, where=bottom > 0)
