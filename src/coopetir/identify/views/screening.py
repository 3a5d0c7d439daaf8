"""Screenings: from a first draft to a decided board."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.db.models import QuerySet
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import get_language, ngettext
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from coopetir.foundation.core.errors import CoopetirError
from coopetir.foundation.middleware import Request
from coopetir.foundation.models import Dataset, ImportBatch, Job, ManagingEntity
from coopetir.foundation.permissions import can, require
from coopetir.foundation.queries import datasets_visible_to, importable_entities, job_error
from coopetir.foundation.views.accounts import add_refusal
from coopetir.identify.core.family_sets import division_families, nine_families
from coopetir.identify.core.method import shipped_text
from coopetir.identify.core.method_text import changed_text
from coopetir.identify.forms import FamilyForm, MethodForm, SaveViewForm, ScreeningForm
from coopetir.identify.models import SavedView, Screening
from coopetir.identify.operations import screenings, sharing
from coopetir.identify.queries import screenings as queries

START = {"nine": nine_families, "divisions": division_families}


def language() -> str:
    return get_language() or "es"


def page_of(request: Request, screening_id: int) -> Screening:
    return get_object_or_404(queries.screenings_visible_to(request.user), pk=screening_id)


def data_label(screening: Screening) -> dict[str, str] | None:
    """What every page of invented data says."""
    if not screening.entity.invented:
        return None
    return {"kind": "invented", "text": _("Región Demo: empresas y cifras inventadas.")}


@login_not_required
def home(request: Request) -> HttpResponse:
    found = queries.screenings_visible_to(request.user).exclude(state=Screening.State.ARCHIVED)
    views = SavedView.objects.filter(owner_id=request.user.pk or 0).order_by("-created_at")[:20]
    context = {"screenings": found[:50], "views": views, "may_import": can(request.user, "dataset.import")}
    return render(request, "identify/home.html", context)


@login_not_required
def start(request: Request) -> HttpResponse:
    """What "with my data" takes, and where a person is on that way."""
    context: dict[str, Any] = {"may_import": can(request.user, "dataset.import")}
    if context["may_import"]:
        context["datasets"] = datasets_visible_to(request.user)[:10]
    return render(request, "identify/start.html", context)


def screening_new(request: Request) -> HttpResponse:
    require(request.user, "screening.create")
    datasets = datasets_visible_to(request.user)
    entities = importable_entities(request.user)
    initial = _first_answers(datasets, entities, request.GET.getlist("dataset"))
    form = ScreeningForm(
        request.POST or None,
        initial=initial,
        entities=entities,
        datasets=datasets,
        previous=queries.screenings_visible_to(request.user).filter(entity__in=entities),
    )
    if request.method == "POST" and form.is_valid():
        try:
            screening = _create(request, form.cleaned_data)
        except CoopetirError as error:
            add_refusal(form, error)
        else:
            return redirect("identify:screening", screening_id=screening.pk)
    context = {"form": form, "datasets": datasets}
    return render(request, "identify/screening_new.html", context, status=422 if form.errors else 200)


def _first_answers(
    datasets: QuerySet[Dataset], entities: QuerySet[ManagingEntity], asked: list[str]
) -> dict[str, Any]:
    """All that an entity has in use of firms and their industries, named by the newest year.

    The entity is that of the tables asked for, else the first. A table of jobs is of use only where there is no
    registry, so it is ticked when asked for or when there is nothing else.
    """
    rows = list(datasets.select_related("batch", "entity"))
    wanted = [row for row in rows if str(row.pk) in asked]
    entity = wanted[0].entity if wanted else entities.first()
    own = [row for row in rows if row.entity == entity]
    kinds = (ImportBatch.Kind.REGISTRY, ImportBatch.Kind.INDUSTRIES)
    chosen = [row for row in own if row.kind in kinds or row in wanted] or own
    years = [int(year) for row in chosen for year in row.batch.quality.get("years", [])]
    name = _("Tamizaje %(year)s") % {"year": max(years)} if years else _("Primer tamizaje")
    return {"entity": entity, "datasets": [row.pk for row in chosen], "name": name}


def _create(request: Request, data: dict[str, Any]) -> Screening:
    screening = screenings.create_screening(
        entity=data["entity"],
        name=data["name"],
        department=data["entity"].department,
        datasets=list(data["datasets"]),
        families=START[data["families"]](),
        method_toml=shipped_text(),
        previous=data["previous"],
        actor=request.user,
        now=timezone.now(),
    )
    screenings.request_computation(screening=screening, actor=request.user, now=timezone.now())
    return screening


@login_not_required
def screening(request: Request, screening_id: int) -> HttpResponse:
    found = page_of(request, screening_id)
    job = Job.objects.filter(kind="identify.screening.requested", subject_id=found.pk).order_by("-pk").first()
    internal = queries.may_see_firms(request.user, found)
    rows = queries.board(request.user, found, language()) if found.state != Screening.State.DRAFT else []
    context = {
        "screening": found,
        "job": job if internal else None,
        "running": bool(internal and job and not job.is_over),
        "error_sentence": job_error(request.user, job, language()),
        "internal": internal,
        "may_publish": can(request.user, "screening.publish", found),
        "rows": [_board_row(found, row) for row in rows],
        "qualifying": [row for row in rows if row.verdict.outcome == "qualifies"],
        "method_source": " ".join(map(str, (found.summary.get("method") or {}).values()))[:40],
        "data_label": data_label(found),
        "save_form": SaveViewForm(initial={"address": request.get_full_path(), "name": found.name}),
    }
    return render(request, "identify/screening.html", context)


def _board_row(screening: Screening, row: queries.Shown) -> dict[str, Any]:
    decision = getattr(row.verdict, "decision", None)
    return {
        "name": row.verdict.label,
        "url": reverse("identify:verdict", args=[screening.pk, row.verdict.family]),
        "verdict": row.verdict.outcome,
        "stability": row.verdict.stability,
        "fragile": row.verdict.detail["row"].get("label") == "fragile",
        "grades": row.grades,
        "decision": decision.get_decided_display() if decision and decision.decided else "",
        "reason": row.sentences[1],
    }


@require_POST
def compute(request: Request, screening_id: int) -> HttpResponse:
    found = page_of(request, screening_id)
    screenings.request_computation(screening=found, actor=request.user, now=timezone.now())
    return redirect("identify:screening", screening_id=found.pk)


def families(request: Request, screening_id: int, family: str = "") -> HttpResponse:
    found = page_of(request, screening_id)
    require(request.user, "screening.edit", found)
    chosen = next((row for row in found.families if row["family"] == family), None)
    initial = {"label": chosen["label"], "industries": ", ".join(chosen["industries"])} if chosen else None
    form = FamilyForm(request.POST or None, initial=initial)
    if request.method == "POST" and form.is_valid():
        try:
            _save_family(request, found, family, form.cleaned_data)
        except CoopetirError as error:
            add_refusal(form, error)
        else:
            return redirect("identify:families", screening_id=found.pk)
    context = {
        "screening": found,
        "form": form,
        "chosen": chosen,
        "edits": found.edits.count(),
        "data_label": data_label(found),
    }
    return render(request, "identify/families.html", context, status=422 if form.errors else 200)


def _save_family(request: Request, found: Screening, family: str, data: dict[str, Any]) -> None:
    new = {
        "family": family or f"propia_{found.edits.count() + 1}",
        "label": data["label"],
        "industries": data["industries"],
        "local": False,
    }
    kept = [new if row["family"] == family else row for row in found.families]
    edited = kept if family else [*kept, new]
    screenings.edit_families(
        screening=found, families=edited, what=data["label"], actor=request.user, now=timezone.now()
    )


@require_POST
def family_remove(request: Request, screening_id: int, family: str) -> HttpResponse:
    found = page_of(request, screening_id)
    kept = [row for row in found.families if row["family"] != family]
    screenings.edit_families(
        screening=found, families=kept, what=family, actor=request.user, now=timezone.now()
    )
    messages.success(request, _("Se quitó la familia. Puede deshacerlo."))
    return redirect("identify:families", screening_id=found.pk)


@require_POST
def families_undo(request: Request, screening_id: int) -> HttpResponse:
    found = page_of(request, screening_id)
    undone = screenings.undo_families(screening=found, actor=request.user, now=timezone.now())
    messages.success(request, _("Se deshizo el cambio «%(what)s».") % {"what": undone.what})
    return redirect("identify:families", screening_id=found.pk)


def method(request: Request, screening_id: int) -> HttpResponse:
    found = page_of(request, screening_id)
    require(request.user, "screening.edit", found)
    form = MethodForm(request.POST or None, plain=queries.method_of(found).to_dict())
    if request.method == "POST" and form.is_valid():
        try:
            text = changed_text(found.method_toml, form.thresholds())
            screenings.change_method(
                screening=found, method_toml=text, actor=request.user, now=timezone.now()
            )
        except CoopetirError as error:
            add_refusal(form, error)
        else:
            messages.success(request, _("El Método cambió: calcule de nuevo para ver los veredictos."))
            return redirect("identify:screening", screening_id=found.pk)
    context = {
        "screening": found,
        "form": form,
        "method": queries.method_of(found),
        "data_label": data_label(found),
    }
    return render(request, "identify/method.html", context, status=422 if form.errors else 200)


@login_not_required
def compare(request: Request, screening_id: int) -> HttpResponse:
    found = page_of(request, screening_id)
    changes = queries.changes(request.user, found, language())
    moved = sorted((row for row in changes if row.before != row.after), key=_most_telling)
    context = {
        "screening": found,
        "moved": moved,
        "same": [row for row in changes if row.before == row.after],
        "lead": _what_moved(moved),
        "next_step": {
            "label": _("Ver el tablero de hoy"),
            "url": reverse("identify:screening", args=[found.pk]),
        },
        "data_label": data_label(found),
    }
    return render(request, "identify/compare.html", context)


def _most_telling(row: queries.Change) -> tuple[int, str]:
    """Those that now qualify, then by what they are now; families that are gone come last."""
    return queries.ORDER.index(row.after) if row.after else len(queries.ORDER), row.label


def _what_moved(moved: list[queries.Change]) -> str:
    """How many verdicts changed, and in which direction."""
    good = {"qualifies", "candidate"}
    new = sum(row.after == "qualifies" for row in moved)
    lost = sum(row.before == "qualifies" for row in moved)
    came = sum(row.after == "candidate" and row.before not in good for row in moved)
    left = sum(row.before == "candidate" and row.after not in good for row in moved)
    other = sum(row.before not in good and row.after not in good for row in moved)
    said = [
        (new, ngettext("%(count)s nueva califica", "%(count)s nuevas califican", new)),
        (lost, ngettext("%(count)s dejó de calificar", "%(count)s dejaron de calificar", lost)),
        (came, ngettext("%(count)s pasó a ser candidata", "%(count)s pasaron a ser candidatas", came)),
        (left, ngettext("%(count)s dejó de ser candidata", "%(count)s dejaron de ser candidatas", left)),
        (other, ngettext("%(count)s cambió de otra manera", "%(count)s cambiaron de otra manera", other)),
    ]
    text = ", ".join(words % {"count": count} for count, words in said if count)
    return f"{text}." if text else _("Ningún veredicto cambió; cambiaron algunas luces.")


@require_POST
def publish(request: Request, screening_id: int) -> HttpResponse:
    found = page_of(request, screening_id)
    screenings.publish_screening(screening=found, actor=request.user, now=timezone.now())
    messages.success(request, _("El tamizaje es público, en su edición protegida."))
    return redirect("identify:screening", screening_id=found.pk)


@require_POST
def archive(request: Request, screening_id: int) -> HttpResponse:
    found = page_of(request, screening_id)
    screenings.archive_screening(screening=found, actor=request.user, now=timezone.now())
    return redirect("identify:home")


@require_POST
def save_view(request: Request) -> HttpResponse:
    form = SaveViewForm(request.POST)
    if not form.is_valid():
        messages.error(request, _("Escriba un nombre para la vista."))
        return redirect("identify:home")
    view = sharing.save_view(**form.cleaned_data, entity=None, actor=request.user, now=timezone.now())
    messages.success(request, _("Vista guardada: la encuentra en Identificar."))
    return redirect(view.address)


@require_POST
def delete_view(request: Request, view_id: int) -> HttpResponse:
    view = get_object_or_404(SavedView, pk=view_id, owner=request.user)
    sharing.delete_view(view=view, actor=request.user, now=timezone.now())
    return redirect("identify:home")
