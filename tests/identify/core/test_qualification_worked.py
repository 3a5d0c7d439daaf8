"""The worked tables of the page on qualification are what the code computes, to the digits printed there."""

from __future__ import annotations

from pathlib import Path

import polars as pl
from polars.testing import assert_frame_equal

from coopetir.foundation.core.tables import read_table
from coopetir.identify.core.method import shipped_method
from coopetir.identify.core.screening import screen

METHODS = Path(__file__).resolve().parents[3] / "docs" / "explanation" / "methods"


def test_the_worked_table() -> None:
    tables = METHODS / "tables"
    method = shipped_method().changed({"technology.min_families": 2, "market.min_families": 2})
    result = screen(
        read_table(tables / "qualification_cells.csv"),
        read_table(tables / "qualification_industries.csv"),
        method=method,
        resamples=0,
    )
    text = dict.fromkeys(("region", "family", "verdict"), pl.String)
    printed = pl.read_csv(tables / "qualification_verdicts.csv", schema_overrides=text)
    computed = result.verdicts.select(printed.columns)
    grades = dict.fromkeys(("density", "growth", "technology", "market"), pl.Int8)
    assert_frame_equal(printed.cast(grades), computed, check_exact=False, rel_tol=0, abs_tol=0.51e-4)
    assert f"slope {result.national_slope:.4f}" in (METHODS / "qualification.md").read_text(encoding="utf-8")


def test_the_page_names_every_column_of_the_verdicts() -> None:
    tables = METHODS / "tables"
    result = screen(
        read_table(tables / "qualification_cells.csv"),
        read_table(tables / "qualification_industries.csv"),
        resamples=1,
    )
    page = (METHODS / "qualification.md").read_text(encoding="utf-8")
    missing = [
        name for name in result.verdicts.columns if name not in page and not name.startswith("stability_")
    ]
    assert missing == []


def test_the_page_gives_the_shipped_thresholds() -> None:
    page = (METHODS / "qualification.md").read_text(encoding="utf-8")
    rule = shipped_method()
    assert f"LQ ≥ {rule.density.lq_meets:g}" in page
    assert f"firms ≥ {rule.density.firms_meets:g}" in page
    assert f"largest firm ≤ {100 * rule.density.top_firm_max:g} %" in page
    assert f"(b − g)/se ≥ {rule.growth.z_meets:g}" in page
