"""A process that dies is started again; one that keeps dying ends everything."""

import sys
import time
from itertools import count

import pytest

from coopetir.config import supervision


@pytest.fixture(autouse=True)
def quick(monkeypatch):
    monkeypatch.setattr(supervision, "FIRST_PAUSE", 0.01)


def python(text):
    return [sys.executable, "-c", text]


def test_a_dead_process_comes_back_and_the_others_stay(tmp_path, capsys):
    mark = tmp_path / "mark"
    once = f"import pathlib, time; p = pathlib.Path({str(mark)!r})\nif p.exists(): time.sleep(60)\np.touch()"
    kept = supervision.start_all([python(once), python("import time; time.sleep(60)")])
    first, other = kept[0].process.pid, kept[1].process.pid
    try:
        kept[0].process.wait(timeout=20)
        while kept[0].process.pid == first:
            assert all(supervision._look_at(one, time.monotonic) for one in kept)
        assert kept[0].process.poll() is None
        assert kept[1].process.pid == other
        assert "(1/5)" in capsys.readouterr().err
    finally:
        supervision.stop_all(kept)
    assert all(one.process.poll() is not None for one in kept)


def test_a_process_that_keeps_dying_ends_it():
    kept = supervision.start_all([python("raise SystemExit(7)"), python("import time; time.sleep(60)")])
    try:
        supervision.keep_running(kept, look_every=0.01)
        assert len(kept[0].restarts) == supervision.MOST_RESTARTS
        assert kept[1].process.poll() is None
    finally:
        supervision.stop_all(kept)


def test_restarts_long_ago_are_forgotten():
    kept = supervision.start_all([python("pass")])[0]
    kept.process.wait(timeout=20)
    kept.restarts.extend(range(supervision.MOST_RESTARTS))
    ticks = count(1000, 10)
    assert supervision._look_at(kept, lambda: float(next(ticks)))
    assert not kept.restarts
    supervision.stop_all([kept])
