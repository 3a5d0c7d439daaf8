"""Power cuts, full disks and second thoughts while a real file is being read: everything or nothing.

A real worker process on an installation of its own reads a hundred thousand invented rows and is killed without
warning. These tests start processes and wait for them, so they take seconds each.
"""

from __future__ import annotations

import json
import os
import shutil
import signal
import sqlite3
import subprocess
import sys
import time
from contextlib import closing
from pathlib import Path

import pytest
from django_tasks_db.models import DBTaskResult

from coopetir.identify.core.synthetic import Recipe
from coopetir.identify.core.synthetic_files import write_registry

pytestmark = pytest.mark.slow
ROWS = 100_000
SERVER = [sys.executable, "-m", "coopetir.config.server"]
SET_UP = """
import django; django.setup()
from pathlib import Path
from django.core.management import call_command
from django.utils import timezone
from coopetir.foundation.core.extracts.profile import Profile
from coopetir.foundation.models import ImportBatch
from coopetir.foundation.operations import accounts, imports
call_command("migrate", verbosity=0, interactive=False)
now = timezone.now()
owner = accounts.create_owner(email="d@demo.test", name="D", password="una-clave-larga-1", entity_name="Cámara",
                              department="76", now=now)
entity = owner.roles.get(entity__isnull=False).entity
batch = imports.start_import(entity=entity, kind="registry", files=[imports.SentFile(Path({file!r}), "registro_2023.txt")],
                             year=2023, actor=owner, now=now)
imports.confirm_mapping(batch=batch, profile=Profile(), header_hash="x", actor=owner, now=now)
"""


@pytest.fixture(scope="module")
def extract(tmp_path_factory):
    """One year of a hundred thousand rows, as a chamber delivers it."""
    folder = tmp_path_factory.mktemp("many")
    recipe = Recipe(region="76", firms=20_000, country_firms=75_000, first_year=2022, last_year=2023)
    write_registry(recipe, 4, folder, shape="delivered", dirty=True)
    path = folder / "registro_2023.txt"
    with path.open("rb") as lines:
        assert sum(1 for _ in lines) > 0.9 * ROWS
    return path


class Installation:
    """A home of its own, its worker, and its database read from outside."""

    def __init__(self, home: Path) -> None:
        self.home = home
        self.environment = os.environ | {
            "COOPETIR_HOME": str(home),
            "COOPETIR_JOBS_INLINE": "0",
            "DJANGO_SETTINGS_MODULE": "coopetir.config.settings",
        }

    def python(self, code: str) -> str:
        done = subprocess.run(
            [sys.executable, "-c", code], env=self.environment, capture_output=True, text=True, timeout=120
        )
        assert done.returncode == 0, done.stderr[-3000:]
        return done.stdout

    def worker(self, *options: str, before=None) -> subprocess.Popen:
        return subprocess.Popen(
            [*SERVER, "worker", *options],
            env=self.environment,
            preexec_fn=before,  # noqa: PLW1509  (limits of the child alone)
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )

    def finish(self) -> None:
        process = self.worker("--once")
        assert process.wait(timeout=120) == 0

    def ask(self, query: str) -> list[tuple]:
        with closing(sqlite3.connect(self.home / "coopetir.sqlite3", timeout=30)) as database:
            rows = database.execute(query).fetchall()
            database.commit()
            return rows

    def job(self) -> str:
        return self.ask("select state from foundation_job")[0][0]

    def batch(self) -> str:
        return self.ask("select state from foundation_importbatch")[0][0]

    def files(self) -> set[str]:
        """Files of the upload as readers could find them (half-written folders are hidden and counted apart)."""
        root = self.home / "files"
        return {str(path.relative_to(root)) for path in root.rglob("*") if path.is_file()}

    def wait_until_running(self, seconds: float = 60) -> None:
        end = time.monotonic() + seconds
        while self.job() != "running":
            assert time.monotonic() < end, f"the job is {self.job()}"
            time.sleep(0.02)

    def a_minute_passes(self) -> None:
        """The dead worker's last sign of life becomes old enough to be given up."""
        self.ask("update foundation_job set heartbeat_at = '2020-01-01 00:00:00' where state = 'running'")


@pytest.fixture(scope="module")
def waiting(tmp_path_factory, extract):
    """An installation where the file was sent and its columns confirmed; no worker has run."""
    home = tmp_path_factory.mktemp("waiting") / "home"
    Installation(home).python(SET_UP.format(file=str(extract)))
    return home


@pytest.fixture
def installation(tmp_path, waiting):
    """A copy of it for one test."""
    shutil.copytree(waiting, tmp_path / "home")
    return Installation(tmp_path / "home")


@pytest.mark.parametrize("moment", [0.0, 0.6, 1.5])
def test_a_killed_worker_leaves_nothing_or_everything_and_the_next_one_finishes(installation, moment):
    """Slow: a worker starts, dies at a moment, and another reads the whole file."""
    worker = installation.worker()
    installation.wait_until_running()
    time.sleep(moment)
    worker.send_signal(signal.SIGKILL)
    worker.wait(timeout=20)
    assert not installation.ask("select * from foundation_dataset")
    half = {path for path in installation.files() if "/reading/" in path}
    if installation.batch() == "checking":
        whole = {"firms.parquet", "issues.parquet", "reading.json"}
        assert not half or whole <= {Path(path).name for path in half}
        assert any("/incoming/" in path for path in installation.files()), "what was sent is still there"
    installation.a_minute_passes()
    installation.finish()
    assert installation.job() == "done"
    assert installation.batch() in {"ready", "with_errors"}
    left = installation.files()
    assert any(path.endswith("/reading/firms.parquet") for path in left)
    assert not [path for path in left if ".partial-" in path or "/incoming/" in path]
    quality = json.loads(installation.ask("select quality from foundation_importbatch")[0][0])
    assert quality["rows_read"] > 0.9 * ROWS


def test_a_reading_stored_by_a_worker_that_then_died_is_not_done_again(installation):
    """Slow: a whole reading, then the moment between the stored reading and the finished job."""
    installation.finish()
    state, before = installation.batch(), installation.files()
    installation.ask("update foundation_job set state = 'running', heartbeat_at = '2020-01-01 00:00:00'")
    installation.finish()
    assert (installation.job(), installation.batch(), installation.files()) == ("done", state, before)


def test_a_job_whose_process_died_before_handing_it_over_is_taken_up(installation):
    """Slow: a whole reading."""
    installation.ask(f"delete from {DBTaskResult._meta.db_table}")  # noqa: S608  (our own table)
    installation.ask("update foundation_job set created_at = '2020-01-01 00:00:00'")
    installation.finish()
    assert installation.job() == "done"


def test_a_cancelled_reading_leaves_the_upload_ready_for_another_try(installation):
    """Slow: a worker reads until it is told to stop, then another reads everything."""
    worker = installation.worker("--once")
    installation.wait_until_running()
    installation.ask("update foundation_job set cancel_asked = 1")
    assert worker.wait(timeout=60) == 0
    assert installation.job() == "cancelled"
    assert installation.batch() == "failed"
    assert not [path for path in installation.files() if "/reading/" in path or ".partial-" in path]
    assert any("/incoming/" in path for path in installation.files())
    installation.python(
        "import django; django.setup()\n"
        "from django.utils import timezone\n"
        "from coopetir.foundation.core.extracts.profile import Profile\n"
        "from coopetir.foundation.models import ImportBatch\n"
        "from coopetir.foundation.operations import imports\n"
        "b = ImportBatch.objects.get()\n"
        "imports.confirm_mapping(batch=b, profile=Profile(), header_hash='x', actor=b.uploaded_by, now=timezone.now())"
    )
    installation.finish()
    assert installation.batch() in {"ready", "with_errors"}


def test_a_disk_that_fills_up_is_named_and_leaves_no_half_file(installation):
    """Slow: files of the worker may not grow beyond two megabytes, as if the disk were full."""
    import resource

    def full() -> None:
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        resource.setrlimit(resource.RLIMIT_FSIZE, (2 << 20, 2 << 20))

    worker = installation.worker("--once", before=full)
    worker.wait(timeout=120)
    assert installation.job() == "failed"
    error = json.loads(installation.ask("select error from foundation_job")[0][0])
    assert error["code"] == "output.not_written", error
    assert "espacio en disco" in error["es"]
    assert installation.batch() == "failed"
    assert not [path for path in installation.files() if "/reading/" in path or ".partial-" in path]
    assert not installation.ask("select * from foundation_dataset")


def test_the_page_that_watches_survives_a_restart_of_the_server(installation):
    """Slow: the worker is stopped politely half-way, as when a machine restarts; the work goes on afterwards."""
    worker = installation.worker()
    installation.wait_until_running()
    worker.terminate()
    worker.wait(timeout=60)
    installation.a_minute_passes()
    installation.finish()
    assert installation.job() == "done"
    assert installation.batch() in {"ready", "with_errors"}
