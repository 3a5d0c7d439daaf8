"""The worked tables of the documentation are what the package computes and what plain loops compute."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import polars as pl
import pytest

from coopetir.foundation.core.tables import long_table, read_table
from coopetir.identify.core.complexity import complexity
from coopetir.identify.core.complexity_result import Complexity
from coopetir.identify.core.relatedness import MEASURES, relatedness

METHODS = Path(__file__).resolve().parents[3] / "docs" / "explanation" / "methods"


def printed(name: str) -> pl.DataFrame:
    return read_table(METHODS / "tables" / f"{name}.csv")


@pytest.fixture(scope="module")
def result() -> Complexity:
    return complexity(
        long_table(
            printed("complexity_input"), region="region", industry="industry", value="jobs", source="worked"
        )
    )


def agree(ours: pl.DataFrame, name: str, keys: list[str]) -> None:
    """Every printed number is ours to its six digits."""
    theirs = printed(name)
    joined = theirs.join(ours, on=keys, suffix="_ours", how="full", coalesce=True)
    assert len(joined) == len(theirs) == len(ours)
    for column in theirs.columns:
        if column in keys:
            continue
        if ours.schema[column] == pl.Boolean:
            assert theirs[column].to_list() == [str(value).lower() for value in joined[f"{column}_ours"]]
            continue
        expected = joined[column].cast(pl.Float64).to_list()
        assert joined[f"{column}_ours"].to_list() == pytest.approx(expected, rel=1e-5, abs=1e-15)


def test_regions(result: Complexity) -> None:
    agree(result.regions(), "complexity_regions", ["region"])


def test_industries(result: Complexity) -> None:
    agree(result.industries(), "complexity_industries", ["industry"])


def test_cells(result: Complexity) -> None:
    agree(result.cells(), "complexity_cells", ["region", "industry"])


def test_pairs(result: Complexity) -> None:
    names = result.activity.industries
    matrices = {
        measure: relatedness(result.present, measure, advantage=result.advantage) for measure in MEASURES
    }
    rows = [
        {"industry": one, "other": other} | {name: phi[a, b] for name, phi in matrices.items()}
        for a, one in enumerate(names)
        for b, other in enumerate(names)
        if a < b
    ]
    agree(pl.DataFrame(rows), "relatedness_pairs", ["industry", "other"])


def test_printed_index_is_the_second_eigenvector_of_the_plain_form() -> None:
    """Without the symmetric form: eigenvectors of ``D^-1 M U^-1 M'`` by a general solver, loops for the rest."""
    cells = printed("complexity_cells")
    regions, industries = printed("complexity_regions"), printed("complexity_industries")
    shape = (len(regions), len(industries))
    jobs = cells["value"].cast(pl.Float64).to_numpy().reshape(shape)
    ratio = np.array(
        [
            [jobs[r, i] * jobs.sum() / (jobs[r].sum() * jobs[:, i].sum()) for i in range(shape[1])]
            for r in range(shape[0])
        ]
    )
    present = (ratio >= 1).astype(float)
    d, u = present.sum(axis=1), present.sum(axis=0)
    values, vectors = np.linalg.eig((present / d[:, None]) @ (present / u).T)
    second = np.argsort(values.real)[-2]
    k = vectors[:, second].real
    k *= np.sign(np.corrcoef(k, d)[0, 1])
    eci = (k - k.mean()) / k.std()
    assert regions["eci"].cast(pl.Float64).to_list() == pytest.approx(eci.tolist(), rel=1e-5)
    pci = industries["pci"].cast(pl.Float64).to_numpy()
    means = [pci[present[r] == 1].mean() for r in range(shape[0])]
    assert means == pytest.approx(eci.tolist(), rel=1e-5)
    page = (METHODS / "complexity.md").read_text(encoding="utf-8")
    assert f"{values.real[second]:.6f}" in page
    assert f"= {ratio[0, 0]:.2f}" in page
