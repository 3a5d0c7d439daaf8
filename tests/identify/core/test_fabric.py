"""The registry-to-panel job: by hand, against a plain re-count, and invariant to what must not matter."""

import datetime as dt
from itertools import pairwise

import numpy as np
import polars as pl
import pytest
from polars.testing import assert_frame_equal

from coopetir.foundation.core import engines
from coopetir.foundation.core.extracts.registry import CANONICAL
from coopetir.foundation.core.tables import ColumnMissing, KeysDuplicated
from coopetir.identify.core import fabric
from coopetir.identify.core.family_sums import family_sums
from coopetir.identify.core.industry_table import FamilyUnknown, industry_table
from coopetir.identify.core.screening import screen
from coopetir.identify.core.synthetic import Recipe, plan
from coopetir.identify.core.synthetic_firms import registry as invented
from coopetir.identify.core.turnover import turnover


@pytest.fixture(scope="module")
def engine():
    with engines.connect(threads=2) as opened:
        yield opened


@pytest.fixture(scope="module")
def rows():
    """An invented registry of three years, about 25,000 rows."""
    rng = np.random.default_rng(11)
    recipe = Recipe(region="76", firms=600, country_firms=4_000, first_year=2020, last_year=2022)
    return pl.concat(invented(rng, plan(rng, recipe)))


def firm(number, year=2022, **fields):
    base = {
        "year": year,
        "chamber": "08",
        "registration": str(number),
        "category": "01",
        "status": "01",
        "activity_1": "1071",
        "municipality": "76001",
        "registered_on": dt.date(2001, 5, 2),
        "last_renewed_year": year,
    }
    return base | fields


def registry(*firms):
    return pl.DataFrame([dict.fromkeys(CANONICAL) | row for row in firms], schema=CANONICAL)


def only(frame):
    assert frame.height == 1
    return frame.row(0, named=True)


def test_one_cell_by_hand(engine):
    table = registry(
        firm(1, jobs=100, income_cop=5e9),
        firm(2, jobs=20, income_cop=None),
        firm(3, jobs=0, income_cop=1e9),
        firm(4, category="00", jobs=5),
    )
    found = fabric.panel(engine, table)
    cell, beside = only(found.cells), only(found.evidence)
    assert tuple(found.cells.columns) == fabric.CELLS
    assert (cell["year"], cell["region"], cell["industry"], cell["firms"]) == (2022, "76", "1071", 4)
    assert cell["employees"] == 125
    assert cell["sales_mcop"] == 6000
    assert cell["exports_mcop"] is None
    assert cell["top1_emp_share"] == 100 / 125
    assert cell["suppressed"] is False
    assert (beside["firms_known_jobs"], beside["known_share"], beside["imputed_share"]) == (4, 1.0, 0.0)
    assert (beside["firms_known_sales"], beside["employees_known"], beside["top1_employees"]) == (2, 125, 100)


@pytest.mark.parametrize(
    "fields",
    [
        {"category": "02"},
        {"category": None},
        {"status": "03"},
        {"status": None},
        {"last_renewed_year": 2021},
        {"last_renewed_year": None, "renewed_on": dt.date(2019, 3, 1)},
        {"last_renewed_year": None},
        {"last_renewed_year": 2023, "registered_on": dt.date(2023, 1, 5)},
        {"municipality": None},
        {"municipality": ""},
    ],
)
def test_what_is_not_an_active_firm_with_a_place_is_not_counted(engine, fields):
    found = fabric.panel(engine, registry(firm(1, jobs=1), firm(2, jobs=50, **fields)))
    assert only(found.cells)["firms"] == 1
    with pytest.raises(fabric.NothingCounted) as refusal:
        fabric.panel(engine, registry(firm(2, jobs=50, **fields)))
    assert "rows: 1" in refusal.value.sentence("en")


@pytest.mark.parametrize(
    "fields",
    [
        {"last_renewed_year": None, "registered_on": dt.date(2022, 7, 1)},
        {"last_renewed_year": None, "renewed_on": dt.date(2022, 3, 1)},
        {"last_renewed_year": 2023},
        {"registered_on": None},
        {"category": "00"},
    ],
)
def test_registered_or_renewed_in_the_year_is_active(engine, fields):
    assert only(fabric.panel(engine, registry(firm(1, **fields))).cells)["firms"] == 1


def test_unknown_jobs_are_imputed_by_industry_and_kind_and_reported(engine):
    sizes = [3, 8, 20, 500, 7]
    known = [firm(number, jobs=size) for number, size in enumerate(sizes)]
    people = [firm(100 + number, category="00", jobs=1) for number in range(5)]
    table = registry(*known, *people, firm(200), firm(201, category="00"), firm(300, municipality="05001"))
    found = fabric.panel(engine, table)
    typical = (3 + 8 + 20 + fabric.TYPICAL_CAP + 7) / 5
    valle = only(found.cells.filter(pl.col("region") == "76"))
    assert valle["employees"] == pytest.approx(sum(sizes) + 5 + typical + 1)
    beside = only(found.evidence.filter(pl.col("region") == "76"))
    assert beside["known_share"] == pytest.approx(10 / 12)
    assert beside["imputed_share"] == pytest.approx((typical + 1) / valle["employees"])
    assert valle["employees"] == pytest.approx(
        561.6
    )  # the worked table of docs/explanation/methods/fabric.md
    assert valle["top1_emp_share"] == pytest.approx(500 / 561.6)
    far = only(found.cells.filter(pl.col("region") == "05"))
    assert far["employees"] == pytest.approx(typical)
    assert far["top1_emp_share"] is None
    strict = fabric.panel(engine, table, impute=False).cells
    assert strict["employees"].to_list() == [None, None]


def test_a_rare_industry_borrows_the_typical_size_of_all(engine):
    many = [firm(number, jobs=9, activity_1="4711") for number in range(6)]
    table = registry(*many, firm(50, jobs=99), firm(51))
    cells = fabric.panel(engine, table).cells
    # Firm 51's industry has one known firm, fewer than TYPICAL_MINIMUM, so all seven known companies speak.
    typical = (6 * 9 + fabric.TYPICAL_CAP) / 7
    assert only(cells.filter(pl.col("industry") == "1071"))["employees"] == pytest.approx(
        99 + typical, abs=1e-4
    )


def test_unknown_is_not_zero(engine):
    """The national open set has no jobs and no income at all."""
    cell = only(fabric.panel(engine, registry(firm(1), firm(2)), region="chamber").cells)
    assert cell["firms"] == 2
    assert cell["employees"] is None
    assert cell["sales_mcop"] is None
    assert cell["top1_emp_share"] is None
    zero = only(fabric.panel(engine, registry(firm(1, jobs=0, income_cop=0))).cells)
    assert (zero["employees"], zero["sales_mcop"], zero["top1_emp_share"]) == (0, 0, None)


def test_regions_and_industries_of_ones_own(engine):
    table = registry(
        firm(1, jobs=1),
        firm(2, jobs=2, municipality="76364"),
        firm(3, jobs=4, municipality="11001", chamber="04"),
        firm(4, jobs=8, activity_1="4711"),
        firm(5, jobs=16, activity_1="9999"),
    )
    assert fabric.panel(engine, table, region="municipality").cells["region"].unique().sort().to_list() == [
        "11001",
        "76001",
        "76364",
    ]
    assert set(fabric.panel(engine, table, region="chamber").cells["region"]) == {"04", "08"}
    own = pl.DataFrame({"municipality": ["76001", "76364"], "region": ["Sur", "Sur"]})
    group = pl.DataFrame({"activity": ["1071", "4711"], "industry": ["sugar", "shops"]})
    cells = fabric.panel(engine, table, region=own, industry=group).cells
    assert cells.select("region", "industry", "employees").rows() == [
        ("Sur", fabric.UNCLASSIFIED, 16),
        ("Sur", "shops", 8),
        ("Sur", "sugar", 3),
    ]
    with pytest.raises(KeysDuplicated):
        fabric.panel(engine, table, region=pl.concat([own, own]))


def test_classes_of_mixed_vintages_meet_in_their_group(engine):
    table = registry(*(firm(at, jobs=1, activity_1=code) for at, code in enumerate(["7110", "7111", "7112"])))
    assert fabric.panel(engine, table).cells["industry"].to_list() == ["711"]
    assert fabric.panel(engine, table, same_vintage=False).cells.height == 3


def test_the_activity_with_the_highest_income_may_say_the_industry(engine):
    table = registry(firm(1, jobs=1, top_income_activity="4711"))
    assert fabric.panel(engine, table, activity="top_income_activity").cells["industry"].to_list() == ["4711"]


def test_a_registry_without_its_columns_is_refused(engine):
    with pytest.raises(ColumnMissing) as refusal:
        fabric.panel(engine, registry(firm(1)).drop("status", "jobs"))
    assert refusal.value.data["columns"] == ["status", "jobs"]


def test_against_a_plain_recount(engine, rows):
    """The same cells counted row by row in Python, for the known part."""
    found = fabric.panel(engine, rows, region="municipality", same_vintage=False)
    firms, jobs, sales, top = {}, {}, {}, {}
    for row in rows.iter_rows(named=True):
        renewed = row["last_renewed_year"] >= row["year"] or row["registered_on"].year == row["year"]
        if row["status"] != "01" or row["category"] not in ("00", "01") or not renewed:
            continue
        key = (row["year"], row["municipality"], row["activity_1"])
        firms[key] = firms.get(key, 0) + 1
        if row["jobs"] is not None:
            jobs[key] = jobs.get(key, 0) + row["jobs"]
            top[key] = max(top.get(key, 0), row["jobs"])
        if row["income_cop"] is not None:
            sales[key] = sales.get(key, 0) + row["income_cop"]
    both = found.cells.join(found.evidence, on=["year", "region", "industry"], validate="1:1")
    assert both.height == len(firms) > 5_000
    for row in both.iter_rows(named=True):
        key = (row["year"], row["region"], row["industry"])
        assert row["firms"] == firms[key]
        assert row["employees_known"] == jobs.get(key)
        assert row["top1_employees"] == top.get(key)
        assert row["sales_mcop"] == (pytest.approx(sales[key] / 1e6, rel=1e-12) if key in sales else None)
        assert row["employees"] >= jobs.get(key, 0)


def test_order_of_rows_threads_and_files_change_nothing(rows, engine, tmp_path):
    expected = fabric.panel(engine, rows)
    shuffled = rows.sample(fraction=1, shuffle=True, seed=5)
    paths = []
    for year, part in shuffled.partition_by("year", as_dict=True).items():
        paths.append(tmp_path / f"año [{year[0]}]*'.parquet")
        part.write_parquet(paths[-1])
    with engines.connect(threads=1, memory="300MB") as other:
        found = fabric.panel(other, paths)
    assert_frame_equal(found.cells, expected.cells, check_exact=True)
    assert_frame_equal(found.evidence, expected.evidence, check_exact=True)


def test_regions_add_up(rows, engine):
    """Municipalities and departments count the same firms and the same known jobs."""
    small = fabric.panel(engine, rows, region="municipality")
    large = fabric.panel(engine, rows, region="department")
    keys = ["year", "department", "industry"]
    added = (
        small.evidence.join(small.cells, on=["year", "region", "industry"])
        .with_columns(department=pl.col("region").str.slice(0, 2))
        .group_by(keys)
        .agg(pl.col("firms", "employees_known", "employees").sum())
        .sort(keys)
    )
    assert added["firms"].to_list() == large.cells["firms"].to_list()
    assert added["employees_known"].to_list() == large.evidence["employees_known"].fill_null(0).to_list()
    assert np.allclose(added["employees"], large.cells["employees"], rtol=1e-12)


def test_every_row_is_accounted_for(rows, engine):
    table = fabric.accounting(engine, rows)
    parts = table["establishments"] + table["inactive"] + table["unlocated"] + table["firms"]
    assert parts.to_list() == table["rows"].to_list()
    assert table["rows"].sum() == rows.height
    firms = fabric.panel(engine, rows).cells.group_by("year").agg(pl.col("firms").sum()).sort("year")
    assert firms["firms"].to_list() == table["firms"].to_list()


def test_turnover_by_hand(engine):
    stays = [firm(1, year, jobs=10 + year - 2021) for year in (2021, 2022)]
    quiet = [firm(2, 2021, jobs=7), firm(2, 2022)]
    moves = [firm(3, 2021, jobs=5), firm(3, 2022, jobs=6, activity_1="4711")]
    same_number_elsewhere = firm(4, 2022, jobs=2, chamber="04", registered_on=dt.date(2022, 1, 3))
    table = registry(*stays, *quiet, *moves, firm(4, 2021, jobs=3), same_number_elsewhere)
    found = turnover(engine, table)
    assert found["year"].unique().to_list() == [2022]
    sugar = only(found.filter(pl.col("industry") == "1071"))
    assert (sugar["previous_year"], sugar["region"]) == (2021, "76")
    counts = [sugar[name] for name in ("stayed", "entered", "left", "moved_in", "moved_out", "stayed_known")]
    assert counts == [2, 1, 1, 0, 1, 1]
    jobs = [
        sugar[f"jobs_{name}"] for name in ("stayed_before", "stayed_after", "entered", "left", "moved_out")
    ]
    assert jobs == [10, 11, 2, 3, 5]
    shops = only(found.filter(pl.col("industry") == "4711"))
    assert (shops["moved_in"], shops["jobs_moved_in"], shops["stayed"]) == (1, 6, 0)


@pytest.mark.parametrize("region", ["department", "municipality"])
def test_turnover_explains_every_change_in_the_count(rows, engine, region):
    table = turnover(engine, rows, region=region)
    cells = fabric.panel(engine, rows, region=region).cells
    keys = ["year", "region", "industry"]
    for before, after in pairwise([2020, 2021, 2022]):
        now = cells.filter(pl.col("year") == after).select(*keys[1:], now="firms")
        then = cells.filter(pl.col("year") == before).select(*keys[1:], then="firms")
        flow = table.filter(pl.col("year") == after)
        both = flow.join(now, on=keys[1:], how="full", coalesce=True)
        both = both.join(then, on=keys[1:], how="full", coalesce=True)
        both = both.with_columns(pl.col("now", "then").fill_null(0))
        assert (both["stayed"] + both["entered"] + both["moved_in"]).to_list() == both["now"].to_list()
        assert (both["stayed"] + both["left"] + both["moved_out"]).to_list() == both["then"].to_list()


def test_a_panel_goes_straight_into_a_screening(rows, engine):
    cells = fabric.panel(engine, rows).cells
    result = screen(cells, industry_table(), resamples=0)
    families = set(industry_table().filter(~pl.col("local") & (pl.col("family") != ""))["family"])
    assert result.verdicts.height == cells["region"].n_unique() * len(families)


def test_a_class_in_two_families_counts_once():
    table = industry_table()
    assert not table["industry"].is_duplicated().any()
    shared = {row["industry"]: (row["family"], row["also_in"]) for row in table.iter_rows(named=True)}
    assert shared["1071"] == ("bioenergia", "macrosnacks")  # nucleo before proveedor
    assert shared["4645"] == ("excelencia_clinica", "belleza")  # proveedor before comercio
    assert shared["1090"] == ("proteina_blanca", "macrosnacks")  # same role and year: the smaller family
    whole = industry_table(prefer="macrosnacks")
    assert whole.filter(pl.col("family") == "macrosnacks").height == 10
    with pytest.raises(FamilyUnknown):
        industry_table(prefer="no_such_family")


def test_technology_is_known_only_where_the_list_is_verified():
    table = industry_table()
    level = dict(table.select("industry", "tech_intensity").iter_rows())
    assert (level["2100"], level["2011"], level["1071"]) == (4.0, 3.0, 1.0)
    assert level["6201"] is None
    assert table["world_demand_growth"].null_count() == table.height


def test_families_add_up_with_their_true_largest_firm(engine):
    table = registry(
        firm(1, jobs=60),
        firm(2, jobs=30, activity_1="1072"),
        firm(3, jobs=10, activity_1="1072"),
        firm(4, jobs=500, activity_1="4711"),
        firm(5, jobs=7, activity_1="1020"),
        firm(6, activity_1="1020", municipality="05001"),
    )
    sums = family_sums(fabric.panel(engine, table), industry_table())
    sugar = only(sums.filter(pl.col("family") == "bioenergia"))
    assert (sugar["firms"], sugar["employees"], sugar["top1_employees"]) == (3, 100, 60)
    assert (sugar["top1_emp_share"], sugar["known_share"], sugar["imputed_share"]) == (0.6, 1, 0)
    assert sugar["sales_mcop"] is None
    assert "4711" not in sums["family"]
    assert sums["firms"].sum() == 5  # the shop is local: in no family
    silent = only(sums.filter(pl.col("region") == "05"))
    assert (silent["known_share"], silent["imputed_share"], silent["top1_emp_share"]) == (0, 1, None)
    twice = pl.DataFrame({"industry": ["1071", "1071"], "family": ["a", "b"], "local": [False, False]})
    with pytest.raises(KeysDuplicated):
        family_sums(fabric.panel(engine, table), twice)


def test_family_sums_lose_no_traded_firm(rows, engine):
    panel, families = fabric.panel(engine, rows), industry_table()
    traded = families.filter(pl.col("family") != "")["industry"]
    cells = panel.cells.filter(pl.col("industry").is_in(traded.to_list()))
    sums = family_sums(panel, families)
    assert sums["firms"].sum() == cells["firms"].sum()
    assert sums["employees"].sum() == pytest.approx(cells["employees"].sum(), rel=1e-12)
    assert (sums["top1_emp_share"].drop_nulls() <= 1).all()
