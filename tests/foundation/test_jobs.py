"""Long work: progress, cancel, failure in words, and survival of a dead worker."""

from datetime import timedelta

import pytest
from django.utils import timezone

from coopetir.foundation import jobs
from coopetir.foundation.core.errors import CoopetirError
from coopetir.foundation.events import record
from coopetir.foundation.models import Job
from coopetir.foundation.operations.jobs import cancel_job
from coopetir.foundation.permissions import NotAllowed
from factories import NOW, a_director, a_manager

pytestmark = pytest.mark.django_db


@pytest.fixture
def declared(monkeypatch):
    """Declare ``function`` for the event ``test.work.asked`` during one test."""

    def declare(function):
        monkeypatch.setitem(jobs.ON_EVENT, "test.work.asked", function)

    return declare


def ask(director, django_capture_on_commit_callbacks):
    entity = director.roles.get().entity
    with django_capture_on_commit_callbacks(execute=True):
        record("test.work.asked", entity, actor=director, now=NOW)
    return Job.objects.get()


def test_an_event_starts_its_job_after_commit(declared, django_capture_on_commit_callbacks):
    def work(job, progress):
        progress(3, 3, "read")
        return {"rows": 3}

    declared(work)
    director = a_director()
    job = ask(director, django_capture_on_commit_callbacks)
    assert (job.state, job.result, job.percent) == ("done", {"rows": 3}, 100)
    assert job.owner == director
    assert job.entity == director.roles.get().entity


def test_a_refusal_is_kept_with_its_sentence(declared, django_capture_on_commit_callbacks):
    class Refused(CoopetirError):
        code = "test.refused"
        es = "La fila {row} no sirve."

    def work(job, progress):
        raise Refused(row=7)

    declared(work)
    job = ask(a_director(), django_capture_on_commit_callbacks)
    assert job.state == "failed"
    assert job.error["es"] == "La fila 7 no sirve."


def test_a_crash_shows_no_traceback(declared, django_capture_on_commit_callbacks):
    def work(job, progress):
        raise ZeroDivisionError

    declared(work)
    job = ask(a_director(), django_capture_on_commit_callbacks)
    assert job.error["code"] == "work.crashed"
    assert "ZeroDivisionError" in job.error["es"]


def test_work_stops_when_asked(declared, django_capture_on_commit_callbacks):
    steps = []

    def work(job, progress):
        for step in range(10):
            steps.append(step)
            if step == 3:
                Job.objects.filter(pk=job.pk).update(cancel_asked=True)
            progress(10, 10, "count")
        return {}

    declared(work)
    job = ask(a_director(), django_capture_on_commit_callbacks)
    assert job.state == "cancelled"
    assert steps == [0, 1, 2, 3]


def test_only_owner_and_director_cancel():
    director = a_director()
    entity = director.roles.get().entity
    job = Job.objects.create(kind="x", subject_id=1, label="x", owner=director, entity=entity)
    with pytest.raises(NotAllowed):
        cancel_job(job=job, actor=a_manager(entity), now=NOW)
    cancel_job(job=job, actor=director, now=NOW)
    job.refresh_from_db()
    assert job.state == "cancelled"


def test_a_job_whose_worker_died_runs_again_and_gives_up_in_the_end(declared):
    runs = []

    def work(job, progress):
        runs.append(job.attempts)
        return {}

    declared(work)
    dead = timezone.now() - timedelta(minutes=5)
    job = Job.objects.create(
        kind="test.work.asked", subject_id=1, label="x", state="running", heartbeat_at=dead, attempts=1
    )
    tired = Job.objects.create(
        kind="test.work.asked", subject_id=1, label="x", state="running", heartbeat_at=dead, attempts=3
    )
    alive = Job.objects.create(
        kind="test.work.asked",
        subject_id=1,
        label="x",
        state="running",
        heartbeat_at=timezone.now(),
        attempts=1,
    )
    assert jobs.recover_interrupted(now=timezone.now()) == 1
    for row in (job, tired, alive):
        row.refresh_from_db()
    assert (job.state, tired.state, alive.state) == ("done", "failed", "running")
    assert tired.error["code"] == "work.interrupted"
    assert runs == [2]
