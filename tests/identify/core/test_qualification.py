"""Grades and verdicts from measures: thresholds, unknown evidence, no compensation."""

from __future__ import annotations

import itertools
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from coopetir.identify.core.measures import Measures
from coopetir.identify.core.method import shipped_method
from coopetir.identify.core.qualification import VERDICTS, decide, grade

METHOD = shipped_method()
GOOD = {
    "lq": 2.0,
    "lower": 1.2,
    "firms": 50.0,
    "top": 0.2,
    "slope": 0.05,
    "se": 0.01,
    "z": 3.0,
    "technology": 80.0,
    "market": 70.0,
}
NAN = float("nan")


def measured(national: float = 0.02, *, active: bool = True, **values: float) -> Measures:
    cells = {name: np.array([[value]]) for name, value in (GOOD | values).items()}
    return Measures(**cells, national=national, active=np.array([[active]]))


def graded(**values: float) -> tuple[int, int, int, int]:
    return tuple(int(part[0, 0]) for part in grade(measured(**values), METHOD).stacked())


def verdict(**values: float) -> str:
    return VERDICTS[int(decide(grade(measured(**values), METHOD))[0, 0])]


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        ({}, 2),
        ({"lq": 1.5}, 2),
        ({"lq": 1.4999}, 1),
        ({"lq": 1.24}, 1),  # the lower bound alone keeps it at the borderline
        ({"lq": 1.25, "lower": 0.9}, 1),
        ({"lq": 1.24, "lower": 0.9}, 0),
        ({"lower": 1.0}, 1),
        ({"firms": 5.0}, 2),
        ({"firms": 4.9}, 1),
        ({"firms": 2.9}, 0),
        ({"top": 0.65}, 2),
        ({"top": 0.66}, 1),
    ],
)
def test_density(values: dict[str, float], expected: int) -> None:
    assert graded(**values)[0] == expected


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        ({}, 2),
        ({"z": 1.0}, 2),
        ({"z": 0.99}, 1),
        ({"slope": 0.02, "z": 0.0}, 0),
        ({"slope": -0.01, "z": -3.0}, 0),
        ({"slope": 0.05, "z": NAN, "se": NAN}, -1),  # above the nation, but nobody knows how surely
        ({"slope": 0.01, "z": NAN, "se": NAN}, 0),  # below the nation whatever the error
        ({"slope": NAN, "z": NAN}, -1),
    ],
)
def test_growth(values: dict[str, float], expected: int) -> None:
    assert graded(**values)[1] == expected


@pytest.mark.parametrize(("value", "expected"), [(50, 2), (49.9, 1), (40, 1), (39.9, 0), (NAN, -1)])
def test_technology_and_market(value: float, expected: int) -> None:
    assert graded(technology=value)[2] == graded(market=value)[3] == expected


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        ({"lower": NAN}, -1),
        ({"top": NAN}, -1),
        ({"firms": NAN, "lower": NAN}, -1),
        ({"lq": NAN}, -1),
        ({"top": NAN, "lq": 1.3}, 1),  # cannot meet, whatever the largest firm
        ({"top": NAN, "lq": 1.0, "lower": 0.5}, 0),
        ({"lower": NAN, "firms": 2.0}, 0),  # too few firms, whatever the interval
    ],
)
def test_a_grade_is_unknown_only_when_what_is_unknown_could_change_it(
    values: dict[str, float], expected: int
) -> None:
    assert graded(**values)[0] == expected


def test_the_four_verdicts() -> None:
    assert verdict() == "qualifies"
    assert verdict(market=45.0) == "candidate"
    assert verdict(market=30.0) == "not_now"
    assert verdict(market=NAN) == "insufficient_data"


def test_unknown_evidence_neither_qualifies_nor_rejects() -> None:
    for other in (80.0, 45.0, 10.0):
        assert verdict(market=NAN, technology=other) == "insufficient_data"


def test_without_jobs_growth_fails() -> None:
    still = replace(measured(national=-0.02, slope=0.0, z=5.0), active=np.array([[False]]))
    assert int(grade(still, METHOD).growth[0, 0]) == 0


def test_an_unknown_national_trend_leaves_growth_unknown() -> None:
    assert int(grade(measured(national=NAN), METHOD).growth[0, 0]) == -1


def test_no_criterion_makes_up_for_another() -> None:
    splendid = {"lq": 50.0, "lower": 40.0, "slope": 0.5, "z": 100.0, "technology": 100.0, "market": 39.0}
    assert verdict(**splendid) == "not_now"


BETTER = ("lq", "lower", "firms", "slope", "z", "technology", "market")


@settings(max_examples=150, deadline=None)
@given(
    values=st.fixed_dictionaries(
        {
            "lq": st.floats(0, 4),
            "lower": st.floats(0, 3),
            "firms": st.floats(0, 20),
            "top": st.floats(0, 1),
            "slope": st.floats(-0.1, 0.1),
            "z": st.floats(-3, 5),
            "technology": st.floats(0, 100),
            "market": st.floats(0, 100),
        }
    ),
    name=st.sampled_from([*BETTER, "top"]),
    step=st.floats(0, 2),
)
def test_a_better_measure_never_gives_a_worse_verdict(
    values: dict[str, float], name: str, step: float
) -> None:
    better = values[name] + (-step if name == "top" else step)
    before, after = graded(**values), graded(**{**values, name: better})
    assert all(late >= early for early, late in zip(before, after, strict=True))
    assert VERDICTS.index(verdict(**{**values, name: better})) >= VERDICTS.index(verdict(**values))


def test_knowing_more_never_contradicts_a_known_grade() -> None:
    """Whatever value an unknown measure turns out to have, a grade that was given stays."""
    trials = itertools.product((1.0, 1.3, 2.0), (0.5, 1.5), (2.0, 4.0, 9.0), (0.1, 0.9))
    for lq, lower, firms, top in trials:
        full = {"lq": lq, "lower": lower, "firms": firms, "top": top}
        for hidden in itertools.combinations(full, 2):
            partly = graded(**{**full, **dict.fromkeys(hidden, NAN)})[0]
            assert partly in (-1, graded(**full)[0])
