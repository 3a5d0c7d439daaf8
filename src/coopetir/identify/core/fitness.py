"""How fit is a region and how complex an industry, by the non-linear fitness-complexity iteration?

``F~ = M Q`` and ``Q~ = 1 / (M' (1/F))``, each divided by its mean at every step, from 1 everywhere; an
industry is as complex as the least fit region that has it allows. Source: Tacchella et al. (2012).
``Q`` uses the ``F`` of the same step, as econcomplex 1.0.1 does; the limit is the same.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import scipy.sparse as sparse

from coopetir.identify.core.presence import Array, Mask

MOST_STEPS = 1000
STILL_STEPS = 50
# Ranks count as equal within this relative distance: duplicated regions differ only by rounding.
SAME = 1e-9
# Some fitnesses of a nearly block-like table run to 0; below this they stay, so that 1/F is a number.
FLOOR = 1e-290


@dataclass(frozen=True)
class Fitness:
    """``fitness`` per region and ``complexity`` per industry (mean 1), steps taken, and whether ranks rest.

    ``converged`` means: over the last 50 steps no region changed rank. After a fixed number of steps it
    says whether that happened on the way.
    """

    fitness: Array
    complexity: Array
    steps: int
    converged: bool

    @property
    def log_fitness(self) -> Array:
        """Natural logarithm of fitness, the readable scale when some regions run towards 0."""
        return np.log(self.fitness)


def fitness(present: Mask, iterations: int | None = None) -> Fitness:
    """Fitness and complexity of a presence matrix in which every row and column has a presence.

    :param iterations: a fixed number of steps; None goes on until no region changes rank for 50 steps,
        at most 1,000.
    """
    has = sparse.csr_array(present, dtype=np.float64)
    had = sparse.csr_array(has.T)
    fit, complexity = np.ones(present.shape[0]), np.ones(present.shape[1])
    ranks, still, rested = _Ranks.of(fit), 0, False
    most = MOST_STEPS if iterations is None else iterations
    for taken in range(1, most + 1):
        fit = np.maximum(_mean_one(np.asarray(has @ complexity)), FLOOR)
        complexity = np.maximum(_mean_one(1.0 / np.asarray(had @ (1.0 / fit))), FLOOR)
        still = still + 1 if ranks.hold(fit) else 0
        if still == 0:
            ranks = _Ranks.of(fit)
        rested = rested or still >= STILL_STEPS
        if rested and iterations is None:
            return Fitness(fit, complexity, taken, rested)
    return Fitness(fit, complexity, most, rested)


def _mean_one(values: Array) -> Array:
    return values / values.mean()


@dataclass(frozen=True)
class _Ranks:
    """An order of regions with its ties, up to rounding; the same whatever order the table came in."""

    order: npt.NDArray[np.intp]
    tied: Mask

    @classmethod
    def of(cls, fit: Array) -> _Ranks:
        order = np.argsort(fit, kind="stable")
        return cls(order, _tied(fit[order]))

    def hold(self, fit: Array) -> bool:
        """Is no region above another that it was below or level with, and no tie newly made or broken?"""
        now = fit[self.order]
        level = _tied(now)
        return bool(np.array_equal(level, self.tied) and np.all(level | (now[1:] > now[:-1])))


def _tied(ascending: Array) -> Mask:
    return np.abs(np.diff(ascending)) <= SAME * ascending[1:]
