"""How long does the screening of one department with 500 resamples take, from canonical registry rows to verdicts?

    .venv/bin/python benchmarks/screening.py --firms 60000 --repeats 5

There is no peer that decides; the goal is 10 seconds. An invented registry (one department in full, ten years, the
rest of the country) is generated once outside the clock; each repetition runs in a process of its own. Prints CPU
seconds (of the process and its threads) by stage, medians, and peak memory.
"""

from __future__ import annotations

import argparse
import json
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path


def generate(folder: Path, firms: int) -> Path:
    """Canonical rows of the invented registry, one Parquet file."""
    import numpy as np
    import polars as pl

    from coopetir.identify.core.synthetic import Recipe, plan
    from coopetir.identify.core.synthetic_firms import registry

    rng = np.random.default_rng(7)
    rows = pl.concat(list(registry(rng, plan(rng, Recipe(region="76", firms=firms)))))
    target = folder / "firms.parquet"
    rows.write_parquet(target)
    return target


def one(path: Path) -> dict[str, float]:
    """Stages of one screening, in CPU seconds."""
    import numpy as np

    from coopetir.foundation.core import engines
    from coopetir.identify.core.registry_screening import fabric_of
    from coopetir.identify.core.registry_units import registry_units
    from coopetir.identify.core.screening import screen

    started = time.process_time()
    with engines.connect() as engine:
        fabric = fabric_of(engine, [path])
        firms = registry_units(engine, [path], ["76"])
    tables = time.process_time()
    result = screen(
        fabric.cells,
        fabric.industries,
        fabric.regions,
        resamples=500,
        rng=np.random.default_rng(1),
        registry=True,
        firms=firms,
        keep=["76"],
    )
    ended = time.process_time()
    return {
        "tables": tables - started,
        "screening": ended - tables,
        "all": ended - started,
        "verdicts": result.verdicts.height,
        "peak_mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024,
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--firms", type=int, default=60_000)
    parser.add_argument("--repeats", type=int, default=5)
    parser.add_argument("--one", type=Path, help=argparse.SUPPRESS)
    asked = parser.parse_args()
    if asked.one:
        print(json.dumps(one(asked.one)))
        return
    with tempfile.TemporaryDirectory() as folder:
        path = generate(Path(folder), asked.firms)
        command = [sys.executable, __file__, "--one", str(path)]
        runs = [
            json.loads(subprocess.run(command, capture_output=True, text=True, check=True).stdout)
            for _ in range(asked.repeats)
        ]
        print(
            f"{path.stat().st_size / 1e6:.0f} MB of registry, {int(runs[0]['verdicts'])} verdicts, {asked.repeats} runs"
        )
    print("| stage | CPU s (median) | min | max |\n| --- | --- | --- | --- |")
    for stage in ("tables", "screening", "all"):
        found = [run[stage] for run in runs]
        print(f"| {stage} | {statistics.median(found):.1f} | {min(found):.1f} | {max(found):.1f} |")
    print(f"\nPeak {statistics.median(run['peak_mb'] for run in runs):.0f} MB.")


if __name__ == "__main__":
    main()
