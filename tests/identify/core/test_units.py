"""Firms and municipalities behind a family: verdicts without each, and resampling firm by firm."""

from __future__ import annotations

import numpy as np
import polars as pl
import pytest

from coopetir.foundation.core.errors import CoopetirError
from coopetir.identify.core.method import shipped_method
from coopetir.identify.core.robustness import Base
from coopetir.identify.core.screening import prepare, screen, verdict_row
from coopetir.identify.core.units import read_units, unit_drivers
from screening_tables import cells, industries

KEYS = ["year", "region", "industry"]


@pytest.fixture(scope="module")
def base() -> Base:
    return prepare(cells(), industries(), method=shipped_method())


def split(table: pl.DataFrame) -> pl.DataFrame:
    """Two municipalities per region: one with 80 % of every cell's jobs and firms."""
    parts = []
    for name, share in (("big", 0.8), ("small", 0.2)):
        parts.append(
            table.select(
                *KEYS,
                unit=pl.concat_str("region", pl.lit(f"-{name}")),
                employees=pl.col("employees") * share,
                firms=pl.col("firms") * share,
            )
        )
    return pl.concat(parts)


def test_without_a_municipality_is_as_if_it_had_never_been(base: Base) -> None:
    table = unit_drivers(base, read_units(split(cells()), base.cells))
    assert table.height == 8 * 3 * 2
    row = table.filter((pl.col("region") == "R0") & (pl.col("family") == "A")).row(0, named=True)
    assert (row["unit"], row["share"]) == ("R0-big", pytest.approx(0.8))
    here = (pl.col("region") == "R0") & pl.col("industry").is_in(["A1", "A2"])
    less = cells().with_columns(
        employees=pl.when(here).then(pl.col("employees") * 0.2).otherwise(pl.col("employees")),
        firms=pl.when(here).then(pl.col("firms") * 0.2).otherwise(pl.col("firms").cast(pl.Float64)),
    )
    without = verdict_row(screen(less, industries(), resamples=0), "R0", "A")
    assert row["lq_without"] == pytest.approx(without["lq"], rel=1e-9)
    assert row["changes"]


def test_units_beyond_the_largest_are_left_out(base: Base) -> None:
    units = read_units(split(cells()), base.cells)
    only = unit_drivers(base, units, most=1)
    assert only.height == 24
    assert all(unit.endswith("-big") for unit in only["unit"])


def test_unknown_jobs_of_a_firm_are_those_of_a_mean_firm(base: Base) -> None:
    one = cells().filter((pl.col("region") == "R2") & (pl.col("industry") == "B1"))
    firm = one.select(*KEYS, unit=pl.lit("X"), employees=pl.lit(None, pl.Float64))
    units = read_units(firm, base.cells)
    assert units.jobs == pytest.approx((one["employees"] / one["firms"]).to_numpy())


def test_bad_units_are_refused(base: Base) -> None:
    with pytest.raises(CoopetirError) as refused:
        read_units(split(cells()).drop("unit"), base.cells)
    assert refused.value.code == "table.column_missing"
    with pytest.raises(CoopetirError) as refused:
        read_units(pl.concat([split(cells()), split(cells()).head(1)]), base.cells)
    assert refused.value.code == "table.keys_duplicated"


def firms_of(table: pl.DataFrame, giant: float) -> pl.DataFrame:
    """The firms of R0's family A: one with ``giant`` of each cell's jobs, the others alike."""
    rows = []
    for cell in table.filter((pl.col("region") == "R0") & pl.col("industry").is_in(["A1", "A2"])).iter_rows(
        named=True
    ):
        count = cell["firms"]
        for at in range(count):
            share = giant if at == 0 else (1 - giant) / (count - 1)
            rows.append(
                {
                    **{key: cell[key] for key in KEYS},
                    "unit": f"{cell['industry']}-{at}",
                    "employees": cell["employees"] * share,
                }
            )
    return pl.DataFrame(rows)


def test_firms_are_drawn_one_by_one_and_the_rest_stays() -> None:
    stability = {}
    for giant in (0.02, 0.7):
        result = screen(
            cells(),
            industries(),
            firms=firms_of(cells(), giant),
            resamples=200,
            rng=np.random.default_rng(2),
        )
        rows = result.verdicts
        untouched = rows.filter((pl.col("region") != "R0") & (pl.col("family") != "A"))
        assert untouched["stability_resample"].min() == 1.0
        stability[giant] = verdict_row(result, "R0", "A")["stability_resample"]
    assert stability[0.7] < stability[0.02]
