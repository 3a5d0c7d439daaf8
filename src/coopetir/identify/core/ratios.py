"""What is a ratio when its divisor is zero or unknown? Unknown: ``nan``, never infinity and never zero."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

Floats = NDArray[np.float64]


def floats(values: ArrayLike) -> Floats:
    """The values as float64; ``nan`` stands for an unknown value."""
    return np.asarray(values, dtype=np.float64)


def ratio(above: ArrayLike, below: ArrayLike) -> Floats:
    """``above / below`` with broadcasting, ``nan`` where the divisor is zero or either is unknown."""
    with np.errstate(over="ignore"):
        return np.asarray(np.divide(floats(above), zero_as_unknown(below)))


def zero_as_unknown(divisor: ArrayLike) -> Floats:
    """The divisor with ``nan`` in place of zero."""
    value = floats(divisor)
    return np.where(value == 0, np.nan, value)
