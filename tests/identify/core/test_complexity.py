"""Properties and edge cases of complexity: what must hold on any table, and what a broken one gives."""

from __future__ import annotations

import numpy as np
import polars as pl
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from coopetir.foundation.core.tables import KeysDuplicated, ValueNegative, long_table
from coopetir.identify.core.coded_table import coded_table
from coopetir.identify.core.complexity import _standard, complexity, complexity_by_period
from coopetir.identify.core.complexity_result import REASONS, Complexity, Settings
from coopetir.identify.core.fitness import fitness
from coopetir.identify.core.presence import (
    CodesCollide,
    ThresholdUnusable,
    activity,
    advantage,
    core_of,
    presence,
)
from coopetir.identify.core.projection import project
from coopetir.identify.core.spectrum import components, spectrum

few = settings(max_examples=30, deadline=None)


def table_of(values: np.ndarray, regions: list[str] | None = None) -> pl.DataFrame:
    """A long table of a matrix: 0 leaves the row out, NaN is an unknown value."""
    regions = regions or [f"R{row:03d}" for row in range(values.shape[0])]
    rows = [
        {"period": "", "region": regions[r], "industry": f"I{i:03d}", "value": value}
        for (r, i), value in np.ndenumerate(values)
        if value != 0
    ]
    schema = {"period": pl.String, "region": pl.String, "industry": pl.String, "value": pl.Float64}
    return pl.DataFrame(rows, schema=schema).with_columns(pl.col("value").fill_nan(None))


@st.composite
def matrices(draw: st.DrawFn, most: int = 12) -> np.ndarray:
    """Activity with some structure: able regions have more, and rarer, industries."""
    rows, columns = draw(st.integers(4, most)), draw(st.integers(4, most))
    rng = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    chance = 1 / (1 + np.exp(-(rng.normal(0, 1.5, (rows, 1)) - rng.normal(0, 1, columns))))
    values = rng.gamma(1.0, 100.0, (rows, columns)).round(2) * (rng.random((rows, columns)) < chance)
    values[np.arange(rows), rng.integers(0, columns, rows)] += 50.0
    values[rng.integers(0, rows, columns), np.arange(columns)] += 50.0
    return values


def solid(result: Complexity) -> bool:
    """The index exists and is well pinned down, sign included."""
    return (
        (result.notes["gap"] or 0) > 0.01
        and result.notes["sign_by"] == "diversity"
        and not np.isnan(result.eci).all()
    )


def close(left: np.ndarray, right: np.ndarray) -> bool:
    return bool(np.allclose(left, right, rtol=0, atol=1e-9, equal_nan=True))


@few
@given(matrices())
def test_eci_is_the_mean_pci_of_present_industries(values: np.ndarray) -> None:
    result = complexity(table_of(values))
    assume(solid(result))
    for row in np.flatnonzero(~np.isnan(result.eci)):
        assert result.eci[row] == pytest.approx(result.pci[result.present[row]].mean(), abs=1e-9)
    shown = result.eci[~np.isnan(result.eci)]
    assert shown.mean() == pytest.approx(0, abs=1e-9)
    assert shown.std() == pytest.approx(1, abs=1e-9)


@few
@given(matrices(), st.integers(0, 2**32 - 1))
def test_order_of_rows_does_not_matter(values: np.ndarray, seed: int) -> None:
    table = table_of(values)
    shuffled = table.sample(fraction=1.0, shuffle=True, seed=seed)
    one, two = complexity(table), complexity(shuffled)
    for name in ("eci", "pci", "coi", "density", "cog", "fitness", "complexity"):
        assert close(getattr(one, name), getattr(two, name))


@few
@given(matrices(), st.integers(0, 2**32 - 1))
def test_names_of_regions_do_not_matter(values: np.ndarray, seed: int) -> None:
    order = np.random.default_rng(seed).permutation(len(values))
    one, two = complexity(table_of(values)), complexity(table_of(values[order]))
    assume(solid(one))
    for name in ("eci", "coi", "fitness"):
        assert close(getattr(one, name)[order], getattr(two, name))
    assert close(one.pci, two.pci)
    assert close(one.cog[order], two.cog)


@few
@given(matrices(), st.sampled_from([1e-6, 0.1, 3.7, 1e9, 1e300]))
def test_the_unit_of_the_values_does_not_matter(values: np.ndarray, unit: float) -> None:
    one, two = complexity(table_of(values)), complexity(table_of(values * unit))
    assert np.array_equal(one.present, two.present)
    for name in ("advantage", "eci", "pci", "coi", "cog", "fitness"):
        assert close(getattr(one, name), getattr(two, name))


@few
@given(matrices())
def test_a_duplicated_region_equals_its_twin(values: np.ndarray) -> None:
    twice = np.vstack([values, values[:1]])
    result = complexity(table_of(twice))
    assert result.present[0].tolist() == result.present[-1].tolist()
    for name in ("eci", "coi", "fitness", "density"):
        assert close(getattr(result, name)[0], getattr(result, name)[-1])


@few
@given(matrices())
def test_density_lies_between_none_and_all_and_distance_completes_it(values: np.ndarray) -> None:
    cells = complexity(table_of(values)).cells().filter(pl.col("density").is_not_null())
    assert cells["density"].min() >= 0
    assert cells["density"].max() <= 1 + 1e-12
    assert (cells["density"] + cells["distance"] - 1).abs().max() < 1e-12


@few
@given(matrices(), st.floats(0.2, 3.0))
def test_a_higher_threshold_never_adds_presence(values: np.ndarray, threshold: float) -> None:
    ratio = advantage(activity(table_of(values)))
    assert not (presence(ratio, threshold * 1.5) & ~presence(ratio, threshold)).any()


@few
@given(matrices())
def test_own_scale_keeps_the_ranks_and_has_mean_zero(values: np.ndarray) -> None:
    one, two = complexity(table_of(values)), complexity(table_of(values), Settings(pci_scale="own"))
    assume(solid(one))
    shown = ~np.isnan(one.pci)
    assert two.pci[shown].mean() == pytest.approx(0, abs=1e-9)
    assert two.pci[shown].std() == pytest.approx(1, abs=1e-9)
    assert np.corrcoef(one.pci[shown], two.pci[shown])[0, 1] == pytest.approx(1, abs=1e-9)
    assert close(one.eci, two.eci)


@few
@given(matrices())
def test_the_smaller_side_does_not_change_the_index(values: np.ndarray) -> None:
    present = presence(advantage(activity(table_of(values))))
    rows, columns = core_of(present)
    inner = present[np.ix_(rows, columns)]
    assume(min(inner.shape) >= 3 and components(inner)[0] == 1)
    tall, wide = spectrum(inner), spectrum(inner.T)
    assume((tall.gap or 0) > 1e-3)
    assert np.allclose(tall.eigenvalues, wide.eigenvalues, atol=1e-10)
    assert abs(np.corrcoef(tall.kc, wide.q)[0, 1]) == pytest.approx(1, abs=1e-8)


def test_a_region_that_only_adds_a_complex_industry_rises() -> None:
    nested = np.triu(np.ones((6, 6)))[:, ::-1].astype(bool)
    before, after = spectrum(nested), spectrum(nested | (np.arange(36).reshape(6, 6) == 22))
    rank = np.argsort(np.argsort(before.kc))[3]
    assert np.argsort(np.argsort(after.kc))[3] >= rank


def test_nested_regions_rank_by_diversity() -> None:
    result = spectrum(np.tri(7, 7, dtype=bool))
    assert np.all(np.diff(result.kc) > 0)
    assert np.all(np.diff(result.q) > 0)
    assert not result.sign_uncertain


def test_constant_table_says_degenerate() -> None:
    result = complexity(table_of(np.full((5, 4), 7.0)))
    assert result.present.all()
    assert result.notes["degenerate"]
    assert result.regions()["eci"].null_count() == 5
    assert set(result.regions()["reason"]) == {"degenerate"}
    assert set(result.industries()["reason"]) == {"degenerate"}
    assert result.regions()["fitness"].to_list() == pytest.approx([1.0] * 5)


def test_values_that_do_not_vary_have_no_z_score() -> None:
    assert np.isnan(_standard(np.full(5, 0.3))).all()
    assert np.isnan(_standard(np.zeros(5))).all()
    assert _standard(np.array([1.0, 3.0])).tolist() == [-1.0, 1.0]


@pytest.mark.parametrize("shape", [(1, 5), (5, 1), (2, 5), (1, 1)])
def test_too_small_tables_say_so(shape: tuple[int, int]) -> None:
    rng = np.random.default_rng(4)
    result = complexity(table_of(rng.gamma(1, 10, shape)))
    assert result.notes["too_small"]
    assert result.regions()["eci"].null_count() == shape[0]
    assert set(result.regions()["reason"]) == {"too_small"}
    assert result.diversity.sum() == result.present.sum()


def two_pieces() -> np.ndarray:
    rng = np.random.default_rng(11)
    block = np.tri(5, 6, 1) * rng.gamma(5, 10, (5, 6))
    other = np.tri(4, 4, 1) * rng.gamma(5, 10, (4, 4))
    empty = np.zeros((5, 4))
    return np.block([[block, empty], [np.zeros((4, 6)), other]])


def test_disconnected_table_has_components_and_no_index() -> None:
    result = complexity(table_of(two_pieces()))
    assert result.notes["disconnected"]
    assert result.notes["components"] == 2
    pieces = result.notes["component_of_region"]
    assert [pieces[name] for name in result.activity.regions] == [1] * 5 + [2] * 4
    assert np.isnan(result.eci).all()
    assert set(result.regions()["reason"]) == {"disconnected"}
    assert not np.isnan(result.density).any()
    assert result.density[:5, 6:].max() == 0


def test_each_component_has_its_own_index_when_asked() -> None:
    values = two_pieces()
    both = complexity(table_of(values), Settings(per_component=True))
    # RCA depends on the rest of the table, so the piece alone is compared through its presences.
    alone = spectrum(both.present[:5, :6])
    assert close(both.eci[:5], (alone.kc - alone.kc.mean()) / alone.kc.std())
    assert not np.isnan(both.eci).any()
    assert both.eci[5:].mean() == pytest.approx(0, abs=1e-9)


def test_a_unit_without_presence_is_null_and_spares_the_rest() -> None:
    rng = np.random.default_rng(3)
    values = np.tri(6, 7, 1) * rng.gamma(5, 10, (6, 7))
    without = complexity(table_of(values))
    with_zero = table_of(values).vstack(
        pl.DataFrame({"period": [""], "region": ["ZZZ"], "industry": ["I000"], "value": [0.0]})
    )
    result = complexity(with_zero)
    assert close(result.eci[:-1], without.eci)
    last = result.regions().row(-1, named=True)
    assert last["reason"] == "no_activity"
    assert last["eci"] is None
    assert last["diversity"] == 0
    cell = result.cells().row(-1, named=True)
    assert (cell["rca"], cell["density"], cell["cog"]) == (None, None, None)
    assert cell["reason"] == "no_activity"


def test_a_region_below_every_threshold_has_no_presence() -> None:
    values = np.diag([1.0, 1.0, 1.0, 1.0]) * 1e6 + 1.0
    values[3] = 1.0
    values[3, 3] = 1.0
    values[:3, 3] = 1e6
    result = complexity(table_of(values), Settings(threshold=1.5))
    assert result.regions()["reason"][3] == "no_presence"
    assert result.industries()["reason"].to_list()[3] == "no_presence"


def test_an_unknown_value_is_neither_zero_nor_present() -> None:
    rng = np.random.default_rng(8)
    values = np.tri(8, 9, 1) * rng.gamma(5, 10, (8, 9))
    hidden = values.copy()
    hidden[4, 2] = np.nan
    result = complexity(table_of(hidden))
    cell = result.cells().filter((pl.col("region") == "R004") & (pl.col("industry") == "I002"))
    row = cell.row(0, named=True)
    assert (row["value"], row["rca"], row["present"], row["cog"]) == (None, None, None, None)
    assert row["reason"] == "unknown_value"
    assert row["density"] is not None
    assert result.regions()["reason"][4] == "unknown_cells"
    assert result.regions()["eci"][4] is not None
    assert result.industries()["reason"][2] == "unknown_cells"
    assert result.notes["unknown_cells"] == 1
    zeroed = complexity(table_of(np.nan_to_num(hidden)))
    assert not close(result.density, zeroed.density)


@few
@given(matrices(), st.integers(0, 2**32 - 1))
def test_unknown_cells_are_left_out_of_numerator_and_denominator(values: np.ndarray, seed: int) -> None:
    rng = np.random.default_rng(seed)
    hidden = np.where(rng.random(values.shape) < 0.1, np.nan, values)
    result = complexity(table_of(hidden))
    known = ~np.isnan(hidden)
    assume(result.activity.value.shape == hidden.shape)
    rows, columns = core_of(result.present)
    for r in np.flatnonzero(rows)[:3]:
        for i in np.flatnonzero(columns)[:3]:
            phi = [
                (result.present[:, i] & result.present[:, j]).sum()
                / max(
                    (result.present[:, i] & known[:, j]).sum(), (result.present[:, j] & known[:, i]).sum(), 1
                )
                for j in range(values.shape[1])
            ]
            near = np.where(columns & known[r], phi, 0.0)
            if near.sum() > 0:
                expected = (near * result.present[r]).sum() / near.sum()
                assert result.density[r, i] == pytest.approx(expected, abs=1e-12)


def test_all_unknown_gives_reasons_not_numbers() -> None:
    result = complexity(table_of(np.full((4, 4), np.nan)))
    assert set(result.regions()["reason"]) == {"all_unknown"}
    assert result.regions()["diversity"].null_count() == 4
    assert result.cells()["present"].null_count() == 16


def test_all_zero_gives_reasons_not_numbers() -> None:
    table = table_of(np.ones((4, 4))).with_columns(value=pl.lit(0.0))
    result = complexity(table)
    assert set(result.regions()["reason"]) == {"no_activity"}
    assert set(result.industries()["reason"]) == {"no_activity"}
    assert result.cells()["present"].any() is False


def test_every_reason_is_explained() -> None:
    unknown = np.where(np.eye(4) == 1, np.nan, 1.0)
    for values in (np.full((4, 4), np.nan), unknown, two_pieces(), np.ones((2, 2)), np.ones((4, 4))):
        result = complexity(table_of(values))
        for frame in (result.regions(), result.industries(), result.cells()):
            assert set(frame["reason"].drop_nulls()) <= set(REASONS)


def test_an_uncertain_sign_follows_the_reference_and_else_says_so() -> None:
    ring = np.eye(6, dtype=bool) | np.eye(6, k=1, dtype=bool) | np.eye(6, k=-1, dtype=bool)
    ring[0, 5] = ring[5, 0] = False
    ring[0, 2] = ring[5, 3] = True  # equal diversities throughout
    assert set(ring.sum(axis=1)) == {3}
    up = np.arange(6.0)
    plain, rising, falling = spectrum(ring), spectrum(ring, up), spectrum(ring, -up)
    assert plain.sign_uncertain
    assert plain.sign_by == "first_region"
    assert rising.sign_by == "reference"
    assert np.corrcoef(rising.kc, up)[0, 1] > 0
    assert np.allclose(rising.kc, -falling.kc)


def test_an_uncertain_sign_follows_the_period_before() -> None:
    clear = np.tri(6, 6, 1)
    ring = np.eye(6) + np.eye(6, k=1) + np.eye(6, k=-1)
    ring[0, 2] = ring[5, 3] = 1.0
    first = table_of(clear).with_columns(period=pl.lit("2020"))
    second = table_of(ring).with_columns(period=pl.lit("2021"))
    one, two = complexity_by_period(first.vstack(second))
    assert [one.period, two.period] == ["2020", "2021"]
    assert two.notes["sign_by"] == "reference"
    assert np.corrcoef(one.eci, two.eci)[0, 1] > 0


def test_periods_are_computed_apart() -> None:
    rng = np.random.default_rng(5)
    tables = [
        table_of(np.tri(6, 7, 1) * rng.gamma(5, 10, (6, 7))).with_columns(period=pl.lit(year))
        for year in ("2021", "2022")
    ]
    together = list(complexity_by_period(pl.concat(tables)))
    for one, alone in zip(together, tables, strict=True):
        assert close(one.eci, complexity(alone).eci)


def test_presence_keeps_ties_at_the_threshold() -> None:
    """RCA is exactly 1 in a table of equal rows, whatever rounding makes of it."""
    shares = np.array([0.1, 0.7, 0.2, 0.3])
    values = np.outer([3.0, 1.1, 0.3, 7.7], shares)
    assert presence(advantage(activity(table_of(values)))).all()


@pytest.mark.parametrize("threshold", [0.0, -1.0, float("nan"), float("inf")])
def test_a_useless_threshold_is_refused(threshold: float) -> None:
    with pytest.raises(ThresholdUnusable):
        complexity(table_of(np.ones((4, 4))), Settings(threshold=threshold))


def test_codes_with_and_without_zeros_are_refused() -> None:
    table = table_of(np.ones((3, 3)), regions=["05001", "5001", "76001"])
    with pytest.raises(CodesCollide, match="05001, 5001"):
        complexity(table)


def test_core_of_leaves_in_rounds() -> None:
    present = np.array([[1, 1, 0], [1, 1, 0], [0, 1, 1], [0, 0, 1]], dtype=bool)
    rows, columns = core_of(present, least_diversity=2, least_ubiquity=2)
    assert rows.tolist() == [True, True, False, False]
    assert columns.tolist() == [True, True, False]
    assert all(mask.all() for mask in core_of(present))


@few
@given(matrices())
def test_fitness_has_mean_one_and_is_a_fixed_point_when_rested(values: np.ndarray) -> None:
    present = presence(advantage(activity(table_of(values))))
    rows, columns = core_of(present)
    inner = present[np.ix_(rows, columns)]
    found = fitness(inner, 200)
    assert found.steps == 200
    assert found.fitness.mean() == pytest.approx(1)
    assert found.complexity.mean() == pytest.approx(1)
    assert np.isfinite(found.log_fitness).all()


def test_fitness_of_a_block_like_table_runs_to_zero_and_stays_a_number() -> None:
    present = np.tri(30, 30, dtype=bool)
    present[0] = False
    present[0, 0] = True
    found = fitness(present)
    assert np.isfinite(found.fitness).all()
    assert found.fitness.min() < 0.05
    assert np.all(np.diff(found.fitness) >= 0)


def test_projection_by_presence_with_the_own_pci_is_the_eci() -> None:
    rng = np.random.default_rng(6)
    table = table_of(np.tri(7, 8, 1) * rng.gamma(5, 10, (7, 8)))
    result = complexity(table)
    pci = dict(zip(result.activity.industries, result.pci.tolist(), strict=True))
    projected = project(result.activity, pci, weights="presence")
    assert close(projected["eci"].to_numpy(), result.eci)
    assert projected["coverage"].to_list() == pytest.approx([1.0] * 7)


def test_projection_weighs_by_share_and_tells_coverage() -> None:
    found = activity(table_of(np.array([[30.0, 10.0, 60.0], [0.0, 5.0, 0.0], [1.0, 1.0, 1.0]])))
    projected = project(found, {"I000": 2.0, "I002": -1.0})
    assert projected["eci"].to_list() == [pytest.approx(0.0), None, pytest.approx(0.5)]
    assert projected["coverage"].to_list() == [pytest.approx(0.9), pytest.approx(0.0), pytest.approx(2 / 3)]
    assert projected["reason"].to_list() == [None, "no_pci", None]


def test_coded_and_long_tables_agree() -> None:
    frame = table_of(two_pieces()).with_columns(pl.col("value").cast(pl.String)).drop("period")
    names = {"region": "region", "industry": "industry", "value": "value", "source": "x"}
    coded, long = coded_table(frame, **names), long_table(frame, **names)
    assert coded.with_columns(pl.col("period", "region", "industry").cast(pl.String)).equals(long)
    assert complexity(coded).regions().equals(complexity(long).regions())


def test_coded_table_refuses_what_long_table_refuses() -> None:
    names = {"region": "region", "industry": "industry", "value": "value", "source": "x"}
    frame = table_of(np.ones((3, 3)))
    with pytest.raises(KeysDuplicated, match="rows 1, 10"):
        coded_table(frame.vstack(frame[:1]), **names)
    with pytest.raises(ValueNegative, match="rows 2"):
        coded_table(frame.with_columns(value=pl.Series([1.0, -1.0] + [1.0] * 7)), **names)
