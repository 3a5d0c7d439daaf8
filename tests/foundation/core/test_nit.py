"""Tax numbers: the check digit against public vectors, and no digit dropped silently."""

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from coopetir.foundation.core.catalogues import check_digit_vectors
from coopetir.foundation.core.nit import check_digit, check_digit_of, looks_company, parse_nit


def test_vectors():
    for number, digit in check_digit_vectors().select("nit", "check_digit").iter_rows():
        assert check_digit(number) == digit
    published = {"890399001": "1", "899999063": "3", "860007322": "9", "890399010": "6"}
    assert {number: check_digit(number) for number in published} == published


@given(st.integers(1, 10**15 - 1))
@settings(max_examples=200, deadline=None)
def test_the_column_and_the_scalar_agree(number):
    text = str(number)
    assert pl.DataFrame({"n": [text]}).select(check_digit_of(pl.col("n"))).item() == check_digit(text)


def test_the_column_gives_null_for_what_is_not_digits():
    frame = pl.DataFrame({"n": ["", "12a", None, "-12", "+12", "1234567890123456", " 12"]})
    assert frame.select(check_digit_of(pl.col("n")))["n"].null_count() == 7


@pytest.mark.parametrize(
    ("text", "number", "digit", "note"),
    [
        ("901.888.999-1", "901888999", "1", "ok"),
        ("901888999-6", "901888999", "6", "check_digit_wrong"),
        ("9018889991", "901888999", "1", "split"),
        ("9018889996", "9018889996", None, "unclear"),
        ("901888999", "901888999", None, "no_check_digit"),
        ("NIT 901888999 1", "901888999", "1", "ok"),
        ("1000000001", "1000000001", None, "no_check_digit"),
        ("SIN DATO", None, None, "blank"),
        ("999999999", None, None, "blank"),
        ("NO PROVISTO", None, None, "blank"),
        ("ABC", None, None, "unreadable"),
    ],
)
def test_forms(text, number, digit, note):
    found = parse_nit(text)
    assert (found.number, found.check_digit, found.note) == (number, digit, note)


@given(st.integers(800_000_000, 999_999_998))
@settings(max_examples=100, deadline=None)
def test_a_number_with_its_digit_is_split_and_nothing_is_lost(number):
    text = f"{number}{check_digit(str(number))}"
    found = parse_nit(text)
    assert (found.number, found.note) == (str(number), "split")
    assert f"{found.number}{found.check_digit}" == text
    assert found.is_company


def test_form_of_a_company():
    frame = pl.DataFrame({"n": ["900000001", "800000001", "1000000001", "12345678", None]})
    assert frame.select(looks_company(pl.col("n")))["n"].to_list() == [True, True, False, False, None]
