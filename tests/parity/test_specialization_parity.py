"""The measures of specialisation, concentration and change against published figures and other programs."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import polars as pl
import pytest
from numpy.testing import assert_allclose

from coopetir.cli.main import coopetir
from coopetir.identify.core import concentration, regional_structure, specialization
from coopetir.identify.core.shift_share import shift_share
from shared_data import shared

pytestmark = pytest.mark.parity

DATA = Path(__file__).resolve().parents[1] / "data"
QCEW = DATA / "qcew_nj_2016"
CENSUS = DATA / "tamaulipas_census"


# --- location quotients the U.S. Bureau of Labor Statistics published -------------------------------------


def _specialize_new_jersey(tmp_path: Path, share: str) -> pl.DataFrame:
    """Published and computed quotients of the cells for which the command gives one."""
    pl.read_parquet(QCEW / "base_shares.parquet").select(
        "industry", pl.col(share).alias("share"), "period"
    ).write_csv(tmp_path / "base.csv")
    options = {
        "region": "area_fips",
        "industry": "industry_code",
        "value": "emp",
        "period": "qtr",
        "totals": str(QCEW / "region_totals.csv"),
        "base": str(tmp_path / "base.csv"),
        "out": str(tmp_path / "lq.parquet"),
    }
    called = [word for name, value in options.items() for word in (f"--{name}", value)]
    coopetir.main(["specialize", str(QCEW / "cells.parquet"), *called], standalone_mode=False)
    cells = pl.read_parquet(QCEW / "cells.parquet").with_columns(pl.col("area_fips", "qtr").cast(pl.String))
    found = pl.read_parquet(tmp_path / "lq.parquet")
    assert found.height == cells.height
    both = cells.join(
        found,
        left_on=["area_fips", "industry_code", "qtr"],
        right_on=["region", "industry", "period"],
        validate="1:1",
    )
    unknown = both.filter(pl.col("emp").is_null())
    assert unknown["status"].unique().to_list() == ["unknown"]
    assert unknown["lq"].null_count() == unknown.height
    return both.filter(pl.col("status") == "ok")


def test_published_quotients_are_reproduced(tmp_path):
    both = _specialize_new_jersey(tmp_path, "share")
    gap = (both["lq"] - both["lq_emp"]).abs()
    assert both.height == 33_700
    assert (gap <= 0.005 + 1e-9).mean() >= 0.999
    assert gap.max() < 0.00501


def test_published_quotients_with_shares_from_the_larger_quotients_only(tmp_path):
    """The base read off quotients of 0.5 and more foretells the smaller ones, which it never saw."""
    both = _specialize_new_jersey(tmp_path, "share_half").with_columns(
        gap=(pl.col("lq") - pl.col("lq_emp")).abs()
    )
    seen, unseen = both.filter(pl.col("lq_emp") >= 0.5), both.filter(pl.col("lq_emp") < 0.5)
    assert (seen["gap"] <= 0.005 + 1e-9).all()
    assert unseen.height > 8_000
    assert (unseen["gap"] <= 0.005).mean() >= 0.98
    assert (both["gap"].round(3) <= 0.005).mean() >= 0.999


def test_every_published_quotient_fits_one_national_share_per_industry():
    """33,700 rounded quotients bound 3,026 shares from both sides; not one pair of bounds excludes another."""
    totals = pl.read_csv(QCEW / "region_totals.csv", schema_overrides={"region": pl.String})
    base = pl.read_parquet(QCEW / "base_shares.parquet").select("industry", "period")
    cells = (
        pl.read_parquet(QCEW / "cells.parquet")
        .drop_nulls()
        .with_columns(pl.col("area_fips").cast(pl.String), pl.col("qtr").cast(pl.Int64))
        .join(totals, left_on=["area_fips", "qtr"], right_on=["region", "period"])
        .join(base, left_on=["industry_code", "qtr"], right_on=["industry", "period"], how="semi")
        .with_columns(in_region=pl.col("emp") / pl.col("total"))
    )
    positive = pl.when(pl.col("lq_emp") > 0.005).then(pl.col("lq_emp") - 0.005)
    bounds = cells.group_by("industry_code", "qtr").agg(
        low=(pl.col("in_region") / (pl.col("lq_emp") + 0.005)).max(),
        high=(pl.col("in_region") / positive).min(),
    )
    assert (cells.height, bounds.height) == (33_700, 3_026)
    assert bounds.filter(pl.col("low") > pl.col("high")).is_empty()


# --- EconGeo 1.3 on the municipalities of Tamaulipas, 2018 ------------------------------------------------


@pytest.fixture(scope="module")
def tamaulipas() -> tuple[np.ndarray, list[str], list[str]]:
    """Persons employed, municipalities x sectors, prepared as EconGeo was given it (empty taken as zero)."""
    wide = (
        pl.read_csv(CENSUS / "employed.csv.gz", schema_overrides={"sector": pl.String})
        .filter(pl.col("year") == 2018, pl.col("level") == "municipality")
        .with_columns(pl.col("employed").fill_null(0))
        .pivot("sector", index="geo", values="employed")
        .fill_null(0)
    )
    x, sectors = wide.drop("geo").to_numpy(), np.array(wide.columns[1:])
    rows, columns = x.sum(axis=1) > 0, x.sum(axis=0) > 0
    return x[rows][:, columns], wide["geo"].filter(rows).to_list(), sectors[columns].tolist()


def _econgeo(name: str, key: str, codes: list[str]) -> pl.DataFrame:
    table = pl.read_csv(CENSUS / f"econgeo_{name}.csv.gz", schema_overrides={"sector": pl.String})
    return pl.DataFrame({key: codes}).join(table, on=key, maintain_order="left", validate="1:1")


def test_quotients_like_econgeo(tamaulipas):
    x, geos, sectors = tamaulipas
    reference = pl.read_csv(CENSUS / "econgeo_lq.csv.gz").pivot("sector", index="geo", values="lq")
    expected = pl.DataFrame({"geo": geos}).join(reference, on="geo", maintain_order="left").select(sectors)
    assert x.shape == (41, 16)
    assert_allclose(specialization.location_quotient(x), expected.to_numpy(), rtol=0, atol=1e-12)


def test_structure_of_regions_like_econgeo(tamaulipas):
    x, geos, _ = tamaulipas
    expected = _econgeo("regions", "geo", geos)
    for column, index in {
        "krugman": regional_structure.krugman_index,
        "spec_coeff": regional_structure.hoover_specialisation,
        "hachman": regional_structure.hachman_index,
        "herfindahl": regional_structure.herfindahl,
    }.items():
        assert_allclose(index(x), expected[column], rtol=0, atol=1e-12, err_msg=column)
    assert_allclose(regional_structure.entropy(x), expected["entropy"], rtol=0, atol=1e-3)


def test_concentration_like_econgeo(tamaulipas):
    x, _, sectors = tamaulipas
    expected = _econgeo("sectors", "sector", sectors)
    assert_allclose(concentration.locational_gini(x), 2 * expected["locational_gini"], rtol=0, atol=1e-12)
    assert_allclose(100 * concentration.hoover_index(x), expected["hoover_index"], rtol=0, atol=0.005)


# --- REAT 3.0.3, whose data may not be shipped ------------------------------------------------------------


def test_cluster_index_like_reat():
    table = pl.read_csv(shared("identify/reat_german_regions_industries_2015.csv.gz"))
    reference = pl.read_csv(
        shared("identify/reference_german2015_litzenberger_ci_REAT-3.0.3.csv.gz"),
        null_values=["NA", "NaN"],
    ).pivot("i_industry", index="j_region", values="CI")
    jobs, plants = (
        table.pivot("ind_code", index="region_code", values=measure) for measure in ("emp_all", "firms")
    )
    regions = table.unique("region_code", maintain_order=True)
    found = concentration.cluster_index(
        jobs.drop("region_code").to_numpy(),
        plants.drop("region_code").to_numpy(),
        regions["area_sqkm"].to_numpy(),
        regions["pop"].to_numpy(),
    )
    expected = (
        jobs.select(j_region="region_code")
        .join(reference, on="j_region", maintain_order="left")
        .select(jobs.columns[1:])
        .to_numpy()
    )
    given = ~np.isnan(expected)
    assert given.sum() == 271
    assert_allclose(found[given], expected[given], rtol=1e-9)


TERMS = {
    "National share": "national",
    "Industrial mix": "mix",
    "Regional share": "regional",
    "Allocation effect": "allocation",
    "Growth (t1-t)": "change",
}


def _assert_terms(reference: pl.DataFrame, regions: list[str], start: np.ndarray, end: np.ndarray) -> None:
    compared = 0
    for method in ("Dunn", "Esteban"):
        found = shift_share(start, end, homothetic=method == "Esteban").by_region()
        for component, term in TERMS.items():
            rows = reference.filter(pl.col("method") == method, pl.col("component") == component)
            for region, value in rows.select("region", "value").rows():
                scale = start[regions.index(region)].sum()
                assert_allclose(
                    found[term][regions.index(region)],
                    value,
                    rtol=1e-9,
                    atol=1e-12 * scale,
                    err_msg=component,
                )
                compared += 1
    assert compared == 9 * len(regions)


def test_shift_share_like_reat_on_the_textbook_vectors():
    reference = pl.read_csv(shared("identify/reference_shiftshare_farhauer_REAT-3.0.3.csv"))
    start = np.array([[90.0, 20, 10, 60], [60, 30, 30, 40], [250, 100, 110, 300]])
    end = np.array([[100.0, 40, 10, 55], [85, 55, 40, 35], [255, 115, 85, 390]])
    _assert_terms(reference, ["A", "B", "C"], start, end)


def test_shift_share_like_reat_on_german_states():
    table = pl.read_csv(shared("identify/reat_german_regions_emp.csv.gz")).filter(
        pl.col("region") != "Insgesamt",
        ~pl.col("industry").is_in(["Insgesamt", "Verarbeitendes Gewerbe (C)"]),
    )
    first, last = (
        table.filter(pl.col("year") == year)
        .sort("region", "industry")
        .pivot("industry", index="region", values="emp")
        for year in (2008, 2014)
    )
    reference = pl.read_csv(shared("identify/reference_shiftshare_german_2008_2014_REAT-3.0.3.csv.gz"))
    assert first.columns == last.columns
    assert first.shape == (16, 11)
    _assert_terms(
        reference, first["region"].to_list(), first.drop("region").to_numpy(), last.drop("region").to_numpy()
    )
