"""Location quotients: identities, intervals and shrinkage against independent calculations."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from numpy.testing import assert_allclose
from scipy.stats import chi2, gamma

from coopetir.identify.core import specialization as s

counts = hnp.arrays(
    np.int64,
    hnp.array_shapes(min_dims=2, max_dims=2, min_side=2, max_side=8),
    elements=st.integers(0, 500),
)


@settings(max_examples=60, deadline=None)
@given(counts, st.floats(1e-3, 1e6))
def test_lq_weighted_mean_is_one_and_scale_does_not_matter(x, scale):
    lq = s.location_quotient(x)
    weights = x.sum(axis=1) / max(x.sum(), 1)
    seen = x.sum(axis=0) > 0
    mean = np.nansum(lq * weights[:, None], axis=0)
    assert_allclose(mean[seen], 1.0, rtol=1e-12)
    assert np.isnan(lq[:, ~seen]).all()
    assert_allclose(s.location_quotient(x * scale), lq, rtol=1e-12)


@settings(max_examples=40, deadline=None)
@given(counts, st.randoms(use_true_random=False))
def test_order_of_regions_and_industries_does_not_matter(x, random):
    rows, columns = list(range(x.shape[0])), list(range(x.shape[1]))
    random.shuffle(rows)
    random.shuffle(columns)
    moved = np.ix_(rows, columns)
    assert_allclose(s.location_quotient(x[moved]), s.location_quotient(x)[moved], rtol=1e-12)
    whole = s.shrunk_quotient(x, s.expected_counts(x))
    part = s.shrunk_quotient(x[moved], s.expected_counts(x[moved]))
    assert_allclose(part.mean, whole.mean[moved], rtol=1e-9)


@pytest.mark.parametrize("level", [0.5, 0.8, 0.95, 0.99])
def test_garwood_is_the_chi_square_interval(level):
    n = np.array([0, 1, 2, 5, 17, 300, 20_000])
    e = np.array([0.3, 0.01, 4.0, 5.0, 3.0, 512.5, 19_000.0])
    tail = (1 - level) / 2
    low = np.where(n == 0, 0.0, chi2.ppf(tail, np.maximum(2 * n, 1)) / (2 * e))
    high = chi2.ppf(1 - tail, 2 * n + 2) / (2 * e)
    found = s.garwood_interval(n, e, level)
    assert_allclose(found.low, low, rtol=1e-9)
    assert_allclose(found.high, high, rtol=1e-9)


def test_garwood_covers_at_least_its_level():
    rng = np.random.default_rng(5)
    for truth in (0.4, 1.0, 3.0):
        n = rng.poisson(truth * 2.5, 20_000)
        found = s.garwood_interval(n, np.full(n.shape, 2.5), 0.80)
        assert np.mean((found.low <= truth) & (truth <= found.high)) >= 0.79


@settings(max_examples=60, deadline=None)
@given(counts)
def test_shrunk_quotient_is_the_gamma_posterior(x):
    e = s.expected_counts(x)
    found = s.shrunk_quotient(x, e, 0.9)
    for i, v in enumerate(found.dispersion):
        if np.isnan(v) or v == 0:
            continue
        ok = e[:, i] > 0
        posterior = gamma(x[ok, i] + 1 / v, scale=1 / (e[ok, i] + 1 / v))
        assert_allclose(found.mean[ok, i], posterior.mean(), rtol=1e-9)
        assert_allclose(found.low[ok, i], posterior.ppf(0.05), rtol=1e-6)
        assert_allclose(found.high[ok, i], posterior.ppf(0.95), rtol=1e-6)


def test_dispersion_is_the_written_formula():
    n = np.array([10.0, 1.0, 30.0, 4.0])
    e = np.array([5.0, 6.0, 20.0, 14.0])
    lq = n / e
    v = (np.sum(e * (lq - 1) ** 2) - 3) / (e.sum() - np.sum(e**2) / e.sum())
    assert_allclose(s.prior_dispersion(n, e), v, rtol=1e-12)


def test_dispersion_recovers_the_spread_it_was_drawn_with():
    rng = np.random.default_rng(11)
    truth = rng.gamma(1 / 0.4, 0.4, 4_000)
    e = rng.uniform(2, 60, truth.size)
    n = rng.poisson(truth * e)
    assert s.prior_dispersion(n, e) == pytest.approx(0.4, abs=0.04)
    found = s.shrunk_quotient(n, e, 0.80)
    held = np.mean((found.low <= truth) & (truth <= found.high))
    assert held == pytest.approx(0.80, abs=0.02)
    assert np.mean((found.mean - truth) ** 2) < np.mean((n / e - truth) ** 2)


@settings(max_examples=50, deadline=None)
@given(st.integers(0, 50), st.floats(0.1, 80))
def test_shrunk_quotient_lies_between_one_and_the_quotient(n, e):
    firms, expected = np.array([float(n), 40.0, 3.0, 9.0]), np.array([e, 8.0, 12.0, 7.0])
    found = s.shrunk_quotient(firms, expected)
    lq = n / e
    assert min(lq, 1) - 1e-12 <= found.mean[0] <= max(lq, 1) + 1e-12
    assert found.low[0] <= found.mean[0] * (1 + 1e-9)


@settings(max_examples=80, deadline=None)
@given(
    st.lists(st.tuples(st.integers(0, 60), st.floats(0.05, 60)), min_size=2, max_size=9),
    st.integers(0, 60),
    st.integers(1, 30),
)
def test_more_firms_never_mean_a_smaller_quotient(others, n, more):
    """Also where the row itself moves the dispersion: it can only be trusted more the further it is from 1."""
    firms, expected = (np.array(column, dtype=float) for column in zip(*others, strict=True))
    fewer = s.shrunk_quotient(np.r_[n, firms[1:]], expected)
    greater = s.shrunk_quotient(np.r_[n + more, firms[1:]], expected)
    assert greater.mean[0] >= fewer.mean[0] - 1e-12


def test_shrunk_quotient_rises_with_n_and_tends_to_the_quotient():
    # Many reference regions pin the dispersion down, so that only the row in question changes.
    rng = np.random.default_rng(2)
    truth = rng.gamma(2.0, 0.5, 3_000)
    e = np.full(truth.size, 50.0)
    n = rng.poisson(truth * e)
    means = [s.shrunk_quotient(np.r_[k, n], np.r_[5.0, e]).mean[0] for k in range(0, 60, 3)]
    assert np.all(np.diff(means) > 0)
    gaps = [
        abs(s.shrunk_quotient(np.r_[3 * size, n], np.r_[size, e]).mean[0] - 3) for size in (1.0, 10, 100, 1e4)
    ]
    assert gaps == sorted(gaps, reverse=True)
    assert gaps[-1] < 1e-3


def test_a_hamlet_with_one_firm_does_not_become_a_star():
    firms = np.array([[1.0, 0.0], [30.0, 400.0], [25.0, 380.0], [60.0, 420.0], [10.0, 500.0]])
    lq = s.location_quotient(firms)
    shrunk = s.shrunk_quotient(firms, s.expected_counts(firms))
    assert lq[0, 0] > 10
    assert shrunk.mean[0, 0] < 1.5
    assert shrunk.low[0, 0] < 1


@settings(max_examples=40, deadline=None)
@given(counts, st.sampled_from([0.5, 0.8, 0.95]), st.sampled_from([0.8, 1.0, 1.5]))
def test_probability_above_agrees_with_the_lower_bound(x, level, threshold):
    e = s.expected_counts(x)
    found = s.shrunk_quotient(x, e, level)
    sure = s.probability_above(x, e, threshold) > (1 + level) / 2
    clear = np.abs(found.low - threshold) > 1e-9
    usable = ~np.isnan(found.low) & clear
    assert np.array_equal(sure[usable], (found.low > threshold)[usable])


def test_extra_axes_are_independent():
    rng = np.random.default_rng(3)
    n = rng.poisson(9.0, (6, 5, 4)).astype(float)
    e = rng.uniform(4, 15, (5, 4))
    together = s.shrunk_quotient(n, e, axis=1)
    for k in range(6):
        alone = s.shrunk_quotient(n[k], e)
        assert_allclose(together.mean[k], alone.mean, rtol=1e-12)
        assert_allclose(together.low[k], alone.low, rtol=1e-12)
        assert_allclose(together.dispersion[k], alone.dispersion, rtol=1e-12)


def test_unknown_stays_unknown_and_spoils_nothing_else():
    n = np.array([[4.0, 9.0], [np.nan, 7.0], [6.0, 0.0]])
    e = np.array([[3.0, 8.0], [2.0, 0.0], [5.0, np.nan]])
    found, interval = s.shrunk_quotient(n, e), s.garwood_interval(n, e)
    for array in (found.mean, found.low, found.high, interval.low, interval.high):
        assert np.isnan(array).tolist()[1:] == [[True, True], [False, True]]
    assert np.isnan(found.dispersion).tolist() == [False, True]
    assert np.isnan(found.mean[0]).tolist() == [False, True]
    assert_allclose(s.shrunk_quotient(n[[0, 2], 0], e[[0, 2], 0]).mean, found.mean[[0, 2], 0])


def test_level_outside_its_range_is_refused():
    with pytest.raises(ValueError, match="level"):
        s.garwood_interval([1], [1], 80)


def test_per_head_and_symmetric_and_standardised_quotients_by_hand():
    x, people = np.array([[10.0, 4], [30, 0], [np.nan, 6]]), np.array([100.0, 50, np.nan])
    found = s.per_head_quotient(x, people)
    np.testing.assert_allclose(found[:2, 0], [0.1 / (40 / 150), 0.6 / (40 / 150)])
    assert np.isnan(found[2]).all()
    np.testing.assert_allclose(s.symmetric_quotient([0.5, 1, 2, 0]), [-1 / 3, 0, 1 / 3, -1])
    lq = np.array([[1.0, 2, 3], [2, 2, np.nan], [6, 2, 0]])
    np.testing.assert_allclose(s.standardised_quotient(lq)[:, 0], (lq[:, 0] - 3) / np.std([1, 2, 6], ddof=1))
    assert np.isnan(s.standardised_quotient(lq)[:, 1]).all()
    logs = s.standardised_quotient(lq, logarithm=True)
    np.testing.assert_allclose(np.nanmean(logs[:, 0]), 0, atol=1e-12)
    assert np.isnan(logs[:, 2]).all()


@settings(max_examples=30, deadline=None)
@given(counts)
def test_standardised_quotient_has_mean_zero_and_deviation_one_in_each_industry(x):
    z = s.standardised_quotient(s.location_quotient(x))
    for column in z.T:
        known = column[~np.isnan(column)]
        if known.size:
            assert_allclose([known.mean(), known.std(ddof=1)], [0, 1], atol=1e-6)


@settings(max_examples=30, deadline=None)
@given(counts)
def test_outside_base_equal_to_the_table_changes_nothing(x):
    if x.sum() == 0:
        return
    found = s.location_quotient_against(x, x.sum(axis=1), x.sum(axis=0) / x.sum())
    assert_allclose(found, s.location_quotient(x), rtol=1e-12)
