"""Codes of industries: what is read, what is refused, and how years and revisions compare."""

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from coopetir.foundation.core import catalogues, industries
from coopetir.foundation.core.industries import find_activity


@pytest.mark.parametrize(
    ("text", "code", "note"),
    [
        ("2711", "2711", "ok"),
        ("111", "0111", "zero_restored"),
        ("2711.0", "2711", "trimmed"),
        ("C2711 - Fabricación de motores", "2711", "trimmed"),
        ("G4610", "4610", "trimmed"),
        ("0000", None, "unclassified"),
        ("9710", None, "unclassified"),
        ("0010", None, "unclassified"),
        ("9999", None, "not_a_class"),
        ("27", None, "not_a_class"),
        ("sin código", None, "not_a_class"),
        ("", None, "blank"),
        (None, None, "blank"),
    ],
)
def test_forms_seen_in_registries(text, code, note):
    assert find_activity(text) == (code, note)


@given(
    st.sampled_from(sorted(industries.classes("4"))),
    st.sampled_from(["", "C", "g"]),
    st.sampled_from(["", ".0", " - título"]),
)
@settings(max_examples=80, deadline=None)
def test_a_class_survives_its_dress(code, letter, tail):
    assert find_activity(f"{letter}{code}{tail}").code == code


@given(st.text(max_size=20))
@settings(max_examples=150, deadline=None)
def test_never_a_code_outside_the_list(text):
    assert find_activity(text).code in industries.classes("4") | {None}


def test_section_is_a_function_of_the_division():
    ranges = {
        "A": (1, 3),
        "B": (5, 9),
        "C": (10, 33),
        "E": (36, 39),
        "G": (45, 47),
        "Q": (86, 88),
        "U": (99, 99),
    }
    for section, (first, last) in ranges.items():
        found = {division for division, letter in industries.sections().items() if letter == section}
        assert found == {f"{n:02d}" for n in range(first, last + 1) if f"{n:02d}" in industries.sections()}
    frame = pl.DataFrame({"code": ["0111", "4610", None, "xx"]})
    assert frame.select(industries.at_level(pl.col("code"), "section"))["code"].to_list() == [
        "A",
        "G",
        None,
        None,
    ]


def test_split_classes_compare_at_their_group_and_transfers_at_their_target():
    frame = pl.DataFrame({"code": ["1030", "1031", "7110", "7112", "6514", "6496", "1071", "6515", None]})
    found = frame.select(industries.comparable_vintages(pl.col("code")))["code"].to_list()
    assert found == ["103", "103", "711", "711", "6496", "6496", "1071", "651", None]


def test_both_vintages_reach_the_same_set_of_comparable_codes():
    frame = catalogues.industries("4").filter(pl.col("level") == "class")
    old = frame.filter("in_2012").select(industries.comparable_vintages(pl.col("code")))["code"]
    new = frame.filter("in_current").select(industries.comparable_vintages(pl.col("code")))["code"]
    assert set(old) ^ set(new) == set()


def test_revision_is_told_by_content():
    four = dict.fromkeys(sorted(industries.classes("4")), 3)
    three = dict.fromkeys(sorted(industries.classes("3")), 3)
    assert industries.guess_revision(four).revision == "4"
    assert industries.guess_revision(three).revision == "3"
    mixed = industries.guess_revision(
        {code: four.get(code, 0) + three.get(code, 0) for code in {*four, *three}}
    )
    assert mixed.revision is None
    assert industries.guess_revision({"0000": 5}).revision is None
    survey = dict(catalogues.employment_rev3().group_by("industry").len().iter_rows())
    assert industries.guess_revision(survey).revision == "3"


def test_concordance_conserves_what_it_maps_and_says_how_much_had_one_target():
    jobs = (
        catalogues.employment_rev3().filter(pl.col("year") == 2017).select("department", "industry", "jobs")
    )
    moved = industries.concord(jobs, industry="industry", values=["jobs"])
    known = jobs.filter(pl.col("industry") != "0000")["jobs"].sum()
    assert moved.frame["jobs"].sum() == pytest.approx(known, rel=1e-12)
    assert set(moved.unmapped) == {"0000"}
    assert 0.5 < moved.one_to_one["jobs"] < 0.7
    weights = pl.DataFrame({"rev3": ["0111", "0111"], "rev4": ["0123", "0113"], "weight": [0.6, 0.6]})
    with pytest.raises(industries.WeightsInvalid, match="0111"):
        industries.concord(jobs, industry="industry", values=["jobs"], weights=weights)


def test_technology_takes_the_exception_of_the_group():
    assert industries.technology_of("3030") == "high"
    assert industries.technology_of("3091") == "medium_high"
    assert industries.technology_of("2100", "eurostat_manufacturing") == "high"
    assert industries.technology_of("4711", "eurostat_manufacturing") is None
    levels = pl.DataFrame({"c": sorted(industries.classes("4"))}).select(
        industries.technology_column(pl.col("c"))
    )
    assert levels["c"].null_count() == 0
