"""A rival who tries everything does not get a firm's name, number or figure.

A registry is invented, imported and screened as in the product; then a stranger, a rival's analyst, the network's
administrator and a manager of the entity itself open every page, download and edition there is, in both languages, and
nothing they are given (HTML, JSON, CSV, XLSX, PDF, SVG, archives) holds what belongs to one firm.
"""

from __future__ import annotations

import io
import re
import zipfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import polars as pl
import pypdf
import pytest
from django.conf import settings as configured
from django.db import transaction
from django.urls import NoReverseMatch, reverse
from django.utils import timezone

from coopetir.foundation.core import engines, formats
from coopetir.identify.core.firms import firms_of
from coopetir.identify.models import Screening, Verdict
from coopetir.identify.operations import sharing
from coopetir.identify.operations.footprints import SentList, create_footprint
from coopetir.identify.queries.results import registry_paths, result_table
from registry_fixture import (
    People,
    committed,
    decided_and_published,
    families,
    imported,
    people,
    screened,
)
from test_permission_matrix import ROUTES

OUTSIDERS = "NMap"
LANGUAGES = {"es": "es-co", "en": "en"}
# What only pictures hold; their text is in the SVG of the same picture.
PIXELS = ("image/png",)


@dataclass
class World:
    everybody: People
    screening: Screening
    secrets: dict[str, str]
    values: dict[str, Any]

    @property
    def verdicts(self) -> list[Verdict]:
        return list(self.screening.verdicts.order_by("family"))

    def family(self, *, safe: bool) -> Verdict:
        """A family with jobs of several firms whose totals are safe to show, or not."""
        found = [row for row in self.verdicts if row.detail["safe"] is safe and row.detail["row"]["jobs"]]
        return max(found, key=lambda row: row.detail["row"]["firms"])


@pytest.fixture(scope="module")
def media(tmp_path_factory):
    return tmp_path_factory.mktemp("files")


@pytest.fixture(scope="module")
def world(django_db_setup, django_db_blocker, media, tmp_path_factory):
    with committed(django_db_setup, django_db_blocker, media):
        everybody, folder = people(), tmp_path_factory.mktemp("registry")
        datasets = imported(everybody, folder)
        earlier = screened(everybody, datasets, families(folder)[:-2], name="Tamizaje 2022", until_year=2022)
        screening = screened(everybody, datasets, families(folder), previous=earlier)
        decided_and_published(everybody, earlier)
        decided_and_published(everybody, screening)
        screening.refresh_from_db()
        batch = datasets[0].batch
        members = tmp_path_factory.mktemp("members") / "socios.csv"
        nits = firms_behind(screening)["nit"].drop_nulls().head(2).to_list()
        members.write_text("\n".join(["NIT", *nits]), encoding="utf-8")
        footprint, _ = create_footprint(
            entity=everybody.entity,
            name="Dos socios",
            dataset=datasets[0],
            department="76",
            contrast="05",
            members=SentList(members, members.name),
            exports=None,
            actor=everybody["A"],
            now=timezone.now(),
        )
        link = sharing.share_verdict(
            verdict=screening.verdicts.first(), token="compartido", days=5, actor=everybody["A"],
            now=timezone.now(),
        )  # fmt: skip
        values = {
            "screening_id": screening.pk, "batch_id": batch.pk, "job_id": batch_job(screening),
            "token": "compartido", "link_id": link.pk, "user_id": everybody["A"].pk, "invitation_id": 1,
            "assignment_id": 1, "view_id": 1, "key": "x", "uidb36": "1", "pk": 1, "footprint_id": footprint.pk,
        }  # fmt: skip
        secrets = secrets_of(screening)
        for share in footprint.result["shares"]:
            if share["members"] and share["measure"] != "firms":
                secrets |= dict.fromkeys(written(share["members"]), f"{share['measure']} of two members")
        yield World(everybody, screening, secrets, values)


@pytest.fixture(autouse=True)
def _files(settings, media, _media):
    settings.MEDIA_ROOT = media


def batch_job(screening: Screening) -> int:
    from coopetir.foundation.models import Job

    return Job.objects.filter(subject_id=screening.pk, kind="identify.screening.requested").latest("pk").pk


def firms_behind(screening: Screening) -> pl.DataFrame:
    with engines.connect() as engine:
        return firms_of(
            engine,
            registry_paths(screening),
            result_table(screening, "industries"),
            department="76",
            year=screening.summary["years"][-1],
        )


def firms_of_all_years(screening: Screening) -> pl.DataFrame:
    with engines.connect() as engine:
        paths, table = registry_paths(screening), result_table(screening, "industries")
        years = [
            firms_of(engine, paths, table, department="76", year=year).with_columns(year=pl.lit(year))
            for year in screening.summary["years"]
        ]
    return pl.concat(years)


def secrets_of(screening: Screening) -> dict[str, str]:
    """What must never be seen outside → what it is. Short numbers, which any page has, are left out.

    Names and numbers of every firm and the largest incomes; the largest firm's share everywhere; and where a family is
    not safe, its measures built on jobs. Mean numbers of firms are public, and a figure equal to one is left out.
    """
    firms, found = firms_behind(screening), {}
    for name, nit in firms.select("name", "nit").iter_rows():
        if name:
            found[name] = "a firm's name"
        if nit:
            found[nit] = "a firm's tax number"
    for (family,), rows in firms.group_by("family"):
        income = rows["income_cop"].drop_nulls()
        for value in income.sort(descending=True).head(3):
            found |= dict.fromkeys(written(value), f"a firm's income in {family}")
    public = {verdict.detail["row"]["firms"] for verdict in screening.verdicts.all()}
    for verdict in screening.verdicts.all():
        row = verdict.detail["row"]
        exact = ["top_firm"] if verdict.detail["safe"] else ["top_firm", "lq", "slope", "jobs"]
        for measure in exact:
            if row.get(measure) not in {None, 0, 1} | public:
                found |= dict.fromkeys(written(row[measure]), f"{measure} of {verdict.family}")
    return found


def written(value: float) -> set[str]:
    """The ways a figure may be written, with at least four digits so that it is that figure and no other."""
    ways = {repr(value), f"{value:.4f}", f"{value:.6g}", f"{100 * value:.2f}"}
    for language in LANGUAGES:
        ways |= {formats.number(value, places, language) for places in (0, 3, 4)}
    return {way for way in ways if len(re.sub(r"\D", "", way).lstrip("0")) >= 4}


def addresses(world: World, verdict: Verdict) -> list[str]:
    """Every address of the product, for one family, with every value its parts may take."""
    choices = {
        "family": [verdict.family],
        "name": ["density", "growth", "technology", "market", "muestra", "nada"],
        "kind": ["csv", "xlsx", "parquet", "svg", "png", "json"],
        "edition": ["publica", "interna"],
        "suffix": ["csv", "xlsx"],
    }
    found: list[str] = []
    for name, parts in ROUTES.items():
        # Survey data and the shipped sample hold no firm of anybody; signing out would end the visit.
        if name.startswith(("account_logout", "mfa_", "identify:explore", "website:", "foundation:sample")):
            continue
        sets: list[dict[str, Any]] = [{}]
        for part in parts:
            options = choices.get(part, [world.values.get(part, 1)])
            sets = [{**one, part: option} for one in sets for option in options]
        for one in sets:
            try:
                found.append(reverse(name, kwargs=one))
            except NoReverseMatch:
                continue
    page = reverse("identify:verdict", args=[world.screening.pk, verdict.family])
    asked = [f"{page}?lq={value}" for value in ("0.5", "1", "1.2345", "3")]
    editions = [f"{address}?edicion=interna" for address in found if "/industria/" in address]
    return [*found, *asked, *editions]


def texts(response: Any) -> list[str]:
    """Everything a reader could read in an answer, whatever it is wrapped in."""
    body = b"".join(response.streaming_content) if response.streaming else response.content
    return unwrapped(body, response.get("Content-Type", ""))


def unwrapped(body: bytes, kind: str) -> list[str]:
    if body[:4] == b"PK\x03\x04":
        with zipfile.ZipFile(io.BytesIO(body)) as archive:
            return [
                text
                for member in archive.namelist()
                for text in [member, *unwrapped(archive.read(member), member)]
            ]
    if body[:4] == b"%PDF":
        reader = pypdf.PdfReader(io.BytesIO(body))
        read = " ".join(page.extract_text() for page in reader.pages)
        # A page breaks lines where it must: names are looked for without regard to that.
        return [read, " ".join(read.split()), str(reader.metadata), str(reader.attachments)]
    if body[:4] == b"PAR1":
        return [pl.read_parquet(io.BytesIO(body)).write_csv()]
    if kind.startswith(PIXELS):
        return []
    return [body.decode("utf-8", errors="replace")]


def found_in(response: Any, secrets: dict[str, str]) -> list[str]:
    """Secrets in an answer, as whole numbers or words."""
    if response.status_code in {301, 302, 403, 404, 405, 410}:
        secrets = {key: what for key, what in secrets.items() if what.startswith("a firm")}
    leaked = []
    for text in texts(response):
        for secret, what in secrets.items():
            if secret in text and re.search(rf"(?<![\d.,]){re.escape(secret)}(?![\d])", text):
                leaked.append(f"{what}: {secret}")
    return leaked


def visit(world: World, client: Any, letter: str, address: str, language: str, method: str = "get") -> Any:
    """One request as that person; whatever it changed is undone."""
    client.logout()
    if user := world.everybody.by_letter[letter]:
        client.force_login(user)
    client.cookies[configured.LANGUAGE_COOKIE_NAME] = LANGUAGES[language]
    with transaction.atomic():
        response = getattr(client, method)(address)
        if not response.streaming:
            transaction.set_rollback(True)
    return response


def test_the_world_holds_what_there_is_to_steal(db, world, client):
    """Without this, a test that finds no secret would prove nothing."""
    kinds = " ".join(world.secrets.values())
    for kind in ("name", "tax number", "income", "top_firm", "lq of", "jobs of"):
        assert kind in kinds
    assert world.family(safe=True).pk != world.family(safe=False).pk
    seen = set()
    for verdict in (world.family(safe=True), world.family(safe=False)):
        for address in addresses(world, verdict):
            if "/industria/" in address and "logout" not in address:
                seen |= {
                    leak.split(":")[0]
                    for leak in found_in(visit(world, client, "A", address, "es"), world.secrets)
                }
    assert {"a firm's name", "a firm's tax number"} <= seen, (
        "the owner's own pages show firms: the search can find"
    )


@pytest.mark.parametrize("letter", OUTSIDERS)
@pytest.mark.parametrize("safe", [True, False])
def test_no_answer_to_an_outsider_holds_a_firm(db, world, client, letter, safe):
    verdict = world.family(safe=safe)
    leaks, answered = {}, 0
    for number, address in enumerate(addresses(world, verdict)):
        response = visit(world, client, letter, address, "en" if number % 2 else "es")
        answered += response.status_code == 200
        if leaked := found_in(response, world.secrets):
            leaks[address] = leaked[:5]
    assert not leaks
    assert answered > 10


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_public_board_and_every_verdict_hold_no_firm(db, world, client, language):
    board = reverse("identify:screening", args=[world.screening.pk])
    pages = [
        board,
        *(reverse("identify:verdict", args=[world.screening.pk, row.family]) for row in world.verdicts),
    ]
    leaks = {
        page: found
        for page in pages
        if (found := found_in(visit(world, client, "p", page, language), world.secrets))
    }
    assert not leaks


def test_an_unsafe_family_shows_a_dot_where_its_measures_would_be(db, world, client):
    verdict = world.family(safe=False)
    at = [world.screening.pk, verdict.family, "density"]
    page = visit(world, client, "p", reverse("identify:criterion", args=at), "es").content.decode()
    internal = visit(world, client, "A", reverse("identify:criterion", args=at), "es").content.decode()
    assert page.count(">·<") >= 4
    assert ">·<" not in internal


def test_the_what_if_of_an_unsafe_family_is_refused_to_outsiders(db, world, client):
    verdict = world.family(safe=False)
    page = reverse("identify:verdict", args=[world.screening.pk, verdict.family])
    for letter in OUTSIDERS:
        assert visit(world, client, letter, f"{page}?lq=1.1", "es").context["what_if"] is None
    assert visit(world, client, "A", f"{page}?lq=1.1", "es").context["what_if"] is not None


def test_halving_the_slider_gives_a_rival_no_more_than_the_digits_shown(db, world, client):
    """Asked again and again at thresholds closer and closer, the slider turns exactly at the figure shown."""
    for verdict in [row for row in world.verdicts if row.detail["safe"] and row.detail["row"]["lq"]]:
        page = reverse("identify:verdict", args=[world.screening.pk, verdict.family])
        shown = visit(world, client, "d", page, "es").context["what_if"]["lq"]
        exact = verdict.detail["row"]["lq"]

        def outcome(asked: float, page: str = page) -> str:
            return visit(world, client, "d", f"{page}?lq={asked!r}", "es").context["what_if"]["answer"].after

        low, high = 0.0, 20.0
        if outcome(low) == outcome(high):
            continue
        for _ in range(26):
            middle = (low + high) / 2
            low, high = (middle, high) if outcome(middle) == outcome(0.0) else (low, middle)
        assert high == pytest.approx(shown, abs=1e-6) or abs(high - exact) > 1e-6, verdict.family
        if shown != exact:
            assert abs(high - exact) > 1e-9
        return
    pytest.fail("no family whose verdict the slider moves")


def test_what_is_shown_is_safe_in_every_year(db, world):
    """The rules of disclosure applied here a second time, plainly, to the firms of every year."""
    firms = firms_of_all_years(world.screening)
    unsafe = set()
    for (family, _year), rows in firms.drop_nulls("jobs").group_by("family", "year"):
        jobs = rows.filter(pl.col("jobs") > 0)["jobs"].sort(descending=True).to_list()
        if jobs and (len(jobs) < 3 or sum(jobs) - sum(jobs[:2]) < configured.SDC_P / 100 * jobs[0]):
            unsafe.add(family)
    unsafe &= {row.family for row in world.verdicts}
    assert unsafe
    assert {row.family for row in world.verdicts if not row.detail["safe"]} >= unsafe


def test_the_folder_of_results_is_not_served(db, world, client):
    folder = Path(world.screening.folder)
    for address in (
        f"/files/{folder}/cells.parquet",
        f"/media/{folder}/cells.parquet",
        f"/static/../files/{folder}",
    ):
        assert visit(world, client, "A", address, "es").status_code in {400, 404}
