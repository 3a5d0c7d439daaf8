"""Structure of regions: limits, identities, and what must not matter."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from numpy.testing import assert_allclose
from scipy.stats import entropy as scipy_entropy

from coopetir.identify.core import regional_structure as rs
from coopetir.identify.core.specialization import location_quotient

tables = hnp.arrays(
    np.int64, hnp.array_shapes(min_dims=2, max_dims=2, min_side=2, max_side=9), elements=st.integers(0, 900)
)
INDICES = [
    rs.hoover_specialisation,
    rs.krugman_index,
    rs.hachman_index,
    rs.herfindahl,
    rs.effective_number,
    rs.entropy,
]


@settings(max_examples=60, deadline=None)
@given(tables)
def test_indices_keep_their_bounds_and_identities(x):
    active, industries = x.sum(axis=1) > 0, x.shape[1]
    for index in INDICES:
        assert np.array_equal(np.isnan(index(x)), ~active)
    hoover, hhi, bits = (index(x)[active] for index in (rs.hoover_specialisation, rs.herfindahl, rs.entropy))
    assert_allclose(rs.krugman_index(x)[active], 2 * hoover)
    assert np.all((hoover >= 0) & (hoover < 1))
    assert np.all((hhi >= 1 / industries - 1e-12) & (hhi <= 1 + 1e-12))
    assert_allclose(rs.effective_number(x)[active] * hhi, 1.0)
    assert_allclose(bits, scipy_entropy(x[active], base=2, axis=1), atol=1e-12)
    assert np.all((rs.hachman_index(x)[active] > 0) & (rs.hachman_index(x)[active] <= 1 + 1e-12))
    others = 1 - x.sum(axis=1)[active] / max(x.sum(), 1)
    if np.all(others > 0):
        rest = rs.krugman_index(x, against="rest")[active]
        assert_allclose(rs.krugman_index(x)[active], others * rest, atol=1e-12)


@settings(max_examples=30, deadline=None)
@given(tables, st.floats(1e-3, 1e4), st.randoms(use_true_random=False))
def test_unit_and_order_do_not_matter(x, scale, random):
    rows, columns = list(range(x.shape[0])), list(range(x.shape[1]))
    random.shuffle(rows)
    random.shuffle(columns)
    for index in INDICES:
        assert_allclose(index(x[np.ix_(rows, columns)] * scale), index(x)[rows], rtol=1e-9, atol=1e-12)


@settings(max_examples=40, deadline=None)
@given(tables, st.integers(1, 4))
def test_variety_adds_up_to_the_entropy(x, groups):
    names = [f"g{k % groups}" for k in range(x.shape[1])]
    parts = rs.variety(x, names)
    assert_allclose(parts.total, rs.entropy(x), atol=1e-12)
    related = np.zeros(x.shape[0])
    for name in set(names):
        inside = x[:, [n == name for n in names]]
        share = inside.sum(axis=1) / np.maximum(x.sum(axis=1), 1)
        related += share * np.nan_to_num(rs.entropy(inside))
    active = x.sum(axis=1) > 0
    assert_allclose(parts.related[active], related[active], atol=1e-9)
    assert np.all(parts.related[active] >= -1e-12)


def test_hachman_is_the_reciprocal_of_the_mean_quotient():
    x = np.array([[10.0, 30, 0], [5, 5, 20], [40, 1, 9]])
    shares = x / x.sum(axis=1, keepdims=True)
    assert_allclose(rs.hachman_index(x), 1 / np.sum(location_quotient(x) * shares, axis=1))


def test_extremes():
    assert_allclose(rs.entropy([[7, 0, 0], [1, 1, 1]], normalised=True), [0.0, 1.0])
    assert_allclose(rs.herfindahl([[7, 0], [0, 2]]), 1.0)
    assert_allclose(rs.krugman_index([[3, 0], [0, 3]], against="rest"), 2.0)
    assert_allclose(rs.hoover_specialisation([[2, 4], [1, 2]]), 0.0, atol=1e-15)
    assert np.isnan(rs.entropy([[5]], normalised=True)).all()
    assert np.isnan(rs.krugman_index([[5, 4], [0, 0]], against="rest")[0])


def test_base_from_outside():
    x = np.array([[2.0, 8.0]])
    assert_allclose(rs.hoover_specialisation(x, [0.5, 0.5]), 0.3)
    assert_allclose(rs.hachman_index(x, [0.5, 0.5]), 1 / (0.04 / 0.5 + 0.64 / 0.5))
    assert_allclose(rs.hachman_index(x, [0.0, 1.0]), 0.0)


def test_wrong_calls_are_named():
    with pytest.raises(ValueError, match="against"):
        rs.krugman_index([[1, 2]], against="nation")
    with pytest.raises(ValueError, match="as many groups"):
        rs.variety([[1, 2]], ["a"])
