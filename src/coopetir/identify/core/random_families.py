"""How often does a family of the same size, drawn at random, do as well?

A family of many classes has a high best class by luck alone, so neither its quotient nor its best class
says much until it is set beside families nobody chose. Draws take the same number of classes without
replacement from all classes that have jobs in the country. The answer is a share of draws, not a p-value
of a test: the classes of a real family resemble each other, those of a draw do not.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Vector = NDArray[np.float64]


@dataclass(frozen=True)
class Draws:
    """Quotient (``lq``) and best class (``best``, 0 where none is large enough) of each random family."""

    lq: Vector
    best: Vector

    def share_at_least(self, lq: float, best: float | None) -> tuple[float, float | None]:
        """Share of draws whose quotient, and whose best class, is at least this high."""
        slack = 1 - 1e-12  # equal sums in another order must count as equal
        as_dense = float(np.mean(self.lq >= lq * slack))
        return as_dense, None if best is None else float(np.mean(self.best >= best * slack))


def draw_families(
    here: Vector,
    nation: Vector,
    *,
    size: int,
    scale: float,
    minimum_people: float,
    draws: int,
    rng: np.random.Generator,
) -> Draws:
    """``draws`` random sets of ``size`` classes.

    :param here: jobs of each class in the department, 0 where the survey found nobody.
    :param nation: jobs of the same classes in the country, all above 0.
    :param scale: jobs of the country / jobs of the department, so that LQ = here / nation * scale.
    """
    size = min(size, len(nation))
    picks = rng.random((draws, len(nation))).argpartition(size - 1, axis=1)[:, :size]
    lq = here[picks].sum(axis=1) / nation[picks].sum(axis=1) * scale
    single = np.where(here >= minimum_people, here / nation * scale, 0.0)
    return Draws(lq, single[picks].max(axis=1))
