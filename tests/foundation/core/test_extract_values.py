"""Single cells: numbers under one mark per column, dates in one order, code lists, doubly encoded text."""

from datetime import date

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from coopetir.foundation.core.extracts.issues import escape_formulas
from coopetir.foundation.core.extracts.values import (
    as_number,
    code_reader,
    date_order_of,
    decimal_mark_of,
    mend_double_encoding,
    read_date,
)


def numbers(texts, mark):
    return (
        pl.DataFrame({"t": texts}, schema={"t": pl.String})
        .select(as_number(pl.col("t"), mark))["t"]
        .to_list()
    )


@pytest.mark.parametrize(
    ("texts", "mark"),
    [
        (["12", "3000000", "", None], "none"),
        (["1.234.567,89", "3"], ","),
        (["1,234,567.89", "3"], "."),
        (["1.234.567", "3.000"], ","),
        (["1,234,567"], "."),
        (["2341172480.5"], "."),
        ([",5"], ","),
        (["0,125"], ","),
        (["12345.678"], "."),
        (["1.234", "5.678"], "ambiguous"),
        (["1,234"], "ambiguous"),
        (["1.234,5", "1,234.5"], "mixed"),
        (["1,5", "2.5"], "mixed"),
    ],
)
def test_the_mark_is_decided_for_the_column(texts, mark):
    assert decimal_mark_of(pl.Series(texts, dtype=pl.String)) == mark


def test_numbers_under_their_mark_and_nothing_else():
    assert numbers(["1.234.567,89", "$ 2341172480", ",5", "(1.200)", "-3", "COP 7"], ",") == [
        1234567.89,
        2341172480.0,
        0.5,
        -1200.0,
        -3.0,
        7.0,
    ]
    assert numbers(["1,234,567.89", "1234.5", "1.234,5", "12.34.56"], ".") == [1234567.89, 1234.5, None, None]
    assert numbers(["12", "1.2", "1,2", "doce", "", None, "-"], "none") == [
        12.0,
        None,
        None,
        None,
        None,
        None,
        None,
    ]
    assert numbers(["1.23", "1.2345,0"], ",") == [None, None]


@given(st.lists(st.decimals(0, 10**12, places=2), min_size=1, max_size=20), st.sampled_from([",", "."]))
@settings(max_examples=100, deadline=None)
def test_what_a_person_writes_is_what_is_read(values, mark):
    english = [f"{value:,.2f}" for value in values]
    texts = english if mark == "." else [text.translate(str.maketrans(",.", ".,")) for text in english]
    assert decimal_mark_of(pl.Series(texts)) == mark
    assert numbers(texts, mark) == pytest.approx([float(value) for value in values])


@pytest.mark.parametrize(
    ("text", "value", "note"),
    [
        ("20240315", date(2024, 3, 15), "ok"),
        ("2024-03-15", date(2024, 3, 15), "ok"),
        ("2024/03/15 10:00:00", date(2024, 3, 15), "ok"),
        ("15/03/2024", date(2024, 3, 15), "ok"),
        ("45366", date(2024, 3, 15), "serial"),
        ("99991231", None, "indefinite"),
        ("20243215", None, "unreadable"),
        ("18000101", None, "out_of_range"),
        ("20990101", None, "out_of_range"),
        ("2024", None, "unreadable"),
        ("0", None, "blank"),
        ("", None, "blank"),
    ],
)
def test_dates(text, value, note):
    assert read_date(text, "dmy", latest=2025) == (value, note)


def test_month_first_dates_follow_their_column():
    assert date_order_of(["03/15/2024", "01/02/2024"]) == "mdy"
    assert date_order_of(["15/03/2024"]) == "dmy"
    assert date_order_of(["01/02/2024"]) == "ambiguous"
    assert date_order_of(["15/03/2024", "03/15/2024"]) == "mixed"
    assert date_order_of(["20240315"]) == "iso"
    assert read_date("03/15/2024", "mdy").value == date(2024, 3, 15)


@given(st.dates(date(1900, 1, 1), date(2024, 12, 31)), st.sampled_from(["%Y%m%d", "%Y-%m-%d", "%d/%m/%Y"]))
@settings(max_examples=100, deadline=None)
def test_dates_survive_their_forms(day, form):
    assert read_date(day.strftime(form)).value == day


def test_code_lists():
    status, form, category = code_reader("status"), code_reader("legal_form"), code_reader("category")
    assert [status(text).code for text in ("01", "1", "ACTIVA", "Matrícula activa", "CANCELADA", "rara")] == [
        "01",
        "01",
        "01",
        "01",
        "03",
        None,
    ]
    assert [
        form(text).code
        for text in ("16", "S.A.S.", "SAS", "S A S", "LTDA", "PERSONA NATURAL", "SOCIEDAD ANONIMA")
    ] == ["16", "16", "16", "16", "03", "01", "04"]
    assert [
        category(text).code
        for text in (
            "0",
            "00",
            "SOCIEDAD ó PERSONA JURÍDICA PRINCIPAL ó ESAL",
            "ESTABLECIMIENTO DE COMERCIO",
            "",
        )
    ] == ["00", "00", "01", "02", None]


@given(st.text(st.sampled_from("ABCÑÁÉÍÓÚáéíóúñü "), min_size=1, max_size=20))
@settings(max_examples=100, deadline=None)
def test_double_encoding_is_undone(text):
    twice = text.encode("utf-8").decode("latin-1")
    assert mend_double_encoding(twice) == text


def test_formulas_are_escaped_on_export():
    frame = pl.DataFrame({"a": ["=1+1", "+57", "-3", "@x", "\tx", "normal", None, "a=b"], "n": [1] * 8})
    assert escape_formulas(frame)["a"].to_list() == [
        "'=1+1",
        "'+57",
        "'-3",
        "'@x",
        "'\tx",
        "normal",
        None,
        "a=b",
    ]
