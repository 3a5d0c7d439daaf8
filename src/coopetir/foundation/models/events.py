"""What happened: one append-only table that is audit trail, activity feed and source of notifications."""

from typing import Any, ClassVar

from django.conf import settings
from django.db import models


class EventIsFinal(TypeError):
    """An event is never changed or deleted."""


class EventQuerySet(models.QuerySet["Event"]):
    """Refuses in bulk what the model refuses one by one."""

    def update(self, **kwargs: Any) -> int:
        raise EventIsFinal

    def delete(self) -> tuple[int, dict[str, int]]:
        raise EventIsFinal


class Event(models.Model):
    """Who did what to which object, before and after (without reserved values), why and when."""

    at = models.DateTimeField(db_index=True)
    actor = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    action = models.CharField(max_length=80, db_index=True)
    subject_type = models.CharField(max_length=60)
    subject_id = models.CharField(max_length=40)
    subject_label = models.CharField(max_length=200)
    entity_id = models.BigIntegerField(null=True, db_index=True)
    before = models.JSONField(default=dict, blank=True)
    after = models.JSONField(default=dict, blank=True)
    reason = models.TextField(blank=True)

    objects = EventQuerySet.as_manager()

    class Meta:
        indexes: ClassVar = [models.Index(fields=["subject_type", "subject_id"])]

    def __str__(self) -> str:
        return f"{self.at:%Y-%m-%d %H:%M} {self.action} {self.subject_label}"

    def save(self, *args: Any, **kwargs: Any) -> None:
        if self.pk is not None:
            raise EventIsFinal
        super().save(*args, **kwargs)

    def delete(self, *args: Any, **kwargs: Any) -> tuple[int, dict[str, int]]:
        raise EventIsFinal
