"""Municipalities, departments and chambers, as codes and as people write them."""

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from coopetir.foundation.core import catalogues
from coopetir.foundation.core.places import chamber_near, find_chamber, find_department, find_municipality

CODES = catalogues.municipalities()["municipality"].to_list()


@pytest.mark.parametrize(
    ("text", "code", "note"),
    [
        ("5001", "05001", "zero_restored"),
        ("5001.0", "05001", "zero_restored"),
        ("76001", "76001", "ok"),
        ("76001000", "76001", "centre_stripped"),
        ("5001000", "05001", "centre_stripped"),
        ("CALI-VALLE", "76001", "from_name"),
        ("Cali (Valle del Cauca)", "76001", "from_name"),
        ("SANTIAGO DE CALI", "76001", "from_name"),
        ("76001 - CALI", "76001", "ok"),
        ("BOGOTA D.C.", "11001", "from_name"),
        ("SANTAFE DE BOGOTA", "11001", "from_name"),
        ("BOGOTÃ", "11001", "from_name"),
        ("LA UNION", None, "ambiguous"),
        ("LA UNION (VALLE)", "76400", "from_name"),
        ("76999", "76999", "not_listed"),
        ("39001", None, "unknown"),
        ("ATLANTIDA", None, "unknown"),
        ("", None, "blank"),
        (None, None, "blank"),
    ],
)
def test_municipalities(text, code, note):
    assert find_municipality(text) == (code, note)


def test_a_department_settles_a_shared_name():
    assert find_municipality("LA UNION", "76").code == "76400"
    assert find_municipality("LA UNION", "11").code is None


@given(st.sampled_from(CODES))
@settings(max_examples=100, deadline=None)
def test_a_code_survives_a_spreadsheet(code):
    assert find_municipality(code.lstrip("0")).code == code
    assert find_municipality(f"{int(code)}.0").code == code
    assert find_municipality(f"{code}000").code == code


def test_every_name_with_its_department_finds_its_code():
    rows = catalogues.municipalities().select("name", "department", "municipality").iter_rows()
    wrong = [(n, d, c) for n, d, c in rows if find_municipality(n, d).code != c]
    # Two places of one department may share a name; then nothing is guessed.
    assert all(find_municipality(name, department).note == "ambiguous" for name, department, _ in wrong)
    assert len(wrong) <= 4


@given(st.text(max_size=12))
@settings(max_examples=150, deadline=None)
def test_never_a_code_whose_department_does_not_exist(text):
    code = find_municipality(text).code
    assert code is None or find_department(code[:2]).note == "ok"


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("VALLE", "76"),
        ("5", "05"),
        ("GUAJIRA", "44"),
        ("BOGOTA D.C.", "11"),
        ("ARCHIPIÉLAGO DE SAN ANDRÉS", "88"),
        ("Quindio", "63"),
        ("01", None),
    ],
)
def test_departments(text, code):
    assert find_department(text).code == code


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("8", "08"),
        ("CALI", "08"),
        ("CAMARA DE COMERCIO DE BOGOTA", "04"),
        ("MEDELLIN PARA ANTIOQUIA", "21"),
        ("58", None),
    ],
)
def test_chambers(text, code):
    assert find_chamber(text).code == code


def test_every_chamber_is_found_by_its_name_and_the_six_towns_of_cali_are_its_own():
    rows = catalogues.chambers().select("name", "chamber").iter_rows()
    assert [(name, code) for name, code in rows if find_chamber(name).code != code] == []
    towns = catalogues.municipalities().filter(
        (pl.col("department") == "76")
        & pl.col("name").is_in(["Cali", "Dagua", "Jamundí", "La Cumbre", "Vijes", "Yumbo"])
    )
    assert {chamber_near(code) for code in towns["municipality"]} == {"08"}
