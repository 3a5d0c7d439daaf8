"""Which one number per region, and per industry, best tells alike presences from unlike ones?

The economic complexity index in its symmetric form: of ``B = D^-1/2 M U^-1/2`` (``M`` presence, ``D``
diversities, ``U`` ubiquities) take the second singular pair: ``kc = D^-1/2 v2`` per region and, with the
second eigenvalue l2, ``q = M' kc / (u l2)`` per industry, so that ``kc = M q / d``. The first pair is the
trivial one. Only the top three eigenpairs of the smaller of ``B B'`` and ``B' B`` are computed.
Sources: Hidalgo & Hausmann (2009), Hausmann, Hidalgo et al. (2014).

The vector is not identified, and no number is given, when the table is too small, when it falls apart into
components (then every component has its own scale) or when the second and third eigenvalues coincide.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import scipy.linalg

from coopetir.identify.core.presence import Array, Mask

LEAST = 3
DEGENERATE_GAP = 1e-6
UNCERTAIN_SIGN = 0.05
# A correlation this small is rounding: it cannot point anywhere.
NO_DIRECTION = 1e-9


@dataclass(frozen=True)
class Spectrum:
    """The second eigenvector of a presence matrix and how far it can be trusted.

    ``kc`` (regions) and ``q`` (industries) are unscaled and sign-fixed, or None with ``reason``
    (``too_small`` or ``degenerate``). ``eigenvalues`` are the first three, largest first.
    ``sign_by`` says what fixed the sign: ``diversity``, ``reference``, ``weak_diversity`` or
    ``first_region``; all but the first go with ``sign_uncertain``.
    """

    kc: Array | None
    q: Array | None
    reason: str | None
    eigenvalues: tuple[float, ...] = ()
    sign_uncertain: bool = False
    sign_by: str | None = None

    @property
    def gap(self) -> float | None:
        """Second minus third eigenvalue: the smaller, the less the index is pinned down."""
        return self.eigenvalues[1] - self.eigenvalues[2] if len(self.eigenvalues) > 2 else None


def spectrum(present: Mask, reference: Array | None = None) -> Spectrum:
    """The second eigenpair of a connected presence matrix without empty rows or columns.

    :param reference: one number per region known to grow with complexity (mean wage, GDP per head, last
        period's index; NaN where unknown), used only when diversity does not tell the sign.
    """
    if min(present.shape) < LEAST:
        return Spectrum(None, None, "too_small")
    diversity = present.sum(axis=1).astype(np.float64)
    ubiquity = present.sum(axis=0).astype(np.float64)
    values, kc = _second_pair(present, diversity, ubiquity)
    if values[1] - values[2] < DEGENERATE_GAP:
        return Spectrum(None, None, "degenerate", values)
    sign, sign_by = _sign(kc, diversity, reference)
    kc = sign * kc
    # The division by the eigenvalue makes kc the plain mean of q over a region's present industries.
    q = (kc @ present) / (ubiquity * values[1])
    return Spectrum(kc, q, None, values, sign_by != "diversity", sign_by)


def _second_pair(present: Mask, diversity: Array, ubiquity: Array) -> tuple[tuple[float, ...], Array]:
    """The three largest eigenvalues, and ``kc`` up to sign and scale."""
    balanced = present / np.sqrt(diversity)[:, None]
    balanced /= np.sqrt(ubiquity)
    rows, columns = present.shape
    smaller = balanced @ balanced.T if rows <= columns else balanced.T @ balanced
    last = len(smaller) - 1
    values, vectors = scipy.linalg.eigh(
        smaller, subset_by_index=[last - 2, last], overwrite_a=True, check_finite=False
    )
    second = vectors[:, 1]
    side = second if rows <= columns else balanced @ second
    return tuple(float(value) for value in values[::-1]), side / np.sqrt(diversity)


def _sign(kc: Array, diversity: Array, reference: Array | None) -> tuple[float, str]:
    along = correlation(kc, diversity)
    if abs(along) >= UNCERTAIN_SIGN:
        return float(np.sign(along)), "diversity"
    if reference is not None:
        with_reference = correlation(kc, reference)
        if abs(with_reference) >= UNCERTAIN_SIGN:
            return float(np.sign(with_reference)), "reference"
    if abs(along) > NO_DIRECTION:
        return float(np.sign(along)), "weak_diversity"
    large = np.flatnonzero(np.abs(kc) > 1e-6 * np.abs(kc).max())
    return float(np.sign(kc[large[0]])), "first_region"


def correlation(left: Array, right: Array) -> float:
    """Pearson correlation over pairs where both are known; 0 when either does not vary."""
    both = ~(np.isnan(left) | np.isnan(right))
    a, b = left[both], right[both]
    if len(a) < LEAST:
        return 0.0
    a, b = a - a.mean(), b - b.mean()
    scale = float(np.sqrt((a @ a) * (b @ b)))
    return float(a @ b) / scale if scale > 0 else 0.0


def components(present: Mask) -> tuple[int, npt.NDArray[np.intp], npt.NDArray[np.intp]]:
    """How many pieces the table falls into, and the piece (1 = the one with most regions) of each unit.

    Regions and industries are linked by presence; every unit must have one. A piece is what spreads from a
    region to its industries, to their regions, and so on; equal pieces are numbered in the regions' order.
    """
    of_region = np.zeros(present.shape[0], dtype=np.intp)
    of_industry = np.zeros(present.shape[1], dtype=np.intp)
    count = 0
    while (of_region == 0).any():
        count += 1
        new_regions = np.flatnonzero(of_region == 0)[:1]
        while len(new_regions):
            of_region[new_regions] = count
            new_industries = np.flatnonzero(present[new_regions].any(axis=0) & (of_industry == 0))
            of_industry[new_industries] = count
            rest = np.flatnonzero(of_region == 0)
            new_regions = rest[present[np.ix_(rest, new_industries)].any(axis=1)]
    size = np.bincount(of_region, minlength=count + 1)[1:]
    number = np.zeros(count + 1, dtype=np.intp)
    number[1 + np.argsort(-size, kind="stable")] = np.arange(1, count + 1)
    return count, number[of_region], number[of_industry]
