"""Complexity and relatedness give what the reference implementations gave on the same tables."""

from pathlib import Path

import numpy as np
import polars as pl
import pytest

from coopetir.foundation.core.tables import long_table, read_table
from coopetir.identify.core.complexity import complexity
from coopetir.identify.core.complexity_result import Complexity, Settings
from coopetir.identify.core.presence import Activity, activity, advantage, presence
from coopetir.identify.core.reflections import reflections
from coopetir.identify.core.relatedness import Measure, density, relatedness

TABLES = Path(__file__).resolve().parents[1] / "data"
DATA = TABLES / "world_trade"
pytestmark = pytest.mark.parity


def reference(name: str) -> pl.DataFrame:
    frame = read_table(DATA / f"reference_wt_{name}")
    text = {"country", "product", "product_1", "product_2"}
    return frame.with_columns(
        pl.col(column).cast(pl.Float64) for column in frame.columns if column not in text
    )


@pytest.fixture(scope="module")
def table() -> pl.DataFrame:
    path = DATA / "world_trade_sitc4_1998_2000.parquet"
    return long_table(read_table(path), region="country", industry="product", value="value", source=path.name)


@pytest.fixture(scope="module")
def raw(table: pl.DataFrame) -> Complexity:
    return complexity(table, Settings(pci="raw", iterations=20))


def apart(ours: pl.DataFrame, theirs: pl.DataFrame, keys: dict[str, str], columns: dict[str, str]) -> dict:
    """The largest absolute difference per column; the rows must be the same on both sides."""
    joined = theirs.join(ours, left_on=list(keys.values()), right_on=list(keys), suffix="_ours")
    assert len(joined) == len(theirs)
    gaps = {}
    for mine, other in columns.items():
        column = f"{mine}_ours" if mine in theirs.columns else mine
        assert joined[column].null_count() == 0
        gaps[mine] = (joined[column] - joined[other]).abs().max()
    return gaps


def test_eci_and_outlook_of_py_ecomplexity(raw: Complexity) -> None:
    theirs = reference("eci_coi_py-ecomplexity-0.5.3.csv.gz")
    columns = {name: name for name in ("diversity", "eci", "coi")}
    gaps = apart(raw.regions(), theirs, {"region": "country"}, columns)
    assert len(theirs) == 226
    assert gaps["diversity"] == 0
    assert gaps["eci"] < 1e-9
    assert gaps["coi"] < 1e-9


def test_pci_of_py_ecomplexity(raw: Complexity) -> None:
    theirs = reference("pci_py-ecomplexity-0.5.3.csv.gz")
    gaps = apart(raw.industries(), theirs, {"industry": "product"}, {"ubiquity": "ubiquity", "pci": "pci"})
    assert len(theirs) == 785
    assert gaps["ubiquity"] == 0
    assert gaps["pci"] < 1e-9


def test_rca_presence_density_and_gain_of_py_ecomplexity(raw: Complexity) -> None:
    theirs = reference("rca_density_cog_8countries_py-ecomplexity-0.5.3.parquet")
    ours = raw.cells().with_columns(pl.col("present").cast(pl.Float64))
    columns = {"value": "value", "rca": "rca", "present": "mcp", "density": "density", "cog": "cog"}
    gaps = apart(ours, theirs, {"region": "country", "industry": "product"}, columns)
    assert len(theirs) == 8 * 785
    assert gaps["value"] == 0
    assert gaps["present"] == 0
    assert gaps["rca"] < 1e-12
    assert gaps["density"] < 1e-12
    assert gaps["cog"] < 1e-9


def test_proximity_of_py_ecomplexity(raw: Complexity) -> None:
    theirs = reference("proximity_sample20k_py-ecomplexity-0.5.3.parquet")
    at = {name: place for place, name in enumerate(raw.activity.industries)}
    one = [at[name] for name in theirs["product_1"]]
    two = [at[name] for name in theirs["product_2"]]
    assert np.abs(raw.proximity[one, two] - theirs["proximity"].to_numpy()).max() < 1e-12


def test_fitness_and_complexity_of_econcomplex(raw: Complexity) -> None:
    fit = reference("fitness_econcomplex-1.0.1.csv.gz")
    hard = reference("complexity_econcomplex-1.0.1.csv.gz")
    assert apart(raw.regions(), fit, {"region": "country"}, {"fitness": "fitness"})["fitness"] < 1e-9
    gap = apart(raw.industries(), hard, {"industry": "product"}, {"complexity": "complexity"})
    assert gap["complexity"] < 1e-9


def test_converged_fitness_is_near_the_twenty_steps(table: pl.DataFrame) -> None:
    rested = complexity(table)
    fit = reference("fitness_econcomplex-1.0.1.csv.gz")
    hard = reference("complexity_econcomplex-1.0.1.csv.gz")
    assert rested.notes["fitness_converged"]
    assert apart(rested.regions(), fit, {"region": "country"}, {"fitness": "fitness"})["fitness"] < 6e-4
    gap = apart(rested.industries(), hard, {"industry": "product"}, {"complexity": "complexity"})
    assert gap["complexity"] < 1.1e-2


def test_own_scale_is_the_plain_z_score_of_the_same_vector(table: pl.DataFrame) -> None:
    """econcomplex z-scores PCI by its own mean and deviation; so does ``own``."""
    own = complexity(table, Settings(pci_scale="own")).pci
    theirs = reference("pci_py-ecomplexity-0.5.3.csv.gz").sort("product")["pci"].to_numpy()
    assert np.abs(own - (theirs - theirs.mean()) / theirs.std()).max() < 1e-9


def test_which_pci_is_inside_matters(table: pl.DataFrame, raw: Complexity) -> None:
    """The page on relatedness says by how much."""
    standard = complexity(table).coi
    assert np.corrcoef(standard, raw.coi)[0, 1] == pytest.approx(0.937, abs=5e-4)


def test_reflections_come_near_the_eigenvector(raw: Complexity) -> None:
    regions, industries = reflections(raw.present)
    assert np.corrcoef(regions, raw.eci)[0, 1] == pytest.approx(0.99994, abs=5e-6)
    assert np.corrcoef(industries, raw.pci)[0, 1] > 0.999
    assert regions.std(ddof=1) == pytest.approx(1)


def test_eigenvalues_of_world_trade(raw: Complexity) -> None:
    first, second, third = raw.notes["eigenvalues"]
    assert first == pytest.approx(1.0, abs=1e-12)
    assert second == pytest.approx(0.1791, abs=5e-5)
    assert third == pytest.approx(0.1209, abs=5e-5)
    assert raw.notes["gap"] == pytest.approx(0.058, abs=5e-4)


@pytest.fixture(scope="module")
def tamaulipas() -> Activity:
    """Jobs of 41 municipalities × 16 sectors, 2018; empty read as 0, as the reference did."""
    path = TABLES / "tamaulipas_census" / "employed.csv.gz"
    frame = read_table(path).filter((pl.col("year") == "2018") & (pl.col("level") == "municipality"))
    frame = frame.with_columns(pl.col("employed").cast(pl.Float64, strict=False).fill_null(0.0))
    frame = frame.filter(
        (pl.col("employed").sum().over("geo") > 0) & (pl.col("employed").sum().over("sector") > 0)
    )
    checked = long_table(frame, region="geo", industry="sector", value="employed", source=path.name)
    return activity(checked)


def econgeo(name: str, folder: str = "tamaulipas_census") -> pl.DataFrame:
    return read_table(TABLES / folder / f"econgeo_{name}.csv.gz")


@pytest.mark.parametrize("measure", ["probability", "cosine", "jaccard", "association"])
def test_relatedness_of_econgeo(tamaulipas: Activity, measure: Measure) -> None:
    method = "prob" if measure == "probability" else measure
    rows = econgeo("relatedness", "tamaulipas_relatedness").filter(pl.col("method") == method)
    ours = relatedness(presence(advantage(tamaulipas)), measure)
    at = {name: place for place, name in enumerate(tamaulipas.industries)}
    one, two = ([at[name] for name in rows[side]] for side in ("s1", "s2"))
    theirs = rows["relatedness"].cast(pl.Float64).to_numpy()
    assert len(theirs) == 16 * 16
    assert np.abs(ours[one, two] - theirs).max() < 1e-12


def test_advantage_of_econgeo(tamaulipas: Activity) -> None:
    theirs = econgeo("lq").sort("geo", "sector")["lq"].cast(pl.Float64).to_numpy()
    assert np.abs(advantage(tamaulipas).ravel() - theirs).max() < 1e-12


def test_diversity_and_ubiquity_of_econgeo(tamaulipas: Activity) -> None:
    present = presence(advantage(tamaulipas))
    assert present.sum(axis=1).tolist() == econgeo("regions").sort("geo")["diversity"].cast(int).to_list()
    assert present.sum(axis=0).tolist() == econgeo("sectors").sort("sector")["ubiquity"].cast(int).to_list()


def test_density_of_econgeo(tamaulipas: Activity) -> None:
    """Percent with two decimals there: half a printed digit."""
    present = presence(advantage(tamaulipas))
    ours = 100 * density(present, relatedness(present, "cosine"))
    theirs = econgeo("density", "tamaulipas_relatedness").sort("geo", "sector")
    theirs = theirs["density_pct_cosine"].cast(pl.Float64).to_numpy()
    assert np.abs(ours.ravel() - theirs).max() <= 0.005 + 1e-9
