"""The engine interface: sources of every kind, limits, and named refusals."""

import shutil

import polars as pl
import pytest

from coopetir.foundation.core import engines
from coopetir.foundation.core.tables import OutputNotWritten, TableMissing

ROWS = pl.DataFrame({"year": [2022, 2022, 2023], "region": ["05", "76", "76"], "jobs": [1, None, 4]})
SCHEMA = {"year": "int64", "region": "string", "jobs": "int64"}


def totals():
    cells = engines.table("cells", SCHEMA)
    return cells.group_by("year").agg(jobs=cells.jobs.sum(), rows=cells.count()).order_by("year")


def test_frame_file_and_files_are_the_same_source(tmp_path):
    whole = tmp_path / "it's [all]?.parquet"
    ROWS.write_parquet(whole)
    parts = [tmp_path / "a.parquet", tmp_path / "b.parquet"]
    ROWS[:1].write_parquet(parts[0])
    ROWS[1:].select("jobs", "region", "year").write_parquet(parts[1])
    with engines.connect() as engine:
        found = [engine.run(totals(), {"cells": source}) for source in (ROWS, whole, str(whole), parts)]
    assert all(frame.rows() == [(2022, 1, 2), (2023, 4, 1)] for frame in found)


def test_a_name_can_be_given_another_source(tmp_path):
    path = tmp_path / "one.parquet"
    ROWS[2:].write_parquet(path)
    with engines.connect() as engine:
        assert engine.run(totals(), {"cells": ROWS}).height == 2
        assert engine.run(totals(), {"cells": path}).rows() == [(2023, 4, 1)]
        assert engine.run(totals(), {"cells": ROWS}).height == 2


def test_query_takes_parameters_and_odd_names():
    with engines.connect(threads=1) as engine:
        found = engine.query(
            'SELECT count(*) AS n FROM "odd ""name" WHERE region = ?', {'odd "name': ROWS}, ["76"]
        )
    assert found.item() == 2


def test_write_streams_to_one_file_or_none(tmp_path):
    target = tmp_path / "out" / "totals.parquet"
    with engines.connect() as engine:
        engine.write(totals(), {"cells": ROWS}, target)
        assert pl.read_parquet(target)["jobs"].to_list() == [1, 4]
        before = target.read_bytes()
        with pytest.raises(engines.SourceUnusable):
            engine.write("SELECT no_such_column FROM cells", {"cells": ROWS}, target)
        with pytest.raises(OutputNotWritten):
            engine.write(totals(), {"cells": ROWS}, target / "beneath-a-file.parquet")
    assert target.read_bytes() == before
    assert [path.name for path in target.parent.iterdir()] == ["totals.parquet"]


def test_parquet_schema_reads_the_first_file(tmp_path):
    path = tmp_path / "*.parquet"
    ROWS.write_parquet(path)
    assert engines.parquet_schema([path]) == engines.parquet_schema(ROWS) == dict(ROWS.schema)
    path.write_text("not parquet")
    with pytest.raises(engines.SourceUnusable):
        engines.parquet_schema(path)


def test_refusals_name_the_file_and_the_column(tmp_path):
    with engines.connect() as engine:
        with pytest.raises(TableMissing) as missing:
            engine.run(totals(), {"cells": tmp_path / "nothing.parquet"})
        assert "nothing.parquet" in missing.value.sentence()
        with pytest.raises(TableMissing):
            engine.run(totals(), {"cells": []})
        broken = tmp_path / "broken.parquet"
        broken.write_bytes(b"PAR1 no more")
        with pytest.raises(engines.SourceUnusable):
            engine.run(totals(), {"cells": broken})
        with pytest.raises(engines.SourceUnusable) as lacking:
            engine.run(totals(), {"cells": ROWS.drop("jobs")})
        assert "jobs" in lacking.value.sentence("en")


def test_too_little_memory_is_a_named_refusal(tmp_path):
    with (
        engines.connect(memory="20MB", threads=1, temporary=tmp_path / "full") as engine,
        pytest.raises(engines.EngineOutOfMemory) as refusal,
    ):
        engine.query("SELECT list(i) AS everything FROM range(20_000_000) t(i)", {})
    assert "20MB" in refusal.value.sentence()


def test_nothing_is_fetched_from_outside():
    with engines.connect() as engine:
        settings = engine.query(
            "SELECT name, value FROM duckdb_settings() WHERE name LIKE 'auto%known_extensions'", {}
        )
    assert dict(settings.iter_rows()) == {
        "autoinstall_known_extensions": "false",
        "autoload_known_extensions": "false",
    }


def test_spark_without_its_extra_is_refused_in_both_languages():
    try:
        import pyspark  # noqa: F401
    except ImportError:
        pass
    else:
        if shutil.which("java"):
            pytest.skip("PySpark and Java are here; tests/identify/core/test_fabric_spark.py uses them")
    with pytest.raises(engines.EngineMissing) as refusal:
        engines.connect("spark")
    assert "coopetir[spark]" in refusal.value.sentence("es")
    assert "coopetir[spark]" in refusal.value.sentence("en")
