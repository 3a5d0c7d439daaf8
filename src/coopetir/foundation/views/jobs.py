"""Long work, watched and stopped."""

from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import get_language
from django.views.decorators.http import require_POST

from coopetir.foundation import queries
from coopetir.foundation.middleware import Request
from coopetir.foundation.operations.jobs import cancel_job


def job(request: Request, job_id: int) -> HttpResponse:
    found = get_object_or_404(queries.jobs_visible_to(request.user), pk=job_id)
    template = "foundation/job.html#progress" if request.htmx else "foundation/job.html"
    error = queries.job_error(request.user, found, get_language() or "es")
    return render(request, template, {"job": found, "error_sentence": error})


def job_list(request: Request) -> HttpResponse:
    return render(request, "foundation/job_list.html", {"jobs": queries.jobs_visible_to(request.user)[:50]})


@require_POST
def cancel(request: Request, job_id: int) -> HttpResponse:
    found = get_object_or_404(queries.jobs_visible_to(request.user), pk=job_id)
    cancel_job(job=found, actor=request.user, now=timezone.now())
    return redirect("foundation:job", job_id=job_id)
