"""What was uploaded, how it was read, and the tables that came of it.

Rows of firms live in Parquet files under ``MEDIA_ROOT``, not in the database: half a million firms a year are
read by the analytic engine, never one by one. The database row is the switch: a file without a row in state
*applied* is invisible and is swept away, so a kill at any moment leaves nothing or everything.
"""

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _


class MappingProfile(models.Model):
    """How an entity's extracts are read: which header is which column. Remembered from the last upload."""

    entity = models.ForeignKey("foundation.ManagingEntity", on_delete=models.CASCADE, related_name="profiles")
    name = models.CharField(_("nombre"), max_length=120)
    header_hash = models.CharField(max_length=64)
    toml = models.TextField()
    updated_at = models.DateTimeField(auto_now=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["entity", "header_hash"], name="one_profile_per_entity_and_header"
            )
        ]

    def __str__(self) -> str:
        return self.name


class ImportBatch(models.Model):
    """One upload on its way: loaded → analysed → ready or with errors → applied → reverted."""

    class State(models.TextChoices):
        UPLOADED = "uploaded", _("cargado")
        CHECKING = "checking", _("en revisión")
        WITH_ERRORS = "with_errors", _("con errores")
        READY = "ready", _("listo para aplicar")
        APPLIED = "applied", _("aplicado")
        REVERTED = "reverted", _("revertido")
        FAILED = "failed", _("no se pudo leer")

    class Kind(models.TextChoices):
        REGISTRY = "registry", _("Extracto del registro mercantil")
        CELLS = "cells", _("Tabla de empleo por industria y región")
        INDUSTRIES = "industries", _("Tabla de tecnología y demanda por industria")

    entity = models.ForeignKey("foundation.ManagingEntity", on_delete=models.CASCADE, related_name="imports")
    kind = models.CharField(_("tipo"), max_length=10, choices=Kind, default=Kind.REGISTRY)
    state = models.CharField(max_length=12, choices=State, default=State.UPLOADED)
    file_name = models.CharField(max_length=200)
    file_bytes = models.BigIntegerField()
    file_sha256 = models.CharField(max_length=64)
    year = models.PositiveSmallIntegerField(_("año de corte"), null=True)
    purpose = models.TextField(_("finalidad"), blank=True)
    profile_toml = models.TextField(blank=True)
    reading = models.JSONField(default=dict, blank=True)
    quality = models.JSONField(default=dict, blank=True)
    folder = models.CharField(max_length=120)
    job = models.ForeignKey(
        "foundation.Job", on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )
    uploaded_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    uploaded_at = models.DateTimeField()

    def __str__(self) -> str:
        # No state: a label written in the record of changes would keep the state of that day.
        return self.title

    @property
    def title(self) -> str:
        """One name for one file or many."""
        first, *others = self.file_name.split(", ")
        return f"{first} … {others[-1]} ({len(others) + 1})" if others else first


class Dataset(models.Model):
    """A table in use: the applied result of one import, with hash, rows and year."""

    entity = models.ForeignKey("foundation.ManagingEntity", on_delete=models.CASCADE, related_name="datasets")
    batch = models.OneToOneField(ImportBatch, on_delete=models.PROTECT, related_name="dataset")
    kind = models.CharField(max_length=10, choices=ImportBatch.Kind)
    label = models.CharField(max_length=200)
    year = models.PositiveSmallIntegerField(null=True, blank=True)
    rows = models.BigIntegerField()
    path = models.CharField(max_length=200)
    sha256 = models.CharField(max_length=64)
    invented = models.BooleanField(default=False)
    applied_at = models.DateTimeField()
    reverted_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["entity", "kind", "year", "sha256"],
                condition=models.Q(reverted_at__isnull=True),
                name="one_live_dataset_per_content",
            )
        ]

    def __str__(self) -> str:
        return self.label
