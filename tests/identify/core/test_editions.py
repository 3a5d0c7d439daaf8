"""What outsiders read of a verdict never holds, nor lets anyone work out, the figure of one firm."""

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from coopetir.identify.core.editions import public_row, public_sentences, public_what_if
from coopetir.identify.core.method import shipped_method

ROW = {
    "region": "76", "family": "x", "verdict": "candidate", "stability": 0.8, "label": "",
    "density": 1, "growth": 2, "technology": 2, "market": 2,
    "reasons": ["density:top_firm"], "hinges": ["largest_firm=not_now", "year:2020=qualifies"],
    "lq": 1.823456, "lq_shrunk_low": 1.2, "firms": 12.0, "top_firm": 0.712345, "lq_shrunk": 1.5,
    "lq_shrunk_high": 1.9, "top_firm_bound": 0.7345, "top_firm_weighted": 0.712345, "jobs": 4821.0,
    "slope": 0.051234, "z": 2.3456, "slope_se": 0.01, "national_slope": 0.02, "regional_term": 100.0,
    "entry_exit": 3.0, "technology_percentile": 70.0, "market_percentile": 66.0, "imputed_share": 0.0,
    "jobs_needed": 123.4,
}  # fmt: skip


@pytest.mark.parametrize("safe", [True, False])
@pytest.mark.parametrize("language", ["es", "en"])
def test_the_largest_firm_is_never_there(safe, language):
    text = json.dumps(public_row(ROW, safe=safe)) + " ".join(
        public_sentences(ROW, shipped_method(), safe=safe, language=language)
    )
    for trace in ("0.712", "71", "0.73", "largest_firm"):
        assert trace not in text


def test_unsafe_families_show_verdict_and_grades_but_no_figure_from_jobs():
    row = public_row(ROW, safe=False)
    assert row["verdict"] == "candidate"
    assert [row[name] for name in ("density", "growth", "technology", "market")] == [1, 2, 2, 2]
    assert row["lq"] is row["jobs"] is row["slope"] is row["z"] is None
    assert "protegid" in " ".join(public_sentences(ROW, shipped_method(), safe=False, language="es"))


def test_what_is_shown_is_coarse():
    row = public_row(ROW, safe=True)
    assert row["lq"] == 1.82
    assert row["jobs"] == 4820


@settings(deadline=None, max_examples=50)
@given(st.floats(min_value=0.5, max_value=3.0), st.floats(min_value=-0.004, max_value=0.004))
def test_a_slider_cannot_tell_two_values_apart_that_look_the_same(threshold, nudge):
    """Bisecting a threshold gives back what is on the page, not the value behind it."""
    method = shipped_method()
    other = ROW | {"lq": 1.82 + nudge, "top_firm": 0.3}
    same = ROW | {"top_firm": 0.3}
    answers = [
        public_what_if(row, method, {"density.lq_meets": threshold}, safe=True).grades_after
        for row in (same, other)
    ]
    assert answers[0] == answers[1]


def test_no_what_if_on_protected_values_nor_on_the_largest_firm():
    method = shipped_method()
    assert public_what_if(ROW, method, {"density.lq_meets": 1.2}, safe=False) is None
    assert public_what_if(ROW, method, {"density.top_firm_max": 0.9}, safe=True) is None
