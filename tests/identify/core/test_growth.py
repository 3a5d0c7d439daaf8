"""Trends: against scipy row by row, with unknown years, and the national comparison."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.testing import assert_allclose
from scipy.stats import linregress, theilslopes

from coopetir.identify.core import growth


@settings(max_examples=40, deadline=None)
@given(st.integers(0, 10_000), st.integers(3, 10))
def test_trend_is_the_regression_of_each_row_on_its_known_years(seed, length):
    rng = np.random.default_rng(seed)
    years = np.sort(rng.choice(np.arange(2000, 2025), length, replace=False))
    x = rng.poisson(30, (7, length)).astype(float)
    x[rng.random(x.shape) < 0.25] = np.nan
    found, robust = growth.log_trend(x, years), growth.theil_sen_trend(x, years)
    for row, b, se, m, ts in zip(x, found.slope, found.se, found.years, robust, strict=True):
        known = ~np.isnan(row)
        assert m == known.sum()
        if m < 2:
            assert np.isnan([b, se, ts]).all()
            continue
        fit = linregress(years[known], np.log(row[known] + 0.5))
        assert_allclose(b, fit.slope, rtol=1e-9, atol=1e-12)
        assert_allclose(ts, theilslopes(np.log(row[known] + 0.5), years[known])[0], rtol=1e-9, atol=1e-12)
        if m == 2:
            assert np.isnan(se)
        else:
            assert_allclose(se, fit.stderr, rtol=1e-6, atol=1e-9)


def test_steady_growth_is_read_off_exactly():
    years = np.arange(2014, 2024)
    x = np.exp(0.07 * (years - 2014)) * 50 - 0.5
    found = growth.log_trend(x, years)
    assert_allclose(found.slope, [0.07], atol=1e-12)
    assert found.se[0] < 1e-12


@settings(max_examples=30, deadline=None)
@given(st.integers(0, 10_000))
def test_shifting_the_calendar_changes_nothing_and_order_does_not_matter(seed):
    rng = np.random.default_rng(seed)
    years, x = np.arange(2010, 2018), rng.poisson(12, (4, 8)).astype(float)
    base = growth.log_trend(x, years)
    order = rng.permutation(8)
    other = growth.log_trend(x[:, order], years[order] + 17)
    assert_allclose(other.slope, base.slope, atol=1e-12)
    assert_allclose(other.se, base.se, atol=1e-12)


def test_an_odd_year_moves_least_squares_but_not_theil_sen():
    years = np.arange(2010, 2021)
    x = np.exp(0.05 * (years - 2010)) * 100 - 0.5
    x[9] = 5.0
    assert abs(growth.theil_sen_trend(x, years)[0] - 0.05) < 0.005
    assert growth.log_trend(x, years).slope[0] < 0


def test_z_against_the_nation():
    trends = growth.Trends(
        slope=np.array([0.05, 0.02, 0.02, 0.03, 0.01, np.nan]),
        se=np.array([0.01, 0.01, 0.0, 0.0, 0.0, 0.01]),
        years=np.full(6, 5),
    )
    z = growth.growth_z(trends, 0.02)
    assert_allclose(z[:2], [3.0, 0.0])
    assert z[2] == 0
    assert z[3] == np.inf
    assert z[4] == -np.inf
    assert np.isnan(z[5])


def test_years_must_fit_the_columns():
    with pytest.raises(ValueError, match="distinct years"):
        growth.log_trend([[1, 2, 3]], [2010, 2010, 2011])


def test_more_axes_are_more_rows():
    rng = np.random.default_rng(8)
    years, x = np.arange(2015, 2021), rng.poisson(9, (3, 4, 6)).astype(float)
    x[0, 1, 2:] = np.nan
    flat, deep = growth.log_trend(x.reshape(12, 6), years), growth.log_trend(x, years)
    assert_allclose(deep.slope.ravel(), flat.slope)
    assert_allclose(deep.se.ravel(), flat.se)
    assert deep.years.shape == (3, 4)
    assert_allclose(growth.theil_sen_trend(x, years).ravel(), growth.theil_sen_trend(x.reshape(12, 6), years))


def test_one_year_and_no_known_year_give_no_trend():
    found = growth.log_trend([[5.0], [np.nan]], [2020])
    assert np.isnan(found.slope).all()
    assert found.years.tolist() == [1, 0]
    assert np.isnan(growth.theil_sen_trend([[5.0], [np.nan]], [2020])).all()


def test_a_constant_series_has_no_slope_and_no_error():
    found = growth.log_trend([[7.0] * 9, [0.0] * 9], range(2010, 2019))
    assert_allclose(found.slope, 0, atol=1e-14)
    assert found.se.tolist() == [0, 0]
    assert growth.growth_z(found, 0.0).tolist() == [0, 0]
    assert growth.growth_z(found, 0.01).tolist() == [-np.inf, -np.inf]
