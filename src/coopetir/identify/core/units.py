"""Which firms or municipalities stand behind a family, and what is its verdict without each of them?

Units are rows below the cells: ``year, region, industry, unit, employees`` and, when there are, ``firms`` (1 if
absent). A unit is a firm, a municipality, or anything that adds up to cells. Unknown jobs of a unit are taken as
its cell's jobs per firm. **Reserved** when units are firms: the tables made from them name single firms.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import polars as pl

from coopetir.foundation.core.tables import as_codes, as_measure, require_columns, unique_keys
from coopetir.identify.core.cells import Cells, Floats, Ints
from coopetir.identify.core.measures import window_weights
from coopetir.identify.core.qualification import VERDICTS, judge
from coopetir.identify.core.robustness import Base, measure_without

MOST = 10


@dataclass(frozen=True)
class Units:
    """Rows of units: the row of ``Cells`` each adds to, which unit it is, its jobs and firms; unit names."""

    row: Ints
    unit: Ints
    jobs: Floats
    firms: Floats
    names: list[str]


def read_units(units: pl.DataFrame, cells: Cells, *, source: str = "units") -> Units:
    """Check a table of units and place its rows; rows of cells that the screening does not have fall out.

    :raises CoopetirError: a column is missing or a value is refused, by row.
    """
    require_columns(units, ["year", "region", "industry", "unit", "employees"], source=source)
    table = units if "firms" in units.columns else units.with_columns(firms=pl.lit(1.0))
    for column in ("region", "industry", "unit"):
        table = as_codes(table, column, source=source)
    for column in ("employees", "firms"):
        table = as_measure(table, column, source=source)
    unique_keys(table, ["year", "region", "industry", "unit"], source=source)
    placed = table.with_columns(pl.col("year").cast(pl.Int64)).join(
        _cell_rows(cells), on=["year", "region", "industry"], how="inner"
    )
    placed = placed.sort("row", "unit")
    names = placed["unit"].unique().sort()
    jobs = pl.col("employees").fill_null(pl.col("per_firm") * pl.col("firms"))
    placed = placed.with_columns(jobs=jobs, firms=pl.col("firms").fill_null(0.0))
    at = pl.DataFrame({"unit": names}).with_row_index("at")
    return Units(
        row=placed["row"].to_numpy().astype(np.int64),
        unit=placed.join(at, on="unit", how="left", maintain_order="left")["at"].to_numpy().astype(np.int64),
        jobs=placed["jobs"].fill_null(0.0).to_numpy(),
        firms=placed["firms"].to_numpy(),
        names=names.to_list(),
    )


def _cell_rows(cells: Cells) -> pl.DataFrame:
    firms = np.where(cells.firms > 0, cells.firms, np.nan)
    return pl.DataFrame(
        {
            "year": cells.years[cells.t],
            "region": np.array(cells.regions, dtype=object)[cells.r].tolist(),
            "industry": np.array(cells.industries, dtype=object)[cells.i].tolist(),
            "row": np.arange(len(cells.t)),
            "per_firm": cells.typical / firms,
        },
        schema_overrides={"region": pl.String, "industry": pl.String},
    ).with_columns(pl.col("per_firm").fill_nan(None))


def unit_drivers(base: Base, units: Units, *, most: int = MOST) -> pl.DataFrame:
    """The verdict of each row without each of its ``most`` largest units.

    Columns: ``region, family, unit, jobs`` (mean of the window), ``share`` (of the family's jobs, 0-1),
    ``lq_without, verdict_without, changes``; largest first within a family. A unit is taken out of its own region
    in every year; the next firm's size being unknown to cells, the largest firm's share is not judged again.
    """
    placed = _by_family(base, units)
    ranked = _ranked(base, placed, most)
    shape, found = base.sums.jobs.shape, []
    for rank in range(most):
        here = ranked.filter(pl.col("rank") == rank)
        if here.is_empty():
            break
        rows = placed.join(here.select("r", "f", "unit"), on=["r", "f", "unit"])
        jobs, firms = np.zeros(shape), np.zeros(shape)
        place = tuple(rows[name].to_numpy() for name in ("t", "r", "f"))
        jobs[place], firms[place] = rows["jobs"].to_numpy(), rows["firms"].to_numpy()
        measures = measure_without(base, jobs, firms)
        verdicts = judge(measures, base.method)
        r, f = here["r"].to_numpy(), here["f"].to_numpy()
        found.append(
            here.with_columns(
                lq_without=pl.Series(measures.lq[r, f]).fill_nan(None),
                verdict_without=pl.Series([VERDICTS[int(code)] for code in verdicts[r, f]], dtype=pl.String),
                changes=pl.Series(verdicts[r, f] != base.verdicts[r, f]),
            )
        )
    return _named(base.cells, units, pl.concat(found) if found else _nothing(ranked))


def _by_family(base: Base, units: Units) -> pl.DataFrame:
    cells = base.cells
    frame = pl.DataFrame(
        {
            "t": cells.t[units.row],
            "r": cells.r[units.row],
            "f": cells.family[cells.i[units.row]],
            "unit": units.unit,
            "jobs": units.jobs,
            "firms": units.firms,
        }
    )
    return frame.filter(pl.col("f") >= 0).group_by("t", "r", "f", "unit").agg(pl.col("jobs", "firms").sum())


def _ranked(base: Base, placed: pl.DataFrame, most: int) -> pl.DataFrame:
    weights = window_weights(base.cells.present, base.method.window.level_periods)
    whole = np.einsum("tr,trf->rf", weights, base.sums.jobs)
    weight = pl.Series(weights[placed["t"].to_numpy(), placed["r"].to_numpy()]).fill_nan(0.0)
    level = (
        placed.with_columns(jobs=pl.col("jobs") * weight).group_by("r", "f", "unit").agg(pl.col("jobs").sum())
    )
    level = level.filter(pl.col("jobs") > 0).sort(
        ["r", "f", "jobs", "unit"], descending=[False, False, True, False]
    )
    level = level.with_columns(rank=pl.int_range(pl.len()).over("r", "f"))
    total = whole[level["r"].to_numpy(), level["f"].to_numpy()]
    share = pl.Series(level["jobs"].to_numpy() / np.where(total > 0, total, np.nan)).fill_nan(None)
    return level.with_columns(share=share).filter(pl.col("rank") < most)


def _nothing(ranked: pl.DataFrame) -> pl.DataFrame:
    return ranked.with_columns(
        lq_without=pl.lit(None, pl.Float64),
        verdict_without=pl.lit(None, pl.String),
        changes=pl.lit(value=False),
    ).clear()


def _named(cells: Cells, units: Units, table: pl.DataFrame) -> pl.DataFrame:
    def names(column: str, listed: list[str]) -> pl.Series:
        return pl.Series(column, [listed[int(at)] for at in table[column]], dtype=pl.String)

    named = table.with_columns(
        names("r", cells.regions).alias("region"),
        names("f", cells.families).alias("family"),
        names("unit", units.names),
    )
    columns = ("region", "family", "unit", "jobs", "share", "lq_without", "verdict_without", "changes")
    return named.sort("region", "family", "rank").select(columns)
