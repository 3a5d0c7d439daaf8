"""Figures as readers of Spanish and English write them."""

import datetime as dt
import math
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from coopetir.foundation.core import formats

S = "\N{NO-BREAK SPACE}"
M = "\N{MINUS SIGN}"


@pytest.mark.parametrize(
    ("value", "decimals", "es", "en"),
    [
        (1234567.8, 1, "1.234.567,8", "1,234,567.8"),
        (1234567, None, "1.234.567", "1,234,567"),
        (2.84, None, "2,8", "2.8"),
        (123.4, None, "123", "123"),
        (0, None, "0", "0"),
        (-1.25, 1, f"{M}1,3", f"{M}1.3"),
        (-0.04, 1, "0,0", "0.0"),
        (0.5, 0, "1", "1"),
        (2.5, 0, "3", "3"),
        (1.005, 2, "1,01", "1.01"),
        (Decimal("12.30"), 2, "12,30", "12.30"),
        (None, 1, "sin dato", "no data"),
        (math.nan, 1, "sin dato", "no data"),
        (math.inf, 1, "sin dato", "no data"),
    ],
)
def test_number(value, decimals, es, en):
    assert formats.number(value, decimals) == es
    assert formats.number(value, decimals, "en") == en


@pytest.mark.parametrize(
    ("share", "decimals", "es", "en"),
    [
        (0.86, 0, f"86{S}%", "86%"),
        (0.0314, 1, f"3,1{S}%", "3.1%"),
        (0.0, 0, f"0{S}%", "0%"),
        (0.004, 0, f"<{S}1{S}%", f"<{S}1%"),
        (0.006, 0, f"1{S}%", "1%"),
        (-0.012, 1, f"{M}1,2{S}%", f"{M}1.2%"),
        (None, 0, "sin dato", "no data"),
    ],
)
def test_percent(share, decimals, es, en):
    assert formats.percent(share, decimals) == es
    assert formats.percent(share, decimals, "en") == en


@pytest.mark.parametrize(
    ("pesos", "es", "en"),
    [
        (1_234_000_000, f"${S}1.234 millones", f"COP{S}1,234 million"),
        (1_000_000, f"${S}1 millón", f"COP{S}1 million"),
        (12_540_000, f"${S}12,5 millones", f"COP{S}12.5 million"),
        (950_000, f"${S}950.000", f"COP{S}950,000"),
        (3_200_000_000_000, f"${S}3,2 billones", f"COP{S}3.2 trillion"),
        (-5_000_000, f"{M}${S}5 millones", f"{M}COP{S}5 million"),
        (0, f"${S}0", f"COP{S}0"),
        (None, "sin dato", "no data"),
    ],
)
def test_money_uses_the_long_scale_in_spanish(pesos, es, en):
    assert formats.money(pesos) == es
    assert formats.money(pesos, "en") == en


@pytest.mark.parametrize(
    ("pesos", "es"),
    [
        (999_999.6, f"${S}1 millón"),
        (999_999.4, f"${S}999.999"),
        (999_999_999_999, f"${S}1 billón"),
        (999_400_000_000, f"${S}999.400 millones"),
        (1_960_000_000_000, f"${S}2 billones"),
    ],
)
def test_money_rounds_into_the_next_word_not_beyond_it(pesos, es):
    assert formats.money(pesos) == es


def test_dates_intervals_and_signs():
    day = dt.date(2026, 11, 21)
    assert formats.date_long(day) == "21 de noviembre de 2026"
    assert formats.date_long(day, "en") == "21 November 2026"
    assert formats.date_long(None) == "sin dato"
    assert formats.interval(1.2, 3.4) == f"1,2{S}a{S}3,4"
    assert formats.interval(None, 3.4) == "sin dato"
    assert formats.signed(3.2) == "+3,2"
    assert formats.signed(0.04, 1) == "0,0"
    assert formats.signed(-1) == f"{M}1"


@settings(max_examples=60, deadline=None)
@given(st.floats(-1e12, 1e12), st.integers(0, 4))
def test_reading_a_written_number_gives_the_number(value, decimals):
    written = formats.number(value, decimals)
    read = float(written.replace(".", "").replace(",", ".").replace(M, "-"))
    # half a unit of the last decimal, plus what a float cannot hold
    assert abs(read - value) <= 0.5 * 10**-decimals + 1e-9 * max(1.0, abs(value))
    english = formats.number(value, decimals, "en")
    assert english.translate(str.maketrans(",.", ".,")) == written
