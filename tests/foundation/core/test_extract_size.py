"""Half a million rows: how long and how much memory, measured in a process of its own."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

SENT = Path(__file__).resolve().parents[2] / "data" / "extracts" / "delivered_2024.txt"
ROWS = 500_000
CODE = """
import json, resource, sys, time
from coopetir.foundation.core.extracts.reading import read_extract
stages = []
def progress(done, total, stage):
    stages.append((done / total, stage))
reading = read_extract(sys.argv[1], out=sys.argv[2], progress=progress)
print(json.dumps({
    "cpu": time.process_time(), "mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024,
    "rows": reading.quality.rows_read, "firms": reading.quality.firms, "branches": reading.quality.branches,
    "dropped": reading.quality.rows_dropped, "shares": [share for share, _ in stages],
}))
"""


@pytest.mark.slow
def test_half_a_million_rows_in_a_minute_and_bounded_memory(tmp_path):
    """Slow because it reads a file of 70 MB; the limits are those the product promises."""
    lines = SENT.read_text("latin-1").splitlines()
    body = [line.split("|", 4) for line in lines[1:31]]
    path = tmp_path / "registro_2024.txt"
    with path.open("w", encoding="latin-1") as stream:
        stream.write(lines[0] + "\n")
        for n in range(ROWS):
            _, name, kind, number, rest = body[n % 30]
            company = number.startswith("9")
            stream.write(
                f"{n + 1:010d}|{name}|{kind}|{900000000 + n if company else 1000000000 + n}|{rest}\n"
            )
    run = subprocess.run(
        [sys.executable, "-c", CODE, str(path), str(tmp_path / "out")], capture_output=True, text=True
    )
    assert run.returncode == 0, run.stderr
    found = json.loads(run.stdout)
    assert found["rows"] == found["firms"] + found["branches"] + found["dropped"] == ROWS
    assert found["firms"] == ROWS
    assert found["shares"] == sorted(found["shares"])
    assert found["shares"][-1] == 1.0
    assert found["cpu"] < 60
    # 500 to 620 MB on its own; once 1,060 MB beside another process that held the other core.
    assert found["mb"] < 1536
