"""The registry-to-panel job on a local Spark session: the same numbers as on DuckDB."""

import shutil

import numpy as np
import polars as pl
import pytest
from polars.testing import assert_frame_equal

from coopetir.foundation.core import engines
from coopetir.identify.core import fabric
from coopetir.identify.core.synthetic import Recipe, plan
from coopetir.identify.core.synthetic_firms import registry as invented
from coopetir.identify.core.turnover import turnover

pytestmark = [
    pytest.mark.spark,
    pytest.mark.filterwarnings("ignore::DeprecationWarning", "ignore::FutureWarning"),
]


@pytest.fixture(scope="module")
def spark(tmp_path_factory):
    pytest.importorskip("pyspark", reason="PySpark is not installed: pip install 'coopetir[spark]'")
    if shutil.which("java") is None:
        pytest.skip("Spark needs Java 17, and there is no java on the PATH")
    with engines.connect(
        "spark", memory="1GB", threads=2, temporary=tmp_path_factory.mktemp("spark")
    ) as engine:
        yield engine


@pytest.fixture(scope="module")
def files(tmp_path_factory):
    folder = tmp_path_factory.mktemp("registry")
    recipe = Recipe(firms=300, country_firms=2_000, first_year=2020, last_year=2022)
    rng = np.random.default_rng(3)
    rows = pl.concat(invented(rng, plan(rng, recipe)))
    paths = []
    for year, part in rows.partition_by("year", as_dict=True).items():
        paths.append(folder / f"registro_{year[0]}.parquet")
        part.write_parquet(paths[-1])
    return sorted(paths)


@pytest.mark.parametrize("region", ["department", "municipality", "chamber"])
def test_spark_gives_the_numbers_of_duckdb(spark, files, region):
    with engines.connect() as duckdb:
        expected = fabric.panel(duckdb, files, region=region)
    found = fabric.panel(spark, files, region=region)
    assert expected.cells.height > 1_000
    assert_frame_equal(found.cells, expected.cells, check_exact=True)
    assert_frame_equal(found.evidence, expected.evidence, check_exact=True)


def test_turnover_and_accounting_agree_too(spark, files):
    with engines.connect() as duckdb:
        flows, rows = turnover(duckdb, files), fabric.accounting(duckdb, files)
    assert_frame_equal(turnover(spark, files), flows, check_exact=True)
    assert_frame_equal(fabric.accounting(spark, files), rows, check_exact=True)
