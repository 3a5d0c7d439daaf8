"""Relatedness, density, outlook and gain against plain loops and what must hold on any matrix."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from coopetir.identify.core.relatedness import (
    MEASURES,
    MeasureUnknown,
    density,
    distance,
    gain,
    outlook,
    proximity,
    relatedness,
    shrunk_to_families,
    supported,
)

few = settings(max_examples=40, deadline=None)


@st.composite
def presences(draw: st.DrawFn) -> np.ndarray:
    rows, columns = draw(st.integers(2, 9)), draw(st.integers(2, 9))
    rng = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    present = rng.random((rows, columns)) < draw(st.floats(0.2, 0.8))
    present[rng.integers(0, rows, columns), np.arange(columns)] = True
    return present


@few
@given(presences())
def test_proximity_is_the_smaller_conditional_chance(present: np.ndarray) -> None:
    phi = proximity(present)
    for i in range(present.shape[1]):
        for j in range(present.shape[1]):
            both = (present[:, i] & present[:, j]).sum()
            expected = min(both / present[:, i].sum(), both / present[:, j].sum())
            assert phi[i, j] == pytest.approx(expected, abs=1e-15)
    assert np.array_equal(phi, phi.T)
    assert np.array_equal(phi.diagonal(), np.ones(len(phi)))


def test_an_industry_present_nowhere_is_related_to_nothing() -> None:
    present = np.array([[True, False], [True, False]])
    assert proximity(present).tolist() == [[1, 0], [0, 0]]
    near = density(present, proximity(present))
    assert near[:, 0].tolist() == [1, 1]
    assert np.isnan(near[:, 1]).all()


@few
@given(presences(), st.sampled_from(MEASURES))
def test_every_measure_is_symmetric_and_ignores_the_order_of_regions(
    present: np.ndarray, measure: str
) -> None:
    phi = relatedness(present, measure)
    assert np.allclose(phi, phi.T, equal_nan=True)
    assert np.allclose(phi, relatedness(present[::-1], measure), equal_nan=True)


@few
@given(presences(), st.sampled_from(["cosine", "association", "jaccard", "probability"]))
def test_cooccurrence_measures_against_plain_loops(present: np.ndarray, measure: str) -> None:
    size = present.shape[1]
    c = [
        [0 if i == j else int((present[:, i] & present[:, j]).sum()) for j in range(size)]
        for i in range(size)
    ]
    s = [sum(row) for row in c]
    total = sum(s)
    phi = relatedness(present, measure)
    for i in range(size):
        for j in range(size):
            if c[i][j] == 0:
                assert phi[i, j] == 0
                continue
            one, two = s[i] / total, s[j] / total
            expected = {
                "cosine": c[i][j] / (s[i] * s[j]) ** 0.5,
                "association": (c[i][j] / total) / (one * two),
                "jaccard": c[i][j] / (s[i] + s[j] - c[i][j]),
                "probability": c[i][j]
                / ((one * s[j] / (total - s[i]) + two * s[i] / (total - s[j])) * total / 2),
            }[measure]
            assert phi[i, j] == pytest.approx(expected, rel=1e-12)


def test_continuous_relatedness_is_the_moved_correlation() -> None:
    rng = np.random.default_rng(2)
    ratio = rng.gamma(1, 1, (20, 5))
    ratio[:, 4] = 3.0
    phi = relatedness(ratio >= 1, "continuous", advantage=ratio)
    expected = (1 + np.corrcoef(ratio[:, :4].T)) / 2
    assert np.allclose(phi[:4, :4], expected, atol=1e-12)
    assert np.isnan(phi[4]).all()


def test_an_unknown_measure_is_refused() -> None:
    with pytest.raises(MeasureUnknown, match="euclid"):
        relatedness(np.ones((3, 3), dtype=bool), "euclid")  # type: ignore[arg-type]


@few
@given(presences())
def test_density_grows_with_presence_and_is_one_where_all_is_present(present: np.ndarray) -> None:
    phi = proximity(present)
    near = density(present, phi)
    more = present.copy()
    more[0] = True
    assert np.all(density(more, phi)[0] >= near[0] - 1e-12)
    assert np.allclose(density(more, phi)[0], 1)
    assert np.allclose(distance(near), 1 - near)


@few
@given(presences())
def test_density_of_the_nearest_keeps_weights(present: np.ndarray) -> None:
    phi = proximity(present)
    assert np.allclose(density(present, phi, nearest=len(phi)), density(present, phi))
    near = density(present, phi, nearest=1)
    lone = [i for i in range(len(phi)) if (phi[i] >= 1).sum() == 1]
    assert np.allclose(near[:, lone], present[:, lone])


@few
@given(presences(), st.integers(0, 2**32 - 1))
def test_outlook_and_gain_against_plain_loops(present: np.ndarray, seed: int) -> None:
    rng = np.random.default_rng(seed)
    pci = rng.normal(size=present.shape[1])
    phi = proximity(present)
    near = density(present, phi)
    absent = 1 - present.astype(float)
    reach, won = outlook(present, near, pci), gain(present, phi, pci)
    for r in range(present.shape[0]):
        assert reach[r] == pytest.approx(sum(near[r] * absent[r] * pci), abs=1e-12)
        for i in range(present.shape[1]):
            terms = [absent[r, j] * phi[i, j] * pci[j] / phi[j].sum() for j in range(len(pci))]
            assert won[r, i] == pytest.approx(absent[r, i] * sum(terms), abs=1e-12)


@few
@given(presences())
def test_everything_known_is_the_same_as_no_mask(present: np.ndarray) -> None:
    known = np.ones_like(present)
    pci = np.linspace(-1, 1, present.shape[1])
    phi = proximity(present)
    assert np.array_equal(proximity(present, known), phi)
    near = density(present, phi)
    assert np.allclose(density(present, phi, known=known), near)
    assert np.allclose(outlook(present, near, pci, known=known), outlook(present, near, pci))
    assert np.allclose(gain(present, phi, pci, known=known), gain(present, phi, pci))


def test_unknown_cells_bring_no_gain_and_have_none() -> None:
    present = np.array([[1, 0, 0], [1, 1, 0], [1, 1, 1]], dtype=bool)
    known = np.ones_like(present)
    known[0, 2] = False
    phi, pci = proximity(present, known), np.array([-1.0, 0.5, 2.0])
    won = gain(present, phi, pci, known=known)
    assert np.isnan(won[0, 2])
    assert won[0, 1] == pytest.approx(phi[1, 1] * pci[1] / phi[1].sum())


def test_shrinking_pulls_rare_industries_to_their_family() -> None:
    rng = np.random.default_rng(1)
    present = rng.random((40, 6)) < 0.5
    families = ["a", "a", "a", "b", "b", "b"]
    phi, ubiquity = proximity(present), present.sum(axis=0)
    same = shrunk_to_families(phi, ubiquity, families, weight=0.0)
    assert np.allclose(same, phi)
    far = shrunk_to_families(phi, ubiquity, families, weight=1e9)
    within = np.mean([phi[0, 1], phi[0, 2], phi[1, 2]])
    assert far[0, 1] == pytest.approx(within, abs=1e-6)
    assert far[0, 4] == pytest.approx(phi[:3, 3:].mean(), abs=1e-6)
    assert np.array_equal(far.diagonal(), phi.diagonal())
    some = shrunk_to_families(phi, ubiquity, families)
    assert np.all((some - phi) * (far - phi) >= -1e-12)


def test_a_family_of_one_keeps_its_proximities_within() -> None:
    present = np.array([[1, 1], [1, 0], [0, 1]], dtype=bool)
    phi = proximity(present)
    assert shrunk_to_families(phi, present.sum(axis=0), ["a", "a"])[0, 1] == pytest.approx(phi[0, 1])
    assert shrunk_to_families(phi, present.sum(axis=0), ["a", "b"])[0, 1] == pytest.approx(phi[0, 1])


def test_support_counts_regions() -> None:
    present = np.array([[1, 1], [1, 0], [1, 0]], dtype=bool)
    assert supported(present, 2).tolist() == [True, False]
