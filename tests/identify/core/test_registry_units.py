"""Firms of a registry add up to the cells of its fabric."""

from __future__ import annotations

from pathlib import Path

import polars as pl
import pytest

from coopetir.foundation.core import engines
from coopetir.identify.core.method import shipped_method
from coopetir.identify.core.registry_screening import fabric_of
from coopetir.identify.core.registry_units import registry_units
from coopetir.identify.core.screening import prepare
from coopetir.identify.core.synthetic import Recipe
from coopetir.identify.core.synthetic_files import write_registry
from coopetir.identify.core.units import read_units, unit_drivers


@pytest.fixture(scope="module")
def registry(tmp_path_factory) -> list[Path]:
    out = tmp_path_factory.mktemp("registry")
    write_registry(Recipe(firms=300, first_year=2019), 5, out, shape="canonical", dirty=False)
    return sorted(out.glob("registro_*.parquet"))


def test_firms_and_municipalities_add_up_to_their_cells(registry: list[Path]) -> None:
    with engines.connect() as engine:
        fabric = fabric_of(engine, registry)
        firms = registry_units(engine, registry, ["76"])
        towns = registry_units(engine, registry, ["76"], kind="municipality")
    cells = (
        fabric.cells.filter(pl.col("region") == "76")
        .select("year", "region", "industry", "firms")
        .sort("year", "industry")
    )
    for units in (firms, towns):
        assert set(units["region"]) == {"76"}
        summed = units.group_by("year", "industry").agg(pl.col("firms").sum()).sort("year", "industry")
        assert summed["firms"].to_list() == cells["firms"].to_list()
    base = prepare(fabric.cells, fabric.industries, fabric.regions, method=shipped_method(), registry=True)
    drivers = unit_drivers(base, read_units(firms.drop_nulls("employees"), base.cells), most=3)
    assert set(drivers["region"]) == {"76"}
    assert drivers["share"].is_between(0, 1 + 1e-9).all()
    largest = drivers.group_by("family", maintain_order=True).first()
    tops = base.measures.top[base.cells.regions.index("76")]
    known = {family: float(tops[at]) for at, family in enumerate(base.cells.families)}
    compared = [(row["share"], known[row["family"]]) for row in largest.iter_rows(named=True)]
    compared = [(share, top) for share, top in compared if top == top]
    assert len(compared) > 10
    assert all(share <= top + 1e-9 for share, top in compared)
