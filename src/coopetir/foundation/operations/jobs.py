"""Stopping long work."""

from datetime import datetime

from django.db import transaction

from coopetir.foundation.events import record
from coopetir.foundation.models import Job, User
from coopetir.foundation.permissions import require


@transaction.atomic
def cancel_job(*, job: Job, actor: User, now: datetime) -> None:
    """Ask a job to stop at its next step; one that has not begun ends at once."""
    require(actor, "job.cancel", job)
    if job.is_over:
        return
    ended = Job.objects.filter(pk=job.pk, state=Job.State.QUEUED).update(
        state=Job.State.CANCELLED, finished_at=now, cancel_asked=True
    )
    if not ended:
        Job.objects.filter(pk=job.pk).update(cancel_asked=True)
    record("foundation.job.cancel_asked", job, actor=actor, now=now)
