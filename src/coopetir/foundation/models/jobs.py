"""Long work: one visible row per job, with its progress, attempts, result and owner."""

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _


class Job(models.Model):
    """Work done outside a request. ``kind`` names the function in some capability's ``jobs`` module."""

    class State(models.TextChoices):
        QUEUED = "queued", _("en espera")
        RUNNING = "running", _("en curso")
        DONE = "done", _("terminado")
        FAILED = "failed", _("con error")
        CANCELLED = "cancelled", _("cancelado")

    kind = models.CharField(max_length=60)
    subject_id = models.BigIntegerField()
    label = models.CharField(max_length=200)
    state = models.CharField(max_length=10, choices=State, default=State.QUEUED, db_index=True)
    done = models.BigIntegerField(default=0)
    total = models.BigIntegerField(default=0)
    stage = models.CharField(max_length=40, blank=True)
    attempts = models.PositiveSmallIntegerField(default=0)
    cancel_asked = models.BooleanField(default=False)
    result = models.JSONField(default=dict, blank=True)
    error = models.JSONField(default=dict, blank=True)
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="jobs"
    )
    entity = models.ForeignKey(
        "foundation.ManagingEntity", on_delete=models.CASCADE, null=True, blank=True, related_name="jobs"
    )
    created_at = models.DateTimeField(auto_now_add=True)
    started_at = models.DateTimeField(null=True, blank=True)
    heartbeat_at = models.DateTimeField(null=True, blank=True)
    finished_at = models.DateTimeField(null=True, blank=True)

    STAGES: ClassVar = {
        "read": _("leyendo"),
        "check": _("revisando"),
        "join": _("uniendo"),
        "write": _("guardando"),
        "resample": _("repitiendo con otros datos"),
        "explain": _("explicando"),
    }

    def __str__(self) -> str:
        return f"{self.label} ({self.get_state_display()})"

    @property
    def is_over(self) -> bool:
        return self.state in {self.State.DONE, self.State.FAILED, self.State.CANCELLED}

    @property
    def stage_words(self) -> str:
        """What the work is at, in the reader's language; the code of a stage nobody named."""
        return str(self.STAGES.get(self.stage, self.stage))

    @property
    def percent(self) -> int:
        return 0 if self.total <= 0 else min(100, round(100 * self.done / self.total))
