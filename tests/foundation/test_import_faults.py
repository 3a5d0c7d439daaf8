"""Uploads that go wrong on the server's side never block the next try."""

import shutil

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils import timezone

from coopetir.foundation import jobs
from coopetir.foundation.core.extracts.profile import Profile
from coopetir.foundation.models import ImportBatch, Job
from coopetir.foundation.operations import imports
from coopetir.foundation.operations.jobs import cancel_job
from coopetir.foundation.queries import job_error, sample_file
from factories import a_manager, an_analyst, an_entity

pytestmark = pytest.mark.django_db


@pytest.fixture
def analyst():
    return an_analyst(an_entity())


def send(analyst, *files):
    return imports.start_import(
        entity=analyst.roles.get().entity,
        kind="registry",
        files=list(files) or [imports.SentFile(sample_file("muestra"), "muestra-2023.txt")],
        year=2023,
        actor=analyst,
        now=timezone.now(),
    )


def confirm(batch, analyst):
    imports.confirm_mapping(
        batch=batch, profile=Profile(), header_hash="x", actor=analyst, now=timezone.now()
    )
    return Job.objects.latest("pk")


def test_a_disk_that_fills_while_the_file_arrives_leaves_nothing(analyst, monkeypatch, settings):
    def full(source, target):
        target.write_bytes(b"half")
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(shutil, "copyfile", full)
    with pytest.raises(imports.FilesNotKept, match="No space left"):
        send(analyst)
    assert not ImportBatch.objects.exists()
    assert not list(settings.MEDIA_ROOT.rglob("*muestra*"))
    monkeypatch.undo()
    assert imports.incoming_files(send(analyst))


def test_what_a_rolled_back_upload_left_does_not_block_the_next(analyst, settings):
    """The database gives the same number again; the folder of that number is still there."""
    number = send(analyst).pk + 1
    left = settings.MEDIA_ROOT / "imports" / str(number) / "incoming"
    left.mkdir(parents=True)
    (left / "viejo.txt").write_text("de otro intento")
    batch = send(analyst)
    assert batch.pk == number
    assert [path.name for path in imports.incoming_files(batch)] == ["muestra-2023.txt"]


def test_two_files_of_one_name_are_refused_instead_of_one_hiding_the_other(analyst):
    same = imports.SentFile(sample_file("muestra"), "registro.txt")
    with pytest.raises(imports.SameName, match=r"registro\.txt"):
        send(analyst, same, same)


def cancelled(job, analyst):
    cancel_job(job=job, actor=analyst, now=timezone.now())


def crashed(job, analyst):
    Job.objects.filter(pk=job.pk).update(state="failed", error=jobs.WorkCrashed(kind="MemoryError").to_dict())


def given_up(job, analyst):
    long_ago = timezone.now() - 2 * jobs.STALE
    Job.objects.filter(pk=job.pk).update(state="running", attempts=jobs.MAX_ATTEMPTS, heartbeat_at=long_ago)
    jobs.recover_interrupted(now=timezone.now())


@pytest.mark.parametrize("end", [cancelled, crashed, given_up])
def test_an_upload_whose_reading_ended_without_answer_can_be_tried_again_or_discarded(client, analyst, end):
    batch = send(analyst)
    job = confirm(batch, analyst)
    with pytest.raises(imports.ImportNotReady):
        confirm(batch, analyst)
    end(job, analyst)
    batch.refresh_from_db()
    assert batch.state == "checking"
    client.force_login(analyst)
    page = client.get(f"/datos/cargas/{batch.pk}/").content.decode()
    assert f"/datos/cargas/{batch.pk}/columnas/" in page
    assert f"/datos/cargas/{batch.pk}/descartar/" in page
    jobs.run_job.call(confirm(batch, analyst).pk)
    batch.refresh_from_db()
    assert batch.state in {"ready", "with_errors"}


def test_why_a_reading_failed_is_told_to_those_who_may_see_rows(analyst):
    batch = send(analyst)
    job = confirm(batch, analyst)
    crashed(job, analyst)
    job.refresh_from_db()
    colleague = an_analyst(analyst.roles.get().entity)
    assert "MemoryError" in job_error(analyst, job, "es")
    assert "error of the program" in job_error(colleague, job, "en")
    assert "MemoryError" not in job_error(a_manager(analyst.roles.get().entity), job, "es")


@pytest.mark.parametrize("kind", ["registry", "industries", "cells"])
def test_a_broken_sheet_is_refused_with_a_sentence(client, analyst, kind):
    client.force_login(analyst)
    sent = {"entity": analyst.roles.get().entity.pk, "kind": kind, "year": 2023}
    answer = client.post(
        "/datos/cargas/nueva/", sent | {"files": SimpleUploadedFile("d.xlsx", b"nope")}, follow=True
    )
    assert answer.status_code in {200, 422}
    assert "d.xlsx" in answer.content.decode()
    assert "no se pudo leer" in answer.content.decode().lower()
