"""Long work outside the request: which event starts which job, and how a job runs, stops and survives.

Each capability's ``jobs`` module calls :func:`declare` with ``{"event action": function}``. When such an event is
recorded, a :class:`~coopetir.foundation.models.Job` row is written in the same transaction and queued after it
commits. The function gets the job and a progress callback; it must be idempotent, since a job whose worker died
is run again.
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.db import connection, transaction
from django.utils import timezone
from django_tasks import TaskResultStatus, task
from django_tasks_db.models import DBTaskResult

from coopetir.foundation import events
from coopetir.foundation.core.errors import Cancelled, CoopetirError
from coopetir.foundation.core.extracts.profile import parse_profile
from coopetir.foundation.core.extracts.reading import read_extract
from coopetir.foundation.core.progress import Progress
from coopetir.foundation.models import Event, ImportBatch, Job
from coopetir.foundation.operations import imports

log = logging.getLogger(__name__)

JobFunction = Callable[[Job, Progress], dict[str, Any]]
ON_EVENT: dict[str, JobFunction] = {}

HEARTBEAT_SECONDS = 10
STALE = timedelta(seconds=60)
MAX_ATTEMPTS = 3
HOUSEKEEPING_SECONDS = 20


class WorkCrashed(CoopetirError):
    code = "work.crashed"
    es = "El trabajo falló por un error del programa ({kind}). Quedó registrado; no se guardó nada a medias."
    en = "The work failed through an error of the program ({kind}). It is logged; nothing half-done was kept."


class WorkInterrupted(CoopetirError):
    code = "work.interrupted"
    es = "El trabajo se interrumpió {attempts} veces. Revise memoria y disco, y vuelva a lanzarlo."
    en = "The work was interrupted {attempts} times. Check memory and disk, and start it again."


def declare(table: Mapping[str, JobFunction]) -> None:
    """Say which event starts which function."""
    ON_EVENT.update(table)


def _start_on(event: Event) -> None:
    if event.action not in ON_EVENT:
        return
    job = Job.objects.create(
        kind=event.action,
        subject_id=int(event.subject_id),
        label=event.subject_label,
        owner=event.actor,
        entity_id=event.entity_id,
    )
    transaction.on_commit(lambda: run_job.enqueue(job.pk))


events.LISTENERS.append(_start_on)


@task()
def run_job(job_id: int) -> None:
    """Run one queued job to its end; does nothing when another worker took it or it was cancelled."""
    now = timezone.now()
    taken = Job.objects.filter(pk=job_id, state=Job.State.QUEUED).update(
        state=Job.State.RUNNING, started_at=now, heartbeat_at=now, error={}
    )
    if not taken:
        return
    job = Job.objects.get(pk=job_id)
    job.attempts += 1
    Job.objects.filter(pk=job_id).update(attempts=job.attempts)
    with _heart_beating(job_id):
        state, outcome = _outcome(job)
    Job.objects.filter(pk=job_id).update(state=state, finished_at=timezone.now(), **outcome)


def _outcome(job: Job) -> tuple[str, dict[str, Any]]:
    try:
        return Job.State.DONE, {"result": ON_EVENT[job.kind](job, _Report(job.pk))}
    except Cancelled as error:
        return Job.State.CANCELLED, {"error": error.to_dict()}
    except CoopetirError as error:
        return Job.State.FAILED, {"error": error.to_dict()}
    except Exception as error:
        log.exception("job %s (%s) failed", job.pk, job.kind)
        return Job.State.FAILED, {"error": WorkCrashed(kind=type(error).__name__).to_dict()}


class _Report:
    """Writes progress at most twice a second, and stops the work when somebody asked for it."""

    def __init__(self, job_id: int) -> None:
        self.job_id = job_id
        self.last = 0.0

    def __call__(self, done: int, total: int, stage: str) -> None:
        if time.monotonic() - self.last < 0.5 and done < total:
            return
        self.last = time.monotonic()
        rows = Job.objects.filter(pk=self.job_id)
        rows.update(done=done, total=total, stage=stage, heartbeat_at=timezone.now())
        if rows.filter(cancel_asked=True).exists():
            raise Cancelled


@contextmanager
def _heart_beating(job_id: int) -> Iterator[None]:
    """Show that the worker lives while one long query reports nothing."""
    if settings.JOBS_INLINE:
        yield
        return
    stop = threading.Event()

    def beat() -> None:
        while not stop.wait(HEARTBEAT_SECONDS):
            Job.objects.filter(pk=job_id).update(heartbeat_at=timezone.now())
        connection.close()

    thread = threading.Thread(target=beat, daemon=True)
    thread.start()
    try:
        yield
    finally:
        stop.set()
        thread.join()


def recover_interrupted(*, now: datetime, stale: timedelta = STALE) -> int:
    """Queue again the jobs whose worker died; give up after :data:`MAX_ATTEMPTS`. Returns how many were queued.

    A job that waits but whose process died before handing it to the queue is handed over again; a job handed over
    twice still runs once.
    """
    queued = 0
    for job in Job.objects.filter(state=Job.State.QUEUED, created_at__lt=now - stale):
        if not _is_handed_over(job):
            run_job.enqueue(job.pk)
            queued += 1
    for job in Job.objects.filter(state=Job.State.RUNNING, heartbeat_at__lt=now - stale):
        if job.attempts >= MAX_ATTEMPTS:
            error = WorkInterrupted(attempts=job.attempts).to_dict()
            Job.objects.filter(pk=job.pk).update(state=Job.State.FAILED, error=error, finished_at=now)
            continue
        Job.objects.filter(pk=job.pk).update(state=Job.State.QUEUED, done=0, stage="")
        run_job.enqueue(job.pk)
        queued += 1
    return queued


def keep_house(stop: threading.Event) -> None:
    """Until told to stop: take up the work of workers that died, and delete files nobody will read."""
    while not stop.wait(HOUSEKEEPING_SECONDS):
        try:
            recover_interrupted(now=timezone.now())
            imports.sweep_incoming(now=timezone.now())
        except Exception:
            log.exception("housekeeping failed; it is tried again")
        connection.close()


def _is_handed_over(job: Job) -> bool:
    waiting = DBTaskResult.objects.filter(status=TaskResultStatus.READY, task_path=run_job.module_path)
    return any(row.args_kwargs.get("args") == [job.pk] for row in waiting)


def read_import(job: Job, progress: Progress) -> dict[str, Any]:
    """Read an upload as its profile says; a refusal leaves it waiting for another mapping."""
    batch = ImportBatch.objects.select_related("entity").get(pk=job.subject_id)
    done = {"url": f"/datos/cargas/{batch.pk}/"}
    if batch.state != ImportBatch.State.CHECKING:
        return done  # its worker died after the reading was stored and before the job was
    profile = parse_profile(batch.profile_toml, source="perfil.toml")
    out = imports.folder_of(batch) / "reading"
    try:
        reading = read_extract(
            imports.incoming_files(batch), profile, out=out, year=batch.year, progress=progress
        )
    except CoopetirError as error:
        imports.mark_failed(batch=batch, error=error, now=timezone.now())
        raise
    imports.store_reading(batch=batch, reading=reading, now=timezone.now())
    return done | {"firms": reading.quality.firms}


declare({imports.READ_EVENT: read_import})
