"""Does a family of industries qualify as a cluster in a region?

Four criteria, each graded 2 (meets), 1 (borderline), 0 (fails) or unknown; one verdict:

- ``qualifies``: all four grades are 2.
- ``candidate``: no grade is 0.
- ``not_now``: some grade is 0.
- ``insufficient_data``: some grade is unknown. Unknown evidence never qualifies and never rejects.

A grade is unknown only when the unknown measures could change it: it is worked out twice, with every unknown
measure at its best and at its worst, and stands when both agree. No criterion makes up for another.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from coopetir.identify.core.cells import Floats
from coopetir.identify.core.measures import Measures
from coopetir.identify.core.method import Method, Standing

Grade = NDArray[np.int8]

UNKNOWN = -1
VERDICTS = ("insufficient_data", "not_now", "candidate", "qualifies")
INSUFFICIENT, NOT_NOW, CANDIDATE, QUALIFIES = range(4)


@dataclass(frozen=True)
class Grades:
    """Grades per criterion, arrays of one shape: 0, 1, 2, or -1 for unknown."""

    density: Grade
    growth: Grade
    technology: Grade
    market: Grade

    def stacked(self) -> Grade:
        """Criteria on the first axis, in the order of ``method.CRITERIA``."""
        return np.stack([self.density, self.growth, self.technology, self.market])


def grade(measures: Measures, method: Method) -> Grades:
    """Grade every criterion of every row. Cheap: comparisons only."""
    worst, best = _filled(measures, -np.inf, np.inf), _filled(measures, np.inf, -np.inf)
    return Grades(
        density=_settled(_density(worst, method), _density(best, method)),
        growth=_settled(_growth(worst, method), _growth(best, method)),
        technology=_standing(measures.technology, method.technology),
        market=_standing(measures.market, method.market),
    )


def decide(grades: Grades) -> Grade:
    """The verdict of every row, as a position in ``VERDICTS``."""
    stacked = grades.stacked()
    lowest = stacked.min(axis=0)
    verdict = np.where(lowest == 2, QUALIFIES, np.where(lowest == 1, CANDIDATE, NOT_NOW))
    return np.where(lowest == UNKNOWN, INSUFFICIENT, verdict).astype(np.int8)


def judge(measures: Measures, method: Method) -> Grade:
    """Measures to verdicts in one step."""
    return decide(grade(measures, method))


def _filled(measures: Measures, low: float, high: float) -> Measures:
    """Unknown measures put at ``low`` (``high`` for the largest firm's share, of which less is better)."""
    blind = bool(np.isnan(measures.national))
    return replace(
        measures,
        lq=_fill(measures.lq, low),
        lower=_fill(measures.lower, low),
        firms=_fill(measures.firms, low),
        top=_fill(measures.top, high),
        slope=np.full_like(measures.slope, low) if blind else _fill(measures.slope, low),
        national=0.0 if blind else measures.national,
        z=_fill(measures.z, low),
    )


def _fill(values: Floats, value: float) -> Floats:
    return np.where(np.isnan(values), value, values)


def _settled(worst: Grade, best: Grade) -> Grade:
    return np.where(worst == best, worst, UNKNOWN).astype(np.int8)


def _density(m: Measures, method: Method) -> Grade:
    rule = method.density
    sure = m.lower > rule.lower_bound
    meets = (m.lq >= rule.lq_meets) & sure & (m.firms >= rule.firms_meets) & (m.top <= rule.top_firm_max)
    border = ((m.lq >= rule.lq_borderline) | sure) & (m.firms >= rule.firms_borderline)
    return np.where(meets, 2, np.where(border, 1, 0)).astype(np.int8)


def _growth(m: Measures, method: Method) -> Grade:
    faster = (m.slope > m.national) & m.active
    return np.where(faster & (m.z >= method.growth.z_meets), 2, np.where(faster, 1, 0)).astype(np.int8)


def _standing(percentile: Floats, rule: Standing) -> Grade:
    with np.errstate(invalid="ignore"):
        known = np.where(
            percentile >= rule.percentile_meets, 2, np.where(percentile >= rule.percentile_borderline, 1, 0)
        )
    return np.where(np.isnan(percentile), UNKNOWN, known).astype(np.int8)
