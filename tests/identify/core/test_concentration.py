"""Concentration of industries: limits, identities, and what must not matter."""

from __future__ import annotations

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from numpy.testing import assert_allclose

from coopetir.identify.core import concentration as c

tables = hnp.arrays(
    np.int64, hnp.array_shapes(min_dims=2, max_dims=2, min_side=2, max_side=9), elements=st.integers(0, 900)
)


@settings(max_examples=60, deadline=None)
@given(tables, st.floats(1e-3, 1e4), st.randoms(use_true_random=False))
def test_bounds_unit_and_order(x, scale, random):
    rows, columns = list(range(x.shape[0])), list(range(x.shape[1]))
    random.shuffle(rows)
    random.shuffle(columns)
    active = x.sum(axis=0) > 0
    for index in (c.locational_gini, c.hoover_index):
        found = index(x)
        assert np.array_equal(~np.isnan(found), active)
        assert np.all((found[active] >= 0) & (found[active] < 1))
        assert_allclose(index(x[np.ix_(rows, columns)] * scale), found[columns], rtol=1e-9, atol=1e-12)


def _gini_by_pairs(industry: np.ndarray, everything: np.ndarray) -> float:
    """The same Gini as half the weighted mean gap between regions' ratios: a different road to it."""
    a, b = industry / industry.sum(), everything / everything.sum()
    keep = b > 0
    a, b = a[keep], b[keep]
    ratio = a / b
    return 0.5 * float(np.sum(b[:, None] * b[None, :] * np.abs(ratio[:, None] - ratio[None, :])))


@settings(max_examples=60, deadline=None)
@given(tables)
def test_gini_agrees_with_the_mean_gap_between_regions(x):
    found = c.locational_gini(x)
    for i in np.flatnonzero(x.sum(axis=0) > 0):
        assert_allclose(found[i], _gini_by_pairs(x[:, i], x.sum(axis=1)), atol=1e-9)


@settings(max_examples=30, deadline=None)
@given(tables)
def test_splitting_a_region_in_two_alike_halves_changes_nothing(x):
    split = np.vstack([x[:1] / 2, x[:1] / 2, x[1:]])
    assert_allclose(c.locational_gini(split), c.locational_gini(x), atol=1e-9)
    assert_allclose(c.hoover_index(split), c.hoover_index(x), atol=1e-9)


def test_spread_like_everything_is_zero_and_gathered_in_a_corner_is_near_one():
    x = np.array([[1.0, 99.0, 100], [0, 100, 100], [0, 9_800, 9_800]])
    assert_allclose(c.hoover_index(np.array([[10, 20], [5, 10], [1, 2]])), 0, atol=1e-15)
    assert_allclose(c.locational_gini(np.array([[10, 20], [5, 10], [1, 2]])), 0, atol=1e-15)
    assert c.locational_gini(x)[0] > 0.98


def test_cluster_index_of_a_region_like_all_is_one():
    jobs, plants = np.array([[10.0, 40], [20, 80]]), np.array([[2.0, 4], [4, 8]])
    assert_allclose(c.cluster_index(jobs, plants, [5, 10], [100, 200]), 1.0)


def test_cluster_index_marks_down_the_single_large_plant():
    jobs, area, people = np.array([[50.0], [50], [50]]), [1, 1, 1], [10, 10, 10]
    one = c.cluster_index(jobs, np.array([[1.0], [10], [10]]), area, people)[0, 0]
    many = c.cluster_index(jobs, np.array([[10.0], [10], [10]]), area, people)[0, 0]
    assert one < 0.2 * many


def test_cluster_index_without_plants_or_knowledge_is_unknown_not_zero():
    jobs = np.array([[0.0, np.nan, 0.0], [30, 5, 8], [10, 5, 9]])
    plants = np.array([[0.0, 2, 3], [3, 1, 2], [1, 1, 2]])
    found = c.cluster_index(jobs, plants, [1, 2, np.nan], [5, 6, 7])
    assert np.isnan(found[0]).tolist() == [True, True, False]
    assert found[0, 2] == 0
    assert np.isnan(found[2]).all()
    assert not np.isnan(found[1]).any()


@settings(max_examples=20, deadline=None)
@given(st.integers(0, 1_000), st.floats(0.01, 100))
def test_cluster_index_does_not_depend_on_units(seed, scale):
    rng = np.random.default_rng(seed)
    jobs, plants = rng.integers(1, 500, (5, 4)), rng.integers(1, 20, (5, 4))
    area, people = rng.uniform(1, 9, 5), rng.uniform(1, 9, 5)
    base = c.cluster_index(jobs, plants, area, people)
    assert_allclose(c.cluster_index(jobs * scale, plants, area * 3, people * scale), base, rtol=1e-9)
