"""Deflation and exchange: whole years only, and there and back is the same."""

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from coopetir.foundation.core import money
from coopetir.foundation.core.catalogues import consumer_prices


def test_index_of_the_reference_months():
    months = dict(consumer_prices().iter_rows())
    assert (months["2018-12"], months["2025-07"]) == (100.0, 150.71)
    growth = {
        year: round(100 * (months[f"{year}-12"] / months[f"{year - 1}-12"] - 1), 2)
        for year in (2022, 2023, 2024)
    }
    assert growth == {2022: 13.12, 2023: 9.28, 2024: 5.20}


@given(st.floats(1, 1e15), st.integers(1955, 2024), st.integers(1955, 2024))
@settings(max_examples=60, deadline=None)
def test_there_and_back(value, year, base):
    assert money.deflate(money.deflate(value, year=year, base=base), year=base, base=year) == pytest.approx(
        value, rel=1e-12
    )


def test_a_year_without_its_months_is_refused():
    with pytest.raises(money.PriceIndexMissing, match="2025"):
        money.deflate(1, year=2025, base=2024)
    with pytest.raises(money.PriceIndexMissing, match="1954"):
        money.price_index(1954)


def test_column():
    frame = pl.DataFrame({"year": [2020, 2024, None], "v": [100.0, 100.0, 100.0]})
    found = money.deflated(frame, "v", base=2024).to_list()
    assert found == [pytest.approx(money.deflate(100, year=2020, base=2024)), 100.0, None]


def test_exchange_rate_is_between_the_extremes_of_the_year():
    assert 3700 < money.mean_exchange_rate(2022) < 5061.21
    with pytest.raises(money.ExchangeRateMissing, match="2025"):
        money.mean_exchange_rate(2025)
