"""Screenings of a territory: what was asked, what came out, what was decided, and who may look."""

import hashlib
import json
from typing import ClassVar

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from coopetir.foundation.models import Dataset, Job, ManagingEntity


class Screening(models.Model):
    """One question to a business fabric: which of these families qualify, under this Method, with these data.

    Files of the result (verdicts, criteria, drivers, cells, evidence) live in ``folder`` under ``MEDIA_ROOT``;
    their hashes are in ``summary``. The row's state decides whether they exist for anybody.
    """

    class State(models.TextChoices):
        DRAFT = "draft", _("borrador")
        COMPUTED = "computed", _("calculada")
        REVIEWED = "reviewed", _("en revisión")
        DECIDED = "decided", _("decidida")
        ARCHIVED = "archived", _("archivada")

    entity = models.ForeignKey(ManagingEntity, on_delete=models.CASCADE, related_name="screenings")
    name = models.CharField(_("nombre"), max_length=160)
    department = models.CharField(_("departamento (DIVIPOLA)"), max_length=2)
    state = models.CharField(max_length=10, choices=State, default=State.DRAFT)
    datasets = models.ManyToManyField(Dataset, related_name="screenings")
    families = models.JSONField(
        default=list, blank=True, help_text='[{"family", "label", "industries": [CIIU], "local": bool}, …]'
    )
    method_toml = models.TextField()
    until_year = models.PositiveSmallIntegerField(
        _("hasta el año"), null=True, blank=True, help_text="last cut year to use; empty = all"
    )
    resamples = models.PositiveIntegerField(default=500)
    seed = models.PositiveIntegerField(default=1)
    previous = models.ForeignKey(
        "self", on_delete=models.SET_NULL, null=True, blank=True, related_name="later"
    )
    folder = models.CharField(max_length=120, blank=True)
    summary = models.JSONField(default=dict, blank=True)
    job = models.ForeignKey(Job, on_delete=models.SET_NULL, null=True, blank=True, related_name="+")
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    created_at = models.DateTimeField()
    computed_at = models.DateTimeField(null=True, blank=True)
    proposed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    published_at = models.DateTimeField(null=True, blank=True)

    def __str__(self) -> str:
        return self.name

    def asked(self) -> str:
        """A fingerprint of what was asked: families, Method, data, years. A result belongs to one of them."""
        data = sorted(self.datasets.values_list("pk", "sha256"))
        question = [
            self.families,
            self.method_toml,
            data,
            self.until_year,
            self.department,
            self.resamples,
            self.seed,
        ]
        return hashlib.sha256(json.dumps(question, sort_keys=True).encode()).hexdigest()

    @property
    def is_current(self) -> bool:
        """Whether the stored result answers what is asked now."""
        return bool(self.folder) and self.summary.get("asked") == self.asked()

    @property
    def is_open(self) -> bool:
        """Whether families and Method may still change."""
        return self.state in {self.State.DRAFT, self.State.COMPUTED}


class FamilyEdit(models.Model):
    """What the families were before one edit: the steps that *undo* walks back."""

    screening = models.ForeignKey(Screening, on_delete=models.CASCADE, related_name="edits")
    before = models.JSONField()
    what = models.CharField(max_length=200)
    actor = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField()

    def __str__(self) -> str:
        return self.what


class Verdict(models.Model):
    """The answer for one family in one region, as computed.

    ``detail`` is the internal edition: measures (the largest firm's share among them), sentences, drivers, and
    whether the family's totals are safe to show. No page reads it raw: ``queries.screenings`` gives each reader
    the edition that is theirs.
    """

    class Outcome(models.TextChoices):
        QUALIFIES = "qualifies", _("califica")
        CANDIDATE = "candidate", _("candidata")
        NOT_NOW = "not_now", _("todavía no")
        INSUFFICIENT = "insufficient_data", _("faltan datos")

    screening = models.ForeignKey(Screening, on_delete=models.CASCADE, related_name="verdicts")
    region = models.CharField(max_length=5)
    family = models.CharField(max_length=60)
    label = models.CharField(max_length=160)
    outcome = models.CharField(max_length=20, choices=Outcome)
    stability = models.FloatField(
        null=True, blank=True, help_text="share of re-decisions with the same verdict, 0–1"
    )
    density = models.PositiveSmallIntegerField(null=True, blank=True)
    growth = models.PositiveSmallIntegerField(null=True, blank=True)
    technology = models.PositiveSmallIntegerField(null=True, blank=True)
    market = models.PositiveSmallIntegerField(null=True, blank=True)
    detail = models.JSONField(default=dict, blank=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["screening", "region", "family"], name="one_verdict_per_family")
        ]

    def __str__(self) -> str:
        return f"{self.label}: {self.get_outcome_display()}"

    @property
    def entity_id(self) -> int:
        return self.screening.entity_id

    @property
    def grades(self) -> dict[str, int | None]:
        return {name: getattr(self, name) for name in ("density", "growth", "technology", "market")}


class Decision(models.Model):
    """What people decide on a verdict. The analyst proposes with a reason; the director decides, another person."""

    class Choice(models.TextChoices):
        QUALIFIES = "qualifies", _("califica")
        WATCH = "watch", _("en observación")
        NOT = "not", _("no califica")

    verdict = models.OneToOneField(Verdict, on_delete=models.PROTECT, related_name="decision")
    proposed = models.CharField(_("propuesta"), max_length=10, choices=Choice)
    proposed_reason = models.TextField(_("motivo de la propuesta"))
    proposed_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    proposed_at = models.DateTimeField()
    decided = models.CharField(_("decisión"), max_length=10, choices=Choice, blank=True)
    decided_reason = models.TextField(_("motivo de la decisión"), blank=True)
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    decided_at = models.DateTimeField(null=True, blank=True)

    def __str__(self) -> str:
        return f"{self.verdict.label}: {self.get_decided_display() or self.get_proposed_display()}"

    @property
    def entity_id(self) -> int:
        return self.verdict.screening.entity_id


class SavedView(models.Model):
    """A page with its filters, under a name: the permalink is the address itself."""

    entity = models.ForeignKey(
        ManagingEntity, on_delete=models.CASCADE, null=True, blank=True, related_name="+"
    )
    owner = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="saved_views")
    name = models.CharField(_("nombre"), max_length=120)
    address = models.CharField(max_length=1000)
    created_at = models.DateTimeField()

    def __str__(self) -> str:
        return self.name


class ShareLink(models.Model):
    """A read-only link to one industry's page, without values of single firms, until it expires."""

    verdict = models.ForeignKey(Verdict, on_delete=models.CASCADE, related_name="links")
    token_hash = models.CharField(max_length=64, unique=True)
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    created_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    revoked_at = models.DateTimeField(null=True, blank=True)

    def __str__(self) -> str:
        return str(self.verdict)

    @property
    def entity_id(self) -> int:
        return self.verdict.screening.entity_id


class Footprint(models.Model):
    """What a list of members weighs in its territory: shares, match rate and contrast. No firm is stored here."""

    entity = models.ForeignKey(ManagingEntity, on_delete=models.CASCADE, related_name="footprints")
    name = models.CharField(_("nombre"), max_length=160)
    dataset = models.ForeignKey(Dataset, on_delete=models.PROTECT, related_name="+")
    department = models.CharField(max_length=2)
    contrast = models.CharField(max_length=2)
    members_sha256 = models.CharField(max_length=64)
    result = models.JSONField(default=dict, blank=True)
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    created_at = models.DateTimeField()

    def __str__(self) -> str:
        return self.name
