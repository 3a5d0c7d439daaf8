"""One invented chamber with people of every role and a computed screening, committed once for a whole module.

``committed`` opens the database for a module-wide fixture and empties it afterwards: reading an extract and
computing a screening take seconds, and hundreds of requests can share them. Tests that change something do so
inside their own transaction (the ``db`` fixture), which is rolled back as always.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import polars as pl
from django.core.management import call_command
from django.test import override_settings

from coopetir.foundation.core.extracts.profile import Profile
from coopetir.foundation.jobs import run_job
from coopetir.foundation.models import Dataset, ImportBatch, Job, ManagingEntity, User
from coopetir.foundation.operations import imports, plain_tables
from coopetir.identify.core.method import shipped_text
from coopetir.identify.core.synthetic import Recipe
from coopetir.identify.core.synthetic_files import write_registry
from coopetir.identify.models import Decision, Screening
from coopetir.identify.operations import decisions, screenings
from factories import NOW, a_director, a_manager, a_user, an_admin, an_analyst, an_entity

RECIPE = Recipe(region="76", firms=700, country_firms=3_000, first_year=2019, last_year=2023)
SEED = 5
HASHER = ["django.contrib.auth.hashers.MD5PasswordHasher"]


@contextmanager
def committed(setup, blocker, media: Path) -> Iterator[None]:
    """The database open outside any test, with files in ``media``; emptied at the end."""
    del setup  # asked for so that the test database exists
    with blocker.unblock(), override_settings(MEDIA_ROOT=media, PASSWORD_HASHERS=HASHER):
        yield
        call_command("flush", verbosity=0, interactive=False)


@dataclass
class People:
    """Everybody who may knock, by the letter the tables of expectations use."""

    entity: ManagingEntity
    rivals: ManagingEntity
    by_letter: dict[str, User | None] = field(default_factory=dict)

    def __getitem__(self, letter: str) -> User:
        user = self.by_letter[letter]
        assert user is not None
        return user


def people() -> People:
    """N network's administrator; D A M of the entity; d a m of a rival one; g nobody's; p not signed in."""
    entity, rivals = an_entity(name="Cámara Propia"), an_entity(name="Cámara Rival")
    made = People(entity, rivals)
    made.by_letter = {
        "N": an_admin(),
        "D": a_director(entity),
        "A": an_analyst(entity),
        "M": a_manager(entity),
        "d": a_director(rivals),
        "a": an_analyst(rivals),
        "m": a_manager(rivals),
        "g": a_user(),
        "p": None,
    }
    return made


def run_waiting() -> None:
    """Run the jobs that wait, here and now, and insist that they end well."""
    for job in Job.objects.filter(state=Job.State.QUEUED).order_by("pk"):
        run_job.call(job.pk)
        job.refresh_from_db()
        assert job.state == Job.State.DONE, job.error


def imported(everybody: People, folder: Path, recipe: Recipe = RECIPE) -> list[Dataset]:
    """A synthesized registry, through the operations of an upload, and its table of industries."""
    if not (folder / "industries.csv").exists():
        write_registry(recipe, SEED, folder, shape="delivered", dirty=True)
    analyst = everybody["A"]
    batch = imports.start_import(
        entity=everybody.entity,
        kind=ImportBatch.Kind.REGISTRY,
        files=[imports.SentFile(path, path.name) for path in sorted(folder.glob("registro_*"))],
        year=None,
        actor=analyst,
        now=NOW,
    )
    imports.confirm_mapping(batch=batch, profile=Profile(name="x"), header_hash="x", actor=analyst, now=NOW)
    run_waiting()
    batch.refresh_from_db()
    registry = imports.apply_import(batch=batch, actor=analyst, now=NOW)
    attributes = plain_tables.add_industry_table(
        entity=everybody.entity,
        file=imports.SentFile(folder / "industries.csv", "industrias.csv"),
        actor=analyst,
        now=NOW,
    )
    return [registry, attributes]


def families(folder: Path) -> list[dict]:
    """The generator's own traded families."""
    table = pl.read_csv(folder / "industries.csv", infer_schema=False)
    groups = (
        table.filter((pl.col("local") == "false") & (pl.col("industry").str.len_chars() == 4))
        .filter(pl.col("family").str.starts_with("div_"))
        .group_by("family")
        .agg(pl.col("industry").sort())
        .sort("family")
    )
    return [
        {"family": name, "label": f"División {name[4:]}", "industries": codes, "local": False}
        for name, codes in groups.iter_rows()
    ]


def screened(
    everybody: People, datasets: list[Dataset], chosen: list[dict], *, name="Tamizaje 2023", **changes
) -> Screening:
    """A screening computed by the product's own job."""
    analyst = everybody["A"]
    screening = screenings.create_screening(
        entity=everybody.entity,
        name=name,
        department="76",
        datasets=datasets,
        families=chosen,
        method_toml=shipped_text(),
        actor=analyst,
        now=NOW,
        **changes,
    )
    Screening.objects.filter(pk=screening.pk).update(resamples=40)
    screening.refresh_from_db()
    screenings.request_computation(screening=screening, actor=analyst, now=NOW)
    run_waiting()
    screening.refresh_from_db()
    return screening


def decided_and_published(everybody: People, screening: Screening) -> None:
    """Every verdict proposed by the analyst, decided by the director, and the screening published."""
    choice = Decision.Choice.WATCH
    for verdict in screening.verdicts.order_by("pk"):
        decision = decisions.propose_decision(
            verdict=verdict, choice=choice, reason="A observar.", actor=everybody["A"], now=NOW
        )
        decisions.decide(
            decision=decision, choice=choice, reason="De acuerdo.", actor=everybody["D"], now=NOW
        )
    screening.refresh_from_db()
    screenings.publish_screening(screening=screening, actor=everybody["D"], now=NOW)
