"""What would the first published form of the complexity index have said?

The method of reflections, for comparison only: `spectrum` gives its limit without the choice of a number of
steps. Source: Hidalgo & Hausmann (2009).
"""

from __future__ import annotations

import numpy as np

from coopetir.identify.core.presence import Array, Mask


def reflections(present: Mask, iterations: int = 20) -> tuple[Array, Array]:
    """Region and industry indices after averaging diversities and ubiquities back and forth.

    ``k_r,n = sum_i M_ri k_i,n-1 / d_r`` and ``k_i,n = sum_r M_ri k_r,n-1 / u_i`` from diversity and ubiquity.
    Regions stop at the last even step below ``iterations``, industries one step later, where both point
    towards complexity; each is a z-score with the sample standard deviation, as economic-complexity 0.3.0
    gives it. Every row and column needs a presence.
    """
    has = present.astype(np.float64)
    diversity, ubiquity = has.sum(axis=1), has.sum(axis=0)
    regions, industries = diversity, ubiquity
    even = max(2, (iterations - 1) // 2 * 2)
    for _ in range(even):
        regions, industries = (has @ industries) / diversity, (regions @ has) / ubiquity
    industries = (regions @ has) / ubiquity
    return _sample_score(regions), _sample_score(industries)


def _sample_score(values: Array) -> Array:
    return (values - values.mean()) / values.std(ddof=1)
