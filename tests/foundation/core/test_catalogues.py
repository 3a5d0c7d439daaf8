"""The shipped tables are what their notice says, and their codes kept their zeros."""

from importlib.resources import files

import polars as pl
import pytest

from coopetir.foundation.core import catalogues


@pytest.mark.parametrize(
    ("table", "rows"),
    [
        (catalogues.departments, 33),
        (catalogues.municipalities, 1122),
        (catalogues.population, 14586),
        (catalogues.chambers, 57),
        (catalogues.municipality_chambers, 1122),
        (catalogues.vintage_changes, 12),
        (catalogues.revision_correspondence, 874),
        (catalogues.technology_intensity, 93),
        (catalogues.families, 79),
        (catalogues.employment_rev4, 10091),
        (catalogues.employment_rev3, 51255),
        (catalogues.consumer_prices, 853),
        (catalogues.exchange_rates, 8098),
        (catalogues.tax_units, 20),
        (catalogues.registry_columns, 190),
        (catalogues.registry_codes, 73),
        (catalogues.product_industries, 24279),
    ],
)
def test_rows_of_the_notice(table, rows):
    assert len(table()) == rows


def test_counts_that_the_sources_state():
    assert catalogues.departments()["municipalities"].sum() == 1122
    assert catalogues.departments()["population_2024"].sum() == 52_695_952
    levels = dict(catalogues.industries("4").group_by("level").len().iter_rows())
    assert (levels["section"], levels["division"]) == (21, 88)
    classes = catalogues.industries("4").filter(pl.col("level") == "class")
    assert (classes["in_2012"].sum(), classes["in_current"].sum()) == (495, 502)
    assert dict(catalogues.industries("3").group_by("level").len().iter_rows())["class"] == 445
    assert catalogues.municipalities()["kind"].value_counts().sort("count")["count"].to_list() == [20, 1102]


def test_codes_keep_their_zeros():
    assert catalogues.municipalities()["municipality"].str.len_chars().unique().to_list() == [5]
    assert "05001" in catalogues.municipalities()["municipality"]
    assert "0111" in catalogues.employment_rev4()["industry"]
    assert set(catalogues.chambers()["seat"]) <= set(catalogues.municipalities()["municipality"])


def test_employment_of_valle_matches_the_published_total():
    valle = catalogues.employment_rev4().filter(pl.col("department") == "76")["jobs"].sum()
    assert round(valle) == 1_587_396


def test_location_quotients_of_valle_match_the_reference():
    jobs = catalogues.employment_rev4()
    total = jobs["jobs"].sum()
    valle = jobs.filter(pl.col("department") == "76")
    base = jobs.group_by("industry").agg(pl.col("jobs").sum().alias("all"))
    quotient = valle.join(base, on="industry").with_columns(
        lq=(pl.col("jobs") / valle["jobs"].sum()) / (pl.col("all") / total)
    )
    found = dict(quotient.filter(pl.col("jobs") > 1500).select("industry", "lq").iter_rows())
    expected = {
        "1071": 8.03,
        "1701": 5.10,
        "1030": 4.01,
        "4641": 3.29,
        "5222": 3.00,
        "8553": 2.80,
        "1082": 2.78,
        "1702": 2.74,
    }
    assert {code: round(found[code], 2) for code in expected} == expected


def test_every_family_class_exists_and_boundaries_carry_codes():
    classes = set(catalogues.industries("4").filter(pl.col("level") == "class")["code"])
    assert set(catalogues.families()["industry"]) <= classes
    assert catalogues.families()["family"].n_unique() == 9
    shapes = catalogues.boundaries("municipalities")["features"]
    assert {shape["id"] for shape in shapes} == set(catalogues.municipalities()["municipality"])


def test_every_file_has_its_line_in_the_notice():
    folder = files("coopetir.foundation") / "catalogues"
    notice = (folder / "NOTICE.md").read_text("utf-8")
    names = [item.name for item in folder.iterdir() if item.name not in ("NOTICE.md", "__pycache__")]
    assert [name for name in names if name not in notice] == []
    assert catalogues.ATTRIBUTION.replace("\n", " ") in " ".join(notice.replace("> ", "").split())


def test_english_titles_are_of_the_same_activity():
    english = dict(catalogues.industries("4").select("code", "title_en").iter_rows())
    assert english["1071"] == "Manufacture of sugar"  # ISIC 1071 is bakery products
    assert english["1081"] == "Manufacture of bakery products"
    assert english["103"] == "Manufacture of vegetable and animal oils and fats"
    assert (english["6511"], english["6512"]) == ("Non-life insurance", "Life insurance")
    assert english["0123"] == "Growing of coffee"  # ISIC 0123 is citrus fruits
    assert english["2100"].startswith("Manufacture of pharmaceuticals")
