"""Size classes by Decreto 957, at their limits and with what is unknown."""

from datetime import date

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from coopetir.foundation.core.firm_size import (
    SIZES,
    TaxUnitUnknown,
    macro_sector,
    rule_on,
    size_by_income,
    size_by_workers,
    size_column,
    tax_unit,
)


def test_the_example_of_the_reference():
    assert size_by_income(2_000_000_000, "6201", filed_in=2025) == "small"
    assert size_by_income(2_000_000_000, "4711", filed_in=2025) == "micro"
    assert round(2_000_000_000 / tax_unit(2025)) == 40_161


@pytest.mark.parametrize(
    ("activity", "limits"),
    [
        ("1071", (23563, 204995, 1736565)),
        ("6201", (32988, 131951, 483034)),
        ("4711", (44769, 431196, 2160692)),
    ],
)
def test_limits_are_inclusive(activity, limits):
    unit = tax_unit(2024)
    for place, limit in enumerate(limits):
        assert size_by_income(limit * unit, activity, filed_in=2024) == SIZES[place]
        assert size_by_income(limit * unit + unit, activity, filed_in=2024) == SIZES[place + 1]


def test_unknown_stays_unknown():
    assert size_by_income(None, "1071", filed_in=2024) is None
    assert size_by_income(1e9, None, filed_in=2024) is None
    assert size_by_income(-1, "1071", filed_in=2024) is None
    assert size_by_workers(None) is None
    with pytest.raises(TaxUnitUnknown, match="1999"):
        size_by_income(1e9, "1071", filed_in=1999)


def test_macro_sectors_and_rules():
    assert [macro_sector(code) for code in ("0111", "1071", "4111", "4711", "8621", None)] == [
        "manufactura",
        "manufactura",
        "manufactura",
        "comercio",
        "servicios",
        None,
    ]
    assert rule_on(date(2019, 6, 1)).criterion == "workers"
    assert rule_on(date(2020, 1, 1)).criterion == "income"
    assert [size_by_workers(n) for n in (0, 10, 11, 50, 51, 200, 201)] == [
        "micro",
        "micro",
        "small",
        "small",
        "medium",
        "medium",
        "large",
    ]


@given(
    st.lists(
        st.tuples(
            st.one_of(st.none(), st.floats(-10, 1e12)), st.sampled_from([None, "1071", "4711", "6201"]),
            st.sampled_from(["0111", "4711"]), st.integers(2019, 2026),
        ),
        min_size=1, max_size=20,
    )
)  # fmt: skip
@settings(max_examples=60, deadline=None)
def test_the_column_and_the_scalar_agree(rows):
    frame = pl.DataFrame(
        rows,
        schema={
            "income_cop": pl.Float64,
            "top_income_activity": pl.String,
            "activity_1": pl.String,
            "year": pl.Int32,
        },
        orient="row",
    )
    expected = [size_by_income(income, top or main, filed_in=year) for income, top, main, year in rows]
    assert size_column(frame).to_list() == expected
