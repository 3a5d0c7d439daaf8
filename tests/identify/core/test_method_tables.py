"""The worked tables of the method pages are what the code computes, to the digits printed there."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import polars as pl
import pytest

from coopetir.foundation.core.errors import CoopetirError
from coopetir.identify.core import (
    concentration,
    growth,
    quotient_reference,
    regional_structure,
    specialization,
)
from coopetir.identify.core import quotient_table as quotient_table_module
from coopetir.identify.core.quotient_reference import Reference, base_shares, region_totals
from coopetir.identify.core.quotient_table import quotient_table
from coopetir.identify.core.shift_share import dynamic_shift_share, shift_share

TABLES = Path(__file__).resolve().parents[3] / "docs" / "explanation" / "methods" / "tables"


def _table(name: str) -> pl.DataFrame:
    text = ["region", "industry", "form", "series"]
    table = pl.read_csv(TABLES / f"{name}.csv", schema_overrides=dict.fromkeys(text, pl.String))
    assert not table.is_empty()
    return table


def _same(printed: pl.Series, computed: object, digits: int = 4) -> None:
    wanted = printed.cast(pl.Float64).fill_null(float("nan")).to_numpy()
    found = np.asarray(computed, dtype=np.float64).ravel()
    np.testing.assert_allclose(found, wanted, rtol=0, atol=0.5000001 * 10**-digits, err_msg=printed.name)


def _matrix(table: pl.DataFrame, value: str) -> np.ndarray:
    wide = table.pivot("industry", index="region", values=value)
    return wide.drop("region").to_numpy().astype(float)


def test_specialization_quotients():
    cells, printed = _table("specialization_cells"), _table("specialization_quotients")
    assert cells.select("region", "industry").equals(printed.select("region", "industry"))
    jobs, firms = _matrix(cells, "jobs"), _matrix(cells, "firms")
    expected = specialization.expected_counts(firms)
    lq = specialization.location_quotient(jobs)
    interval = specialization.garwood_interval(firms, expected, 0.80)
    shrunk = specialization.shrunk_quotient(firms, expected, 0.80)
    for column, computed in {
        "lq_jobs": lq,
        "rsca": specialization.symmetric_quotient(lq),
        "slq": specialization.standardised_quotient(lq),
        "expected_firms": expected,
        "lq_firms": specialization.location_quotient(firms),
        "lq_lo": interval.low,
        "lq_hi": interval.high,
        "lq_shrunk": shrunk.mean,
        "shrunk_lo": shrunk.low,
        "shrunk_hi": shrunk.high,
    }.items():
        _same(printed[column], computed)
    # the dispersions and the hand calculation named in the prose
    np.testing.assert_allclose(shrunk.dispersion, [1.4588, 0.3541, 0], atol=5e-5)
    strength = 1 / 1.45879593
    np.testing.assert_allclose((12 + strength) / (100 * 21 / 352 + strength), 1.9072, atol=5e-5)


def test_specialization_through_the_table_gives_the_same():
    cells, printed = _table("specialization_cells"), _table("specialization_quotients")
    long = cells.select(
        pl.lit("").alias("period"), "region", "industry",
        pl.col("jobs").cast(pl.Float64).alias("value"), pl.col("firms").cast(pl.Float64),
    )  # fmt: skip
    found = printed.select("region", "industry").join(
        quotient_table(long), on=["region", "industry"], maintain_order="left"
    )
    for column, computed in {
        "lq_jobs": "lq",
        "lq_lo": "lq_lo",
        "lq_hi": "lq_hi",
        "lq_shrunk": "lq_shrunk",
    }.items():
        _same(printed[column], found[computed])


def test_specialization_unknown_cells():
    printed = _table("specialization_unknown")
    rows = printed.filter(pl.col("status_alone").is_not_null())
    cells = rows.select(pl.lit("").alias("period"), "region", "industry", pl.col("value").cast(pl.Float64))
    totals = region_totals(pl.DataFrame({"region": ["05", "76"], "total": [150, 100]}), cells, source="t")
    base = base_shares(pl.DataFrame({"industry": ["0111", "6201"], "share": [0.2, 0.5]}), cells, source="b")
    for name, computed in {
        "alone": quotient_table(cells),
        "absent_is_zero": quotient_table(cells, absent_is_zero=True),
        "given": quotient_table(cells, Reference(totals, base)),
    }.items():
        here = printed.filter(pl.col(f"status_{name}").is_not_null()).sort("region", "industry")
        assert here[f"status_{name}"].to_list() == computed["status"].to_list(), name
        _same(here[f"lq_{name}"], computed["lq"].fill_null(float("nan")))


def test_specialization_page_names_every_status_and_refusal():
    page = (TABLES.parent / "specialization.md").read_text(encoding="utf-8")
    refusals = {
        kind.code
        for module in (quotient_reference, quotient_table_module)
        for kind in vars(module).values()
        if isinstance(kind, type) and issubclass(kind, CoopetirError) and kind is not CoopetirError
    }
    assert len(refusals) == 9
    for name in (*quotient_table_module.STATUSES, *refusals):
        assert f"`{name}`" in page, name


def _coverage(regions: int, spread: float) -> tuple[float, float, float]:
    """How the 80 % shrunk interval fares against truths drawn from its own model.

    Share of truths inside; share of truths of 1 or less among the cells whose lower bound is above 1; mean
    squared error over that of the plain quotient.
    """
    rng = np.random.default_rng(20260101)
    industries = 800
    truth = rng.gamma(1 / spread, spread, (regions, industries))
    expected = np.exp(rng.normal(1.5, 1.2, (regions, 1))) * np.exp(rng.normal(0, 0.5, (1, industries)))
    firms = rng.poisson(truth * expected)
    found = specialization.shrunk_quotient(firms, expected, 0.80)
    inside = (found.low <= truth) & (truth <= found.high)
    wrong = truth[found.low > 1] <= 1
    error, plain = (found.mean - truth) ** 2, (firms / expected - truth) ** 2
    return float(inside.mean()), float(wrong.mean()), float(error.mean() / plain.mean())


def test_specialization_coverage():
    for regions, spread, *printed in _table("specialization_coverage").rows():
        assert _coverage(regions, spread) == pytest.approx(printed, abs=0.006), (regions, spread)


def test_concentration_regions_and_industries():
    jobs = _table("concentration_jobs").drop("region").to_numpy().astype(float)
    regions, industries = _table("concentration_regions"), _table("concentration_industries")
    variety = regional_structure.variety(jobs, ["10", "62", "trade and transport", "trade and transport"])
    for column, computed in {
        "hoover": regional_structure.hoover_specialisation(jobs),
        "krugman": regional_structure.krugman_index(jobs),
        "krugman_rest": regional_structure.krugman_index(jobs, against="rest"),
        "hachman": regional_structure.hachman_index(jobs),
        "herfindahl": regional_structure.herfindahl(jobs),
        "effective_number": regional_structure.effective_number(jobs),
        "entropy": regional_structure.entropy(jobs),
        "unrelated": variety.unrelated,
        "related": variety.related,
    }.items():
        _same(regions[column], computed)
    _same(industries["locational_gini"], concentration.locational_gini(jobs))
    _same(industries["hoover_index"], concentration.hoover_index(jobs))


def test_concentration_cluster_index():
    table = _table("concentration_cluster_index")
    jobs, plants = (table.select(name).to_numpy() for name in ("jobs", "plants"))
    found = concentration.cluster_index(jobs, plants, table["area"], table["population"])
    _same(table["cluster_index"], found)


def test_growth_shift_share():
    start = np.array([[90.0, 20, 10, 60], [60, 30, 30, 40], [250, 100, 110, 300]])
    end = np.array([[100.0, 40, 10, 55], [85, 55, 40, 35], [255, 115, 85, 390]])
    printed = _table("growth_shift_share")
    classic, split = (shift_share(start, end, homothetic=h).by_region() for h in (False, True))
    for term in ("national", "mix", "regional", "change"):
        _same(printed[term], classic[term], digits=6)
    _same(printed["homothetic_regional"], split["regional"], digits=6)
    _same(printed["allocation"], split["allocation"], digits=6)


def test_growth_entry():
    panel = np.array([[[40, 0], [60, 100]], [[50, 10], [70, 80]], [[70, 30], [70, 0.0]]])
    printed = _table("growth_entry")
    for form, found in {
        "end points": shift_share(panel[0], panel[2]),
        "end points, exits apart": shift_share(panel[0], panel[2], exits_apart=True),
        "year by year": dynamic_shift_share(panel),
    }.items():
        rows = printed.filter(pl.col("form") == form)
        for term in ("national", "mix", "regional", "entry_exit", "change"):
            _same(rows[term], getattr(found, term))


def test_growth_trend():
    printed = _table("growth_trend")
    years = [name for name in printed.columns if name.isdigit()]
    values = printed.select(pl.col(years).cast(pl.Float64)).to_numpy()
    found = growth.log_trend(values, [int(year) for year in years])
    nation = growth.log_trend([1000, 1015, 1030, 1045, 1062, 1078, 1094], [int(year) for year in years])
    assert nation.slope[0] == pytest.approx(0.0150, abs=5e-5)
    assert printed["years"].to_list() == found.years.tolist()
    _same(printed["slope"], found.slope)
    _same(printed["se"], found.se)
    _same(printed["theil_sen"], growth.theil_sen_trend(values, [int(year) for year in years]))
    _same(printed["z"], growth.growth_z(found, nation.slope), digits=2)
