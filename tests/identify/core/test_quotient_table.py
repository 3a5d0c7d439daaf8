"""The long table of quotients against a slow reading of the rules, and the refusals of its inputs."""

from __future__ import annotations

import math
from itertools import product

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import chi2

from coopetir.foundation.core.errors import Cancelled, CoopetirError
from coopetir.identify.core import quotient_reference as qr
from coopetir.identify.core import quotient_table as qt
from coopetir.identify.core.specialization import expected_counts, shrunk_quotient

REGIONS, INDUSTRIES = ("05", "76", "11"), ("0111", "1011", "6201", "8511")
Cells = dict[tuple[str, str], float | None]


def long(cells: Cells, firms: Cells | None = None, period: str = "") -> pl.DataFrame:
    table = pl.DataFrame(
        [(period, r, i, x) for (r, i), x in cells.items()],
        schema={"period": pl.String, "region": pl.String, "industry": pl.String, "value": pl.Float64},
        orient="row",
    )
    if firms is None:
        return table
    return table.with_columns(firms=pl.Series([firms[key] for key in cells], dtype=pl.Float64))


def as_dict(found: pl.DataFrame) -> dict[tuple[str, str], dict[str, object]]:
    return {(row["region"], row["industry"]): row for row in found.to_dicts()}


amounts = st.one_of(st.none(), st.just(0.0), st.integers(0, 60).map(float))
some_cells = st.dictionaries(st.sampled_from(list(product(REGIONS, INDUSTRIES))), amounts, min_size=1)


def slow(
    cells: Cells, totals: dict[str, float | None] | None, base: dict[str, float | None] | None
) -> dict[tuple[str, str], tuple[float | None, str]]:
    """The rules of the method's page, said once more with dictionaries and loops."""
    regions, industries = {r for r, _ in cells}, {i for _, i in cells}
    known = {key: x for key, x in cells.items() if x is not None}
    holes = set(product(regions, industries)) - set(known)
    own = {r: sum(x for (q, _), x in known.items() if q == r) for r in regions}
    total = own if totals is None else {r: totals.get(r) for r in regions}
    counted = {r for r in regions if total[r] is not None}
    everything = sum(total[r] or 0 for r in counted)
    found = {}
    for (r, i), x in cells.items():
        region_short = totals is None and any(q == r for q, _ in holes)
        if base is not None:
            share, industry_short = base.get(i), False
        else:
            industry_short = any(j == i and q in counted for q, j in holes) or (
                totals is None and bool(holes)
            )
            visible = sum(v for (q, j), v in known.items() if j == i and q in counted)
            share = visible / everything if everything else 0.0
        if x is None:
            found[r, i] = (None, "unknown")
        elif total[r] is None:
            found[r, i] = (None, "no_total")
        elif total[r] == 0:
            found[r, i] = (None, "region_total_unknown" if region_short else "region_total_zero")
        elif share is None:
            found[r, i] = (None, "no_base")
        elif share == 0:
            found[r, i] = (None, "industry_total_unknown" if industry_short else "industry_total_zero")
        else:
            found[r, i] = (x / total[r] / share, "partial" if region_short or industry_short else "ok")
    return found


def check(table: pl.DataFrame, reference: qr.Reference, expected: dict) -> None:
    found = as_dict(qt.quotient_table(table, reference))
    assert found.keys() == expected.keys()
    for key, (lq, status) in expected.items():
        assert found[key]["status"] == status
        if lq is None:
            assert found[key]["lq"] is None
        else:
            assert math.isclose(found[key]["lq"], lq, rel_tol=1e-12, abs_tol=1e-15)


@settings(max_examples=120, deadline=None)
@given(some_cells)
def test_from_the_table_alone(cells):
    check(long(cells), qr.Reference(), slow(cells, None, None))


@settings(max_examples=120, deadline=None)
@given(
    some_cells,
    st.dictionaries(st.sampled_from(REGIONS), st.one_of(st.none(), st.integers(60, 900).map(float))),
    st.dictionaries(st.sampled_from(INDUSTRIES), st.one_of(st.none(), st.just(0.0), st.floats(0.01, 1))),
    st.sampled_from(["totals", "base", "both"]),
)
def test_with_totals_and_base(cells, totals, base, which):
    table = long(cells)
    totals_frame = pl.DataFrame(
        {"period": [""] * len(totals), "region": list(totals), "total": list(totals.values())},
        schema={"period": pl.String, "region": pl.String, "total": pl.Float64},
    )
    base_frame = pl.DataFrame(
        {"period": [""] * len(base), "industry": list(base), "share": list(base.values())},
        schema={"period": pl.String, "industry": pl.String, "share": pl.Float64},
    )
    use_totals, use_base = which != "base", which != "totals"
    reference = qr.Reference(totals_frame if use_totals else None, base_frame if use_base else None)
    check(table, reference, slow(cells, totals if use_totals else None, base if use_base else None))


@settings(max_examples=60, deadline=None)
@given(some_cells)
def test_absent_is_zero_fills_the_cross_and_leaves_the_unknown_alone(cells):
    filled = dict.fromkeys(product({r for r, _ in cells}, {i for _, i in cells}), 0.0) | cells
    found = qt.quotient_table(long(cells), absent_is_zero=True)
    assert found.height == len(filled)
    expected = slow(filled, None, None)
    for key, row in as_dict(found).items():
        assert row["value"] == filled[key]
        assert row["status"] == expected[key][1]


@settings(max_examples=60, deadline=None)
@given(
    st.dictionaries(st.sampled_from(list(product(REGIONS, INDUSTRIES))), st.integers(0, 60), min_size=1),
    st.sampled_from([0.5, 0.8, 0.95]),
)
def test_intervals_are_of_the_firm_count(firms, level):
    full = dict.fromkeys(product(REGIONS, INDUSTRIES), 0.0) | {key: float(n) for key, n in firms.items()}
    jobs = {key: 3.0 * n + (1000 if n == 1 else 0) for key, n in full.items()}
    found = as_dict(qt.quotient_table(long(jobs, full), level=level))
    everything = sum(full.values())
    tail = (1 - level) / 2
    matrix = [[full[r, i] for i in INDUSTRIES] for r in REGIONS]
    shrunk = shrunk_quotient(matrix, expected_counts(matrix), level).mean
    for (r, i), row in found.items():
        n = full[r, i]
        in_region = sum(full[r, j] for j in INDUSTRIES)
        in_industry = sum(full[q, i] for q in REGIONS)
        expected = in_region * in_industry / everything if everything else 0
        if expected == 0:
            assert row["lq_lo"] is row["lq_hi"] is row["lq_shrunk"] is None
            continue
        low = chi2.ppf(tail, 2 * n) / (2 * expected) if n else 0.0
        assert math.isclose(row["lq_lo"], low, rel_tol=1e-9, abs_tol=1e-12)
        assert math.isclose(row["lq_hi"], chi2.ppf(1 - tail, 2 * n + 2) / (2 * expected), rel_tol=1e-9)
        mean = shrunk[REGIONS.index(r), INDUSTRIES.index(i)]
        assert (row["lq_shrunk"] is None and math.isnan(mean)) or math.isclose(row["lq_shrunk"], mean)


FULL = {(r, i): 10.0 + 7 * k for k, (r, i) in enumerate(product(REGIONS, INDUSTRIES))}


def test_a_reference_silent_about_firms_gives_no_interval_unless_value_is_the_count():
    base = pl.DataFrame({"period": [""] * 4, "industry": INDUSTRIES, "share": [0.1, 0.2, 0.3, 0.4]})
    jobs = {key: 9 * n for key, n in FULL.items()}
    silent = qt.quotient_table(long(jobs, FULL), qr.Reference(base=base))
    assert silent["lq_lo"].null_count() == silent.height
    told = qt.quotient_table(
        long(jobs, FULL), qr.Reference(base=base.with_columns(firms_share=pl.col("share")))
    )
    counted = qt.quotient_table(long(FULL, FULL), qr.Reference(base=base), firms_are_values=True)
    for column in ("lq_lo", "lq_hi", "lq_shrunk"):
        assert told[column].null_count() == 0
        assert told[column].to_list() == pytest.approx(counted[column].to_list(), rel=1e-12)
    assert (counted["lq_lo"] <= counted["lq"]).all()
    assert (counted["lq"] <= counted["lq_hi"]).all()


def test_an_unknown_firm_count_marks_the_intervals_that_lean_on_it():
    firms: Cells = dict(FULL)
    firms["76", "0111"] = None
    found = as_dict(qt.quotient_table(long(FULL, firms)))
    assert found["76", "0111"]["status"] == "ok"
    assert found["76", "0111"]["lq_lo"] is None
    assert {row["status"] for key, row in found.items() if key != ("76", "0111")} == {"partial_interval"}


def test_firms_still_speak_where_jobs_are_withheld():
    jobs: Cells = dict(FULL)
    jobs["76", "0111"] = None
    row = as_dict(qt.quotient_table(long(jobs, FULL)))["76", "0111"]
    assert (row["status"], row["value"], row["lq"]) == ("unknown", None, None)
    assert row["lq_lo"] < row["lq_shrunk"] < row["lq_hi"]


def test_periods_do_not_touch_each_other_and_order_of_rows_does_not_matter():
    both = pl.concat([long(FULL, period="2021"), long({k: v**2 for k, v in FULL.items()}, period="2022")])
    found = qt.quotient_table(both)
    alone = qt.quotient_table(long(FULL, period="2021"))
    assert found.filter(pl.col("period") == "2021").equals(alone)
    shuffled = qt.quotient_table(both.sample(fraction=1, shuffle=True, seed=3))
    assert shuffled.drop("lq").equals(found.drop("lq"))
    assert shuffled["lq"].to_list() == pytest.approx(found["lq"].to_list(), rel=1e-12)


def test_progress_counts_periods_and_can_stop_the_work():
    both = pl.concat([long(FULL, period="2021"), long(FULL, period="2022")])
    seen = []
    qt.quotient_table(both, progress=lambda *step: seen.append(step))
    assert seen == [(0, 2, "quotients"), (1, 2, "quotients"), (2, 2, "quotients")]

    def stop(done: int, total: int, stage: str) -> None:
        raise Cancelled

    with pytest.raises(Cancelled):
        qt.quotient_table(both, progress=stop)


def test_one_region_is_like_itself():
    found = qt.quotient_table(long({("76", i): 5.0 for i in INDUSTRIES}))
    assert found["lq"].to_list() == pytest.approx([1.0] * 4)
    assert found["status"].unique().to_list() == ["ok"]


def test_every_status_is_explained():
    named = {value for name, value in vars(qt).items() if name.isupper() and isinstance(value, str)}
    assert named == set(qt.STATUSES)


TABLE = long(FULL)


@pytest.mark.parametrize(
    ("frame", "code", "says"),
    [
        ({"region": ["05"], "amount": ["9"]}, "table.column_missing", "total"),
        ({"region": ["05", "05"], "total": ["900", "900"]}, "table.keys_duplicated", "1, 2"),
        ({"region": ["05"], "total": ["-3"]}, "table.negative", "1"),
        ({"region": ["05", "76"], "total": ["900", "=1+1"]}, "table.not_a_number", "2"),
        ({"region": [" ", "76"], "total": ["900", "900"]}, "table.key_empty", "1"),
        ({"region": ["08"], "total": ["900"]}, "specialize.codes_unmatched", "08"),
        ({"region": ["5", "76"], "total": ["900", "900"]}, "specialize.zeros_lost", "05 / 5"),
        (
            {"region": ["05"], "total": ["900"], "period": ["2020"]},
            "specialize.period_without_column",
            "--period",
        ),
        ({"region": ["05"], "total": ["12"]}, "specialize.total_below_cell", "05 1011: 17.0 > 12.0"),
    ],
)
def test_totals_are_refused_by_name(frame, code, says):
    with pytest.raises(CoopetirError) as refused:
        qr.region_totals(pl.DataFrame(frame), TABLE, source="totales.csv")
    assert refused.value.code == code
    for language in ("es", "en"):
        assert says in refused.value.sentence(language)
        assert "totales.csv" in refused.value.sentence(language)


def test_totals_of_other_periods_are_refused():
    table = long(FULL, period="2021")
    frame = pl.DataFrame({"region": ["05"], "total": ["900"], "period": ["1999"]})
    with pytest.raises(qr.TotalsUnmatched, match="1999"):
        qr.region_totals(frame, table, source="t.csv")


def test_shares_in_percent_are_refused():
    frame = pl.DataFrame({"industry": ["0111", "1011"], "share": ["0.4", "12.5"]})
    with pytest.raises(qr.ShareAboveOne) as refused:
        qr.base_shares(frame, TABLE, source="b.csv")
    assert refused.value.data["rows"] == [2]


def test_estimated_firms_are_refused():
    with pytest.raises(qt.FirmsNotWhole) as refused:
        qt.whole_firms(long(FULL, FULL | {("05", "1011"): 2.5}), "empresas", source="t.csv")
    assert refused.value.data["rows"] == [2]


@pytest.mark.parametrize("level", [0, 1, 80, -0.1, math.nan])
def test_a_level_that_is_none_is_refused(level):
    with pytest.raises(qt.LevelOutside):
        qt.quotient_table(TABLE, level=level)
