"""How much processor time and memory do complexity measures take, here and in three other packages?

    .venv/bin/python benchmarks/complexity.py [--repeats 3] [--sizes 33x300 1122x500 3000x1000] [--out FILE]

One run measures every subject on the same generated tables, each in a process of its own with one thread,
reading the file before the clock starts. The other packages live in ``.venv-bench``, which is made from
``requirements/benchmarks.lock`` when it is missing or the lock has changed. Then the memory of the whole
verb on three years of the largest size, reading and writing included.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import os
import platform
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

HERE = Path(__file__).resolve()
ROOT = HERE.parents[1]
PEERS = ROOT / ".venv-bench"
LOCK = ROOT / "requirements" / "benchmarks.lock"
SIZES = ("33x300", "1122x500", "3000x1000")
REFERENCE = "py-ecomplexity"
ONE_THREAD = dict.fromkeys(
    ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS", "POLARS_MAX_THREADS"), "1"
)

Measured = Callable[[], object]


def coopetir(path: Path) -> Measured:
    """RCA, presence, ECI, PCI, fitness, complexity, proximity, density, distance, COI, COG, three tables."""
    import polars as pl

    from coopetir.foundation.core.tables import read_table
    from coopetir.identify.core.coded_table import coded_table
    from coopetir.identify.core.complexity import complexity

    # Numbers are numbers before the clock starts, as they are in the data frames of the others.
    frame = read_table(path).with_columns(pl.col("value").cast(pl.Float64))

    def work() -> object:
        table = coded_table(
            frame, region="region", industry="industry", value="value", period="year", source="benchmark"
        )
        result = complexity(table)
        return result.regions(), result.industries(), result.cells()

    return work


def py_ecomplexity(path: Path) -> Measured:
    """The same without fitness; its random check of log-supermodularity is off."""
    from ecomplexity import ecomplexity

    table = _pandas(path)
    columns = {"time": "year", "loc": "region", "prod": "industry", "val": "value"}
    return lambda: ecomplexity(table, columns, check_logsupermodularity=False, verbose=False)


def econcomplex(path: Path) -> Measured:
    """The same without fitness."""
    from econcomplex.pipeline import compute_complexity

    table = _pandas(path)
    columns = {"time": "year", "loc": "region", "act": "industry", "val": "value"}
    return lambda: compute_complexity(table, columns)


def economic_complexity(path: Path) -> Measured:
    """RCA, ECI and PCI by reflections, proximity, relatedness, distance and gain; no fitness, no COI."""
    import economic_complexity as package

    table = _pandas(path)

    def work() -> object:
        wide = table.pivot(index="region", columns="industry", values="value").fillna(0)
        rca = package.rca(wide)
        eci, pci = package.complexity(rca)
        near = package.proximity(rca)
        related = package.relatedness(rca, proximities=near)
        far = package.distance(rca, proximities=near)
        return eci, pci, related, far, package.opportunity_gain(rca, pci=pci, proximities=near)

    return work


SUBJECTS: dict[str, Callable[[Path], Measured]] = {
    "coopetir": coopetir,
    "py-ecomplexity": py_ecomplexity,
    "econcomplex": econcomplex,
    "economic-complexity": economic_complexity,
}


def _pandas(path: Path) -> Any:
    import pandas as pd

    return pd.read_csv(path, dtype={"year": str, "region": str, "industry": str})


def measure(subject: str, path: Path, warm: Path) -> dict[str, float]:
    """Run one subject once in this process: CPU seconds of the work and the process's peak memory.

    A small table goes first, so that what a package imports or compiles on its first call is not counted.
    """
    SUBJECTS[subject](warm)()
    work = SUBJECTS[subject](path)
    start = time.process_time()
    work()
    seconds = time.process_time() - start
    return {"cpu_seconds": seconds, "peak_mb": _peak_mb(resource.RUSAGE_SELF)}


def _peak_mb(who: int) -> float:
    return resource.getrusage(who).ru_maxrss / 1024


def generate(regions: int, industries: int, years: int, path: Path) -> None:
    """Exports with structure: able regions have more, and harder, industries; about half the cells filled."""
    import numpy as np
    import polars as pl

    rng = np.random.default_rng(20_260)
    able, hard = rng.normal(size=(regions, 1)), rng.normal(size=industries)
    pieces = []
    for year in range(2021, 2021 + years):
        chance = 1 / (1 + np.exp(-(1.5 * able - 1.2 * hard + rng.normal(size=(regions, industries)))))
        scale = np.exp(rng.normal(0, 1.5, (regions, 1)) + rng.normal(0, 1, industries))
        values = 10 * scale * rng.lognormal(0, 1, (regions, industries))
        values = (values * (rng.random((regions, industries)) < chance)).round(3)
        row, column = np.nonzero(values)
        pieces.append(
            pl.DataFrame(
                {
                    "year": pl.repeat(str(year), len(row), eager=True),
                    "region": pl.Series([f"R{code:05d}" for code in range(regions)]).gather(row),
                    "industry": pl.Series([f"{code:04d}" for code in range(industries)]).gather(column),
                    "value": values[row, column],
                }
            )
        )
    table = pl.concat(pieces)
    (table.write_parquet if path.suffix == ".parquet" else table.write_csv)(path)


def prepare_peers() -> Path:
    """The interpreter of ``.venv-bench``, made anew when the lock has changed."""
    stamp, python = PEERS / "lock.sha256", PEERS / "bin" / "python"
    digest = hashlib.sha256(LOCK.read_bytes()).hexdigest()
    if not (stamp.exists() and stamp.read_text(encoding="utf-8") == digest):
        subprocess.run([sys.executable, "-m", "venv", "--clear", str(PEERS)], check=True)
        install = [str(python), "-m", "pip", "install", "-q", "--require-hashes", "-r", str(LOCK)]
        subprocess.run(install, check=True)
        stamp.write_text(digest, encoding="utf-8")
    return python


def run(python: Path, subject: str, table: Path, warm: Path) -> dict[str, float]:
    """One subject in a fresh process with one thread."""
    call = [
        str(python),
        "-W",
        "ignore",
        str(HERE),
        "--subject",
        subject,
        "--table",
        str(table),
        "--warm",
        str(warm),
    ]
    done = subprocess.run(call, env=os.environ | ONE_THREAD, capture_output=True, text=True)
    if done.returncode:
        raise SystemExit(f"{subject} failed on {table.name}:\n{done.stderr[-2000:]}")
    result: dict[str, float] = json.loads(done.stdout.strip().splitlines()[-1])
    return result


def compare(sizes: list[str], repeats: int, folder: Path) -> list[dict[str, Any]]:
    """Medians of every subject at every size; the subjects take turns, so that a busy moment hits all."""
    peers = prepare_peers()
    warm = folder / "warm.csv"
    generate(20, 30, 1, warm)
    rows = []
    for size in sizes:
        regions, industries = (int(part) for part in size.split("x"))
        table = folder / f"{size}.csv"
        generate(regions, industries, 1, table)
        runs: dict[str, list[dict[str, float]]] = {subject: [] for subject in SUBJECTS}
        for turn in range(repeats):
            for subject, found in runs.items():
                print(f"{size} {subject} {turn + 1}/{repeats}", file=sys.stderr)
                python = Path(sys.executable) if subject == "coopetir" else peers
                found.append(run(python, subject, table, warm))
        rows += [
            {
                "size": size,
                "subject": subject,
                "cpu_seconds": statistics.median(one["cpu_seconds"] for one in found),
                "peak_mb": max(one["peak_mb"] for one in found),
            }
            for subject, found in runs.items()
        ]
        ours = next(row for row in rows if row["size"] == size and row["subject"] == "coopetir")
        for row in rows:
            if row["size"] == size:
                row["times_ours"] = row["cpu_seconds"] / ours["cpu_seconds"]
    return rows


def three_years(size: str, folder: Path) -> dict[str, Any]:
    """The whole verb on three years, files read and written: CPU seconds, peak memory, bytes written."""
    regions, industries = (int(part) for part in size.split("x"))
    table, out = folder / "three-years.parquet", folder / "out"
    generate(regions, industries, 3, table)
    verb = ["-c", "from coopetir.cli.main import main; main()"]
    names = ["--region", "region", "--industry", "industry", "--value", "value", "--period", "year"]
    call = [sys.executable, *verb, "complexity", str(table), *names, "--out", str(out), "--json"]
    script = (
        "import json, resource, subprocess, sys\n"
        "subprocess.run(json.loads(sys.argv[1]), check=True, stdout=subprocess.DEVNULL)\n"
        "used = resource.getrusage(resource.RUSAGE_CHILDREN)\n"
        "print(json.dumps({'cpu_seconds': used.ru_utime + used.ru_stime, 'peak_mb': used.ru_maxrss / 1024}))\n"
    )
    watch = [sys.executable, "-c", script, json.dumps(call)]
    done = subprocess.run(watch, env=os.environ | ONE_THREAD, capture_output=True, text=True, check=True)
    used: dict[str, Any] = json.loads(done.stdout)
    written = sum(file.stat().st_size for file in out.iterdir())
    return {"size": f"{size} × 3 years", **used, "written_mb": written / 2**20}


def report(rows: list[dict[str, Any]], memory: dict[str, Any]) -> str:
    """The tables of benchmarks/README.md."""
    lines = ["| size | subject | CPU s (median) | times ours | peak MB |", "| --- | --- | --- | --- | --- |"]
    lines += [
        f"| {row['size']} | {row['subject']} | {row['cpu_seconds']:.3f} | {row['times_ours']:.1f} "
        f"| {row['peak_mb']:.0f} |"
        for row in rows
    ]
    lines += [
        "",
        (
            f"Whole verb, {memory['size']}, files read and written: {memory['cpu_seconds']:.1f} CPU s, "
            f"peak {memory['peak_mb']:.0f} MB, {memory['written_mb']:.0f} MB written."
        ),
    ]
    return "\n".join(lines)


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--repeats", type=int, default=3)
    parser.add_argument("--sizes", nargs="+", default=list(SIZES))
    parser.add_argument("--out", type=Path, help="write the figures as JSON")
    parser.add_argument("--subject", choices=list(SUBJECTS), help=argparse.SUPPRESS)
    parser.add_argument("--table", type=Path, help=argparse.SUPPRESS)
    parser.add_argument("--warm", type=Path, help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.subject:
        print(json.dumps(measure(given.subject, given.table, given.warm)))
        return
    with tempfile.TemporaryDirectory() as name:
        rows = compare(given.sizes, given.repeats, Path(name))
        memory = three_years(given.sizes[-1], Path(name))
    print(report(rows, memory))
    if given.out:
        machine = {"python": platform.python_version(), "machine": platform.machine(), "cpus": os.cpu_count()}
        figures = {"machine": machine, "subjects": rows, "three_years": memory}
        given.out.write_text(json.dumps(figures, indent=2) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
