"""Plain tables of jobs and exports: found by header or content, added up, nothing guessed."""

import polars as pl
import pytest

from coopetir.foundation.core import catalogues
from coopetir.foundation.core.extracts.plain import (
    PlainColumnsUnknown,
    PlainMarkUnclear,
    count_of,
    read_plain,
    share_placed,
    without_mining_energy,
)
from coopetir.foundation.core.tables import KeysDuplicated


def write(path, text, encoding="utf-8"):
    path.write_bytes(text.encode(encoding))
    return path


def test_the_shipped_survey_reads_back_as_it_is(tmp_path):
    jobs = catalogues.employment_rev3().filter(
        (pl.col("department") == "76") & (pl.col("industry") != "0000")
    )
    path = tmp_path / "empleo.csv"
    jobs.select(anio="year", cod_dpto="department", ciiu_rev3_ac="industry", ocupados="jobs").write_csv(path)
    reading = read_plain(path)
    assert reading.classification == "ciiu3"
    expected = jobs.select(
        pl.col("year").cast(pl.String).alias("period"), region="department", industry="industry", value="jobs"
    )
    assert reading.table.equals(expected.sort("period", "region", "industry"))
    assert share_placed(reading) == 1.0


def test_monthly_exports_of_dane(tmp_path):
    text = (
        "fech;dpto2;dpto1;posar;pais;pnk;fobdol\n"
        "2508;11;76;0603110000;249;1,5;1000,25\n"
        "2509;11;76;603110000;249;1,5;,5\n"
        "508;76;5;901119000;249;1;20,5\n"
        "2508;76;76;2701120010;249;1;9999,0\n"
        "2508;76;;0603110000;249;1;7,0\n"
        "2513;76;76;0603110000;249;1;7,0\n"
        "2508;76;76;flores;249;1;7,0\n"
    )
    reading = read_plain(write(tmp_path / "expo.csv", text, "latin-1"))
    assert reading.columns == {"region": "dpto1", "industry": "posar", "value": "fobdol", "period": "fech"}
    assert reading.table.rows() == [
        ("2005", "05", "0901", 20.5),
        ("2025", "76", "0603", 1000.75),
        ("2025", "76", "2701", 9999.0),
    ]
    assert (reading.rows_read, reading.rows_added) == (7, 4)
    assert count_of(reading) == {
        "plain.region_unknown": 1,
        "plain.period_unknown": 1,
        "plain.industry_unknown": 1,
    }
    assert without_mining_energy(reading.table)["industry"].to_list() == ["0901", "0603"]


def test_old_headers_and_six_digits(tmp_path):
    text = "fech,dptor4,posara4,fobdol4\n601,76,0603110000,1.5\n602,76,0603190000,2.25\n"
    reading = read_plain(write(tmp_path / "expo06.csv", text), product_digits=6)
    assert reading.table.rows() == [("2006", "76", "060311", 1.5), ("2006", "76", "060319", 2.25)]


def test_an_unknown_part_makes_the_sum_unknown(tmp_path):
    text = "fech,dpto1,posar,fobdol\n2501,76,0603110000,1.5\n2502,76,0603110000,\n2501,76,0901119000,-2.5\n2501,5,0901119000,3.5\n"
    reading = read_plain(write(tmp_path / "x.csv", text))
    assert reading.table.rows() == [
        ("2025", "05", "0901", 3.5),
        ("2025", "76", "0603", None),
        ("2025", "76", "0901", None),
    ]
    assert count_of(reading) == {"number.negative": 1}


def test_columns_by_content_and_lost_zeros(tmp_path):
    towns = catalogues.municipalities()["municipality"].head(60).to_list()
    codes = ["0111", "1071", "4641", "6201"]
    rows = "\n".join(f"{int(town)};{codes[n % 4]};{n}" for n, town in enumerate(towns))
    reading = read_plain(write(tmp_path / "c.csv", "donde;que;empleos\n" + rows + "\n"))
    assert reading.columns == {"region": "donde", "industry": "que", "value": "empleos"}
    assert reading.table["region"].to_list() == towns
    assert reading.table["period"].unique().to_list() == [""]


def test_refusals(tmp_path):
    with pytest.raises(PlainColumnsUnknown, match="region"):
        read_plain(write(tmp_path / "a.csv", "a,b\n1,2\n3,4\n"))
    with pytest.raises(PlainMarkUnclear, match=r"1\.234"):
        read_plain(write(tmp_path / "b.csv", "dpto1,posar,fobdol\n76,0603110000,1.234\n5,0603110000,5.678\n"))
    twice = write(
        tmp_path / "d.csv", "anio,cod_dpto,ciiu,ocupados\n2020,76,1071,5\n2020,76,1071,6\n2020,76,4641,7\n"
    )
    with pytest.raises(KeysDuplicated, match="1071"):
        read_plain(twice)
    assert read_plain(twice, add_up=True).table["value"].to_list() == [11.0, 7.0]
