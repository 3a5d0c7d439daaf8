"""How would a region's families rank, whoever sets the weights of the four criteria?

No single weighted index is used to decide anything. Instead, many sets of weights are drawn (symmetric
Dirichlet) and the families of a region ranked under each: ``first`` is the share of draws in which a family
comes first, ``top3`` among the first three, ``mean_rank`` the mean rank (1 = best). A criterion scores by the
family's midrank among the region's families (0-1); an unknown score is drawn anew each time, uniform on 0-1,
so that missing evidence neither lifts nor sinks a family. Source: SMAA (Lahdelma, Hokkanen & Salminen 1998).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from coopetir.identify.core.cells import Floats
from coopetir.identify.core.measures import Measures
from coopetir.identify.core.method import Acceptability


@dataclass(frozen=True)
class Ranks:
    """R x F: shares 0-1 of the draws, and the mean rank."""

    first: Floats
    top3: Floats
    mean_rank: Floats


def rank_acceptability(measures: Measures, rule: Acceptability, rng: np.random.Generator) -> Ranks:
    """Rank the families of every region under ``rule.draws`` random weights."""
    scores = np.stack([measures.lq, measures.z, measures.technology, measures.market])
    regions, families = measures.lq.shape
    weights = rng.dirichlet(np.full(len(scores), rule.concentration), size=rule.draws)
    first, top3, mean = (np.empty((regions, families)) for _ in range(3))
    for region in range(regions):
        ranks = _ranks(_standardised(scores[:, region]), weights, rng)
        first[region] = np.mean(ranks < 1.5, axis=0)
        top3[region] = np.mean(ranks < 3.5, axis=0)
        mean[region] = np.mean(ranks, axis=0)
    return Ranks(first=first, top3=top3, mean_rank=mean)


def _standardised(scores: Floats) -> Floats:
    """Midranks 0-1 among the known families of each criterion; unknown stays nan."""
    from scipy.stats import rankdata  # takes a second to import

    found = np.full(scores.shape, np.nan)
    for row, values in enumerate(scores):
        known = ~np.isnan(values)
        if known.any():
            found[row, known] = (rankdata(values[known]) - 0.5) / known.sum()
    return found


def _ranks(scores: Floats, weights: Floats, rng: np.random.Generator) -> Floats:
    """Draws x families ranks, 1 = best, ties share the better rank's mean."""
    unknown = np.isnan(scores)
    value = weights @ np.where(unknown, 0.0, scores)
    for criterion, family in zip(*np.nonzero(unknown), strict=True):
        value[:, family] += weights[:, criterion] * rng.random(len(weights))
    order = np.argsort(np.argsort(-value, axis=1, kind="stable"), axis=1, kind="stable")
    ranks: Floats = order.astype(np.float64) + 1.0
    return ranks
