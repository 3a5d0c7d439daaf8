"""Región Demo: an invented chamber with invented firms, loaded through the same operations as real data.

Everything of it hangs on one entity marked ``invented``; every page that shows it says so.
"""

from __future__ import annotations

import json
import secrets
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import polars as pl
from django.conf import settings
from django.db import transaction

from coopetir.foundation.core import industries
from coopetir.foundation.core.extracts.profile import Profile
from coopetir.foundation.jobs import run_job
from coopetir.foundation.models import Dataset, ImportBatch, Job, ManagingEntity, Role, RoleAssignment, User
from coopetir.foundation.operations import imports, plain_tables
from coopetir.identify.core.method import shipped_text
from coopetir.identify.core.synthetic import Recipe
from coopetir.identify.core.synthetic_files import write_registry
from coopetir.identify.models import Decision, Screening
from coopetir.identify.operations import decisions, screenings

ENTITY = "Cámara Demo (datos inventados)"
DEPARTMENT = "76"
RECIPE = Recipe(region=DEPARTMENT, firms=2_500, country_firms=12_000, first_year=2016, last_year=2022)
SEED = 11
PEOPLE = (
    ("direccion@demo.coopetir", "Dirección Demo", Role.ENTITY_DIRECTOR),
    ("analista@demo.coopetir", "Analista Demo", Role.ANALYST),
    ("gestora@demo.coopetir", "Gestora Demo", Role.CLUSTER_MANAGER),
    ("red@demo.coopetir", "Administración Demo", Role.NETWORK_ADMIN),
)
CHOICES = {
    "qualifies": Decision.Choice.QUALIFIES,
    "candidate": Decision.Choice.WATCH,
    "not_now": Decision.Choice.NOT,
    "insufficient_data": Decision.Choice.WATCH,
}


@dataclass(frozen=True)
class Team:
    """The demo's people by role."""

    entity: ManagingEntity
    director: User
    analyst: User


def sign_ins() -> list[dict[str, str]]:
    """The demo accounts with their passwords, drawn when the demo was loaded and kept only in this installation."""
    path = _sign_in_file()
    return json.loads(path.read_text(encoding="utf-8")) if path.exists() else []


def _sign_in_file() -> Path:
    return Path(settings.HOME) / "demo-sign-ins.json"


def is_loaded() -> bool:
    """Whether the demo is complete: its last step is a published screening."""
    return Screening.objects.filter(entity__name=ENTITY, published_at__isnull=False).exists()


def load_demo(*, now: datetime) -> None:
    """Make the demo's people, import its registry and screen it; what an interrupted run left is completed."""
    if is_loaded():
        return
    team = _people(now)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        write_registry(RECIPE, SEED, folder, shape="delivered", dirty=True)
        datasets = _datasets(team, folder, now)
        families = _families(pl.read_csv(folder / "industries.csv", infer_schema=False))
    earlier = _screening(team, "Tamizaje 2021 · Región Demo", datasets, families[:-2], now, until=2021)
    latest = _screening(team, "Tamizaje 2022 · Región Demo", datasets, families, now, previous=earlier)
    _decide_all(latest, team, now)
    screenings.publish_screening(screening=latest, actor=team.director, now=now)


@transaction.atomic
def _people(now: datetime) -> Team:
    entity, _ = ManagingEntity.objects.get_or_create(
        name=ENTITY, defaults={"department": DEPARTMENT, "chamber": "08", "invented": True}
    )
    accounts = []
    users = {}
    for email, name, role in PEOPLE:
        password = secrets.token_urlsafe(9)
        user, _ = User.objects.get_or_create(email=email, defaults={"name": name})
        user.set_password(password)
        user.save()
        scope = None if role == Role.NETWORK_ADMIN else entity
        RoleAssignment.objects.get_or_create(
            user=user, role=role, entity=scope, valid_to=None, defaults={"valid_from": now}
        )
        users[role] = user
        accounts.append({"email": email, "password": password, "role": str(role.label)})
    path = _sign_in_file()
    path.touch(mode=0o600)
    path.write_text(json.dumps(accounts, ensure_ascii=False), encoding="utf-8")
    return Team(entity, users[Role.ENTITY_DIRECTOR], users[Role.ANALYST])


def _datasets(team: Team, folder: Path, now: datetime) -> list[Dataset]:
    kept = Dataset.objects.filter(entity=team.entity, reverted_at__isnull=True)
    if kept.count() == 2:
        return list(kept)
    with _jobs_here():
        batch = imports.start_import(
            entity=team.entity,
            kind=ImportBatch.Kind.REGISTRY,
            files=[imports.SentFile(path, path.name) for path in sorted(folder.glob("registro_*"))],
            year=None,
            actor=team.analyst,
            now=now,
        )
        profile = Profile(name="Registro de la Región Demo")
        imports.confirm_mapping(batch=batch, profile=profile, header_hash="demo", actor=team.analyst, now=now)
    batch.refresh_from_db()
    registry = imports.apply_import(batch=batch, actor=team.analyst, now=now)
    attributes = plain_tables.add_industry_table(
        entity=team.entity,
        file=imports.SentFile(folder / "industries.csv", "industrias-demo.csv"),
        actor=team.analyst,
        now=now,
    )
    return [registry, attributes]


@contextmanager
def _jobs_here() -> Iterator[None]:
    """Run the jobs that the block's events start, here and now: the demo is ready when loading ends."""
    before = set(Job.objects.values_list("pk", flat=True))
    yield
    for job in Job.objects.exclude(pk__in=before).order_by("pk"):
        run_job.call(job.pk)
        job.refresh_from_db()
        if job.state != Job.State.DONE:
            raise RuntimeError(f"{job.kind}: {job.error}")


def _families(table: pl.DataFrame) -> list[dict[str, Any]]:
    """The divisions in which the generator plants: traded divisions with two classes or more."""
    titles = industries.titles("4")
    groups = (
        table.filter((pl.col("local") == "false") & pl.col("family").str.starts_with("div_"))
        .filter(pl.col("industry").str.len_chars() == 4)
        .group_by("family")
        .agg(pl.col("industry").sort())
        .filter(pl.col("industry").list.len() >= 2)
        .sort("family")
    )
    return [
        {
            "family": family,
            "label": titles.get(family.removeprefix("div_"), family),
            "industries": codes,
            "local": False,
        }
        for family, codes in groups.iter_rows()
    ]


def _screening(
    team: Team,
    name: str,
    datasets: list[Dataset],
    families: list[dict[str, Any]],
    now: datetime,
    *,
    previous: Screening | None = None,
    until: int | None = None,
) -> Screening:
    found = Screening.objects.filter(entity=team.entity, name=name).first()
    if found is None:
        found = screenings.create_screening(
            entity=team.entity,
            name=name,
            department=DEPARTMENT,
            datasets=datasets,
            families=families,
            method_toml=shipped_text(),
            previous=previous,
            until_year=until,
            actor=team.analyst,
            now=now,
        )
    if found.is_open:
        with _jobs_here():
            screenings.request_computation(screening=found, actor=team.analyst, now=now)
        found.refresh_from_db()
    return found


def _decide_all(screening: Screening, team: Team, now: datetime) -> None:
    for verdict in screening.verdicts.filter(decision__isnull=True).order_by("pk"):
        choice = CHOICES[verdict.outcome]
        reason = "Decisión de demostración: sigue el veredicto calculado."
        decision = decisions.propose_decision(
            verdict=verdict, choice=choice, reason=reason, actor=team.analyst, now=now
        )
        decisions.decide(decision=decision, choice=choice, reason=reason, actor=team.director, now=now)
    screening.refresh_from_db()
