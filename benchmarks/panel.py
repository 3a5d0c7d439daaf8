"""How much does the registry-to-panel job cost beside the bare group-by it cannot do without?

    python benchmarks/panel.py [--rows 2000000 9300000] [--repetitions 5] [--data FOLDER] [--json FILE]

Registry Parquet (generated, canonical columns, ten years) → region × industry × year panel with shares, imputation
and evidence, no validation, against DuckDB's plain ``GROUP BY`` of the same file: same keys, same four aggregates,
once over all rows (``bare``) and once over active firms only (``firms``). Each run is a process of its own, taken in turns; printed are medians of processor seconds (user +
system) after the imports, their ratio (goal: at most 1.5), the seconds of the imports, wall time and peak memory.
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
from typing import Any

SELECT = """
SELECT year, substr(municipality, 1, 2) AS region, activity_1 AS industry,
       count(*) AS firms, sum(jobs) AS employees, sum(income_cop) AS sales, max(jobs) AS top1
FROM registry {where} GROUP BY ALL
"""
BARE = {
    "bare": SELECT.format(where=""),
    "firms": SELECT.format(
        where="WHERE status = '01' AND category IN ('00', '01') AND last_renewed_year = year"
    ),
}
"""``bare`` adds up every row, cancelled firms and shops too; ``firms`` is what an analyst would write by hand."""

ROWS_PER_FIRM = 14.4
"""Rows of ten years per firm active in the last one (measured on the default recipe)."""


def generate(path: Path, rows: int) -> int:
    """Write an invented registry of about ``rows`` rows as one Parquet file."""
    import numpy as np
    import pyarrow.parquet as pq

    from coopetir.identify.core.synthetic import Recipe, plan
    from coopetir.identify.core.synthetic_firms import registry

    rng = np.random.default_rng(20)
    drawn = plan(rng, Recipe(firms=int(rows / ROWS_PER_FIRM * 0.089)))
    writer, count = None, 0
    for chunk in registry(rng, drawn):
        table = chunk.to_arrow()
        writer = writer or pq.ParquetWriter(path, table.schema, compression="zstd")
        writer.write_table(table.cast(writer.schema))
        count += chunk.height
    assert writer is not None
    writer.close()
    return count


def generated(path: Path, rows: int) -> tuple[int, float]:
    """Rows written by a process of its own, and its peak memory in MB."""
    command = [sys.executable, __file__, "--generate", str(rows), "--data", str(path)]
    count, peak = json.loads(subprocess.run(command, capture_output=True, text=True, check=True).stdout)
    return count, peak


def run(kind: str, path: Path) -> dict[str, float]:
    """One run in this process."""
    start = time.process_time()
    from coopetir.foundation.core import engines

    if kind == "panel":
        import ibis.backends.duckdb  # noqa: F401

        from coopetir.identify.core import fabric
    imported, wall = time.process_time(), time.perf_counter()
    with engines.connect(engine="duckdb", memory="2GB", threads=2) as engine:
        if kind == "panel":
            cells = fabric.panel(engine, path).cells.height
        else:
            cells = engine.query(BARE[kind], {"registry": path}).height
    usage = resource.getrusage(resource.RUSAGE_SELF)
    return {
        "imports": imported - start,
        "cpu": time.process_time() - imported,
        "wall": time.perf_counter() - wall,
        "peak_mb": usage.ru_maxrss / 1024,
        "cells": cells,
    }


def compare(path: Path, repetitions: int) -> dict[str, Any]:
    """Medians of all three, taken in turns."""
    runs: dict[str, list[dict[str, float]]] = {"bare": [], "firms": [], "panel": []}
    for _ in range(repetitions):
        for kind, found in runs.items():
            child = subprocess.run(
                [sys.executable, __file__, "--run", kind, "--data", str(path)],
                capture_output=True,
                text=True,
                check=True,
            )
            found.append(json.loads(child.stdout))
    medians = {
        kind: {key: statistics.median(one[key] for one in found) for key in found[0]}
        for kind, found in runs.items()
    }
    ratios = {f"ratio_{kind}": medians["panel"]["cpu"] / medians[kind]["cpu"] for kind in BARE}
    return medians | ratios


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rows", type=int, nargs="+", default=[2_000_000, 9_300_000])
    parser.add_argument("--repetitions", type=int, default=5)
    parser.add_argument("--data", type=Path, help="folder that keeps the generated files")
    parser.add_argument("--json", type=Path)
    parser.add_argument("--run", choices=["bare", "firms", "panel"], help=argparse.SUPPRESS)
    parser.add_argument("--generate", type=int, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.generate:
        count = generate(options.data, options.generate)
        print(json.dumps([count, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024]))
        return
    if options.run:
        print(json.dumps(run(options.run, options.data)))
        return
    results = []
    with tempfile.TemporaryDirectory() as folder:
        for rows in options.rows:
            path = (options.data or Path(folder)) / f"registry_{rows}.parquet"
            start = time.perf_counter()
            if not path.exists():
                count, peak = generated(path, rows)
                print(f"generated {count:,} rows in {time.perf_counter() - start:.0f} s, peak {peak:,.0f} MB")
            found = compare(path, options.repetitions)
            results.append({"rows": rows, **found})
            for kind in ("bare", "firms", "panel"):
                one = found[kind]
                print(
                    f"{rows:>10,} rows  {kind:<6} {one['cpu']:6.2f} CPU s  {one['wall']:6.2f} s  "
                    f"{one['peak_mb']:6.0f} MB  imports {one['imports']:.2f} CPU s"
                )
            print(
                f"{rows:>10,} rows  panel / bare {found['ratio_bare']:.2f}, / firms {found['ratio_firms']:.2f}"
            )
    if options.json:
        options.json.write_text(json.dumps(results, indent=1), encoding="utf-8")


if __name__ == "__main__":
    main()
