"""Uploads: send, say which column is which, read the report, put in use, take out again."""

from __future__ import annotations

import hashlib
import tempfile
from pathlib import Path
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.core.files.uploadedfile import UploadedFile
from django.http import FileResponse, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from coopetir.foundation import queries
from coopetir.foundation.core.errors import CoopetirError
from coopetir.foundation.core.extracts.detect import Mapping, propose_mapping
from coopetir.foundation.core.extracts.issues import escape_formulas
from coopetir.foundation.core.extracts.profile import Profile, parse_profile
from coopetir.foundation.core.extracts.sniffing import Sniff, sniff
from coopetir.foundation.core.tables import read_table, write_table
from coopetir.foundation.forms import MappingForm, UploadForm
from coopetir.foundation.middleware import Request
from coopetir.foundation.models import Dataset, ImportBatch, Job, MappingProfile
from coopetir.foundation.operations import imports, plain_tables
from coopetir.foundation.permissions import require
from coopetir.foundation.views.accounts import add_refusal

WAITING = {ImportBatch.State.READY, ImportBatch.State.WITH_ERRORS}
"""Uploads that somebody may put in use."""


def steps(current: int) -> list[dict[str, str]]:
    """Where a person is on the way from file to first verdict."""
    labels = [_("Enviar"), _("Columnas"), _("Revisar"), _("Usar")]
    states = ["done" if place < current else "current" if place == current else "todo" for place in range(4)]
    return [{"label": label, "state": state} for label, state in zip(labels, states, strict=True)]


def import_list(request: Request) -> HttpResponse:
    require(request.user, "dataset.import")
    context = {
        "batches": queries.imports_visible_to(request.user),
        "datasets": queries.datasets_visible_to(request.user).select_related("batch"),
    }
    return render(request, "foundation/import_list.html", context)


def upload(request: Request) -> HttpResponse:
    require(request.user, "dataset.import")
    entities = queries.importable_entities(request.user)
    form = UploadForm(request.POST or None, request.FILES or None, entities=entities)
    if request.method == "POST" and form.is_valid():
        try:
            batch = _start(request, form.cleaned_data)
        except CoopetirError as error:
            add_refusal(form, error)
        else:
            page = "import_map" if batch.state == ImportBatch.State.UPLOADED else "import"
            return redirect(f"foundation:{page}", batch_id=batch.pk)
    context = {"form": form, "steps": steps(0)}
    return render(request, "foundation/import_upload.html", context, status=422 if form.errors else 200)


def _start(request: Request, data: dict[str, Any]) -> ImportBatch:
    """Hand the uploaded files on where the framework left them; only the operation keeps anything."""
    with tempfile.TemporaryDirectory() as folder:
        sent = [
            imports.SentFile(_on_disk(file, Path(folder)), Path(file.name or "archivo").name)
            for file in data["files"]
        ]
        common = {"entity": data["entity"], "actor": request.user, "now": timezone.now()}
        if data["kind"] == ImportBatch.Kind.INDUSTRIES:
            return plain_tables.add_industry_table(file=sent[0], **common).batch
        if data["kind"] == ImportBatch.Kind.CELLS:
            return plain_tables.add_jobs_table(file=sent[0], year=data["year"], **common).batch
        return imports.start_import(kind=data["kind"], files=sent, year=data["year"], **common)


def _on_disk(file: UploadedFile, folder: Path) -> Path:
    if hasattr(file, "temporary_file_path"):
        return Path(file.temporary_file_path())
    path = folder / Path(file.name or "archivo").name
    path.write_bytes(file.read())
    return path


def import_map(request: Request, batch_id: int) -> HttpResponse:
    batch = get_object_or_404(queries.imports_visible_to(request.user), pk=batch_id)
    seen = sniff(imports.incoming_files(batch)[0])
    header_hash = hashlib.sha256("|".join(seen.headers).encode()).hexdigest()
    remembered = MappingProfile.objects.filter(entity=batch.entity, header_hash=header_hash).first()
    known = parse_profile(remembered.toml, source="perfil.toml") if remembered else None
    mapping = propose_mapping(seen, known)
    form = MappingForm(
        request.POST if request.method == "POST" else None,
        seen=seen,
        mapping=mapping,
        profile=known,
        year=batch.year,
    )
    if request.method == "POST" and form.is_valid():
        profile = form.profile(name=batch.file_name[:120])
        imports.confirm_mapping(
            batch=batch, profile=profile, header_hash=header_hash, actor=request.user, now=timezone.now()
        )
        return redirect("foundation:import", batch_id=batch.pk)
    context = _mapping_context(batch, seen, mapping, form, known)
    return render(request, "foundation/import_map.html", context, status=422 if form.errors else 200)


def _mapping_context(
    batch: ImportBatch, seen: Sniff, mapping: Mapping, form: MappingForm, known: Profile | None
) -> dict[str, Any]:
    english = (get_language() or "es").startswith("en")
    return {
        "batch": batch,
        "seen": seen,
        "mapping": mapping,
        "form": form,
        "remembered": known is not None,
        "error_sentence": batch.reading.get("error", {}).get("en" if english else "es", ""),
        "questions": [question.en if english else question.es for question in mapping.questions],
        "steps": steps(1),
    }


def import_detail(request: Request, batch_id: int) -> HttpResponse:
    batch = get_object_or_404(queries.imports_visible_to(request.user), pk=batch_id)
    job = Job.objects.filter(kind="foundation.import.mapped", subject_id=batch.pk).order_by("-pk").first()
    english = (get_language() or "es").startswith("en")
    context = {
        "batch": batch,
        "job": job,
        "error_sentence": queries.job_error(request.user, job, get_language() or "es"),
        "abandoned": imports.is_abandoned(batch),
        "steps": steps(4 if batch.state == ImportBatch.State.APPLIED else 2),
        "report": queries.import_report(batch, english=english),
        "notes": queries.table_notes(batch, english=english),
        "overlap": queries.overlapping(batch) if batch.state in WAITING else None,
    }
    return render(request, "foundation/import_detail.html", context)


@require_POST
def apply(request: Request, batch_id: int) -> HttpResponse:
    batch = get_object_or_404(queries.imports_visible_to(request.user), pk=batch_id)
    imports.apply_import(batch=batch, actor=request.user, now=timezone.now())
    messages.success(request, _("Los datos están en uso."))
    return redirect("foundation:import", batch_id=batch.pk)


@require_POST
def revert(request: Request, batch_id: int) -> HttpResponse:
    batch = get_object_or_404(queries.imports_visible_to(request.user), pk=batch_id)
    dataset = get_object_or_404(Dataset, batch=batch, reverted_at__isnull=True)
    imports.revert_import(dataset=dataset, actor=request.user, now=timezone.now())
    messages.success(request, _("Los datos ya no están en uso; puede volver a subirlos cuando quiera."))
    return redirect("foundation:import_list")


@require_POST
def discard(request: Request, batch_id: int) -> HttpResponse:
    batch = get_object_or_404(queries.imports_visible_to(request.user), pk=batch_id)
    imports.discard_import(batch=batch, actor=request.user, now=timezone.now())
    return redirect("foundation:import_list")


def issues(request: Request, batch_id: int, suffix: str) -> FileResponse:
    """Every finding with its row, column, value and remedy, as CSV or XLSX."""
    batch = get_object_or_404(queries.imports_visible_to(request.user), pk=batch_id)
    path = imports.folder_of(batch) / "reading" / "issues.parquet"
    with tempfile.TemporaryDirectory() as folder:
        target = Path(folder) / f"hallazgos-{batch.pk}.{suffix}"
        found = read_table(path)
        write_table(escape_formulas(found) if suffix == "csv" else found, target)
        return FileResponse(target.open("rb"), as_attachment=True, filename=target.name)


@login_not_required
def sample(request: Request, name: str) -> FileResponse:
    """The template and the dirty sample to try with: invented, labelled so."""
    path = queries.sample_file(name)
    return FileResponse(path.open("rb"), as_attachment=True, filename=path.name)
