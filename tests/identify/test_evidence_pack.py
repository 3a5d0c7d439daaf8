"""The evidence pack: whole, checkable, and in its public edition without any firm."""

import hashlib
import io
import json
import zipfile

import polars as pl
import pytest
from click.testing import CliRunner
from django.urls import reverse

import leave_with_world as world
from coopetir.cli.screen import command as screen_command
from coopetir.foundation.models import Event
from coopetir.identify.documents.evidence_pack import pack
from factories import NOW, a_director, a_manager, a_user, an_admin, an_analyst, an_entity

pytestmark = pytest.mark.django_db


@pytest.fixture
def made(db):
    entity = an_entity()
    return world.computed(entity, an_analyst(entity))


def ask(client, made, user, edition):
    if user is not None:
        client.force_login(user)
    return client.get(reverse("identify:evidence", args=[made.pk, edition]))


def opened(response):
    with zipfile.ZipFile(io.BytesIO(response.content)) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def table(files, name):
    return pl.read_csv(io.BytesIO(files[name]), infer_schema_length=None)


@pytest.mark.parametrize("edition", ["interna", "publica"])
def test_every_file_has_its_sum(client, made, edition):
    files = opened(ask(client, made, a_director(made.entity), edition))
    sums = dict(reversed(line.split("  ")) for line in files["SHA256SUMS"].decode().splitlines())
    assert set(sums) == set(files) - {"SHA256SUMS"}
    for name, expected in sums.items():
        assert hashlib.sha256(files[name]).hexdigest() == expected


def test_the_same_files_make_the_same_bytes():
    files = {"b.txt": b"2", "a.txt": b"1"}
    assert pack(files, now=NOW) == pack(dict(reversed(files.items())), now=NOW)


def test_its_cells_screen_again_on_the_command_line(client, made, tmp_path):
    files = opened(ask(client, made, an_analyst(made.entity), "interna"))
    for name, body in files.items():
        (tmp_path / name).write_bytes(body)
    arguments = [
        str(tmp_path / "cells.parquet"), "--industries", str(tmp_path / "industries.parquet"),
        "--regions", str(tmp_path / "regions.parquet"), "--method", str(tmp_path / "method.toml"),
        "--region", "76", "--resamples", str(made.resamples), "--seed", str(made.seed), "--out", str(tmp_path / "out"), "--json",
    ]  # fmt: skip
    done = CliRunner().invoke(screen_command, arguments)
    assert done.exit_code == 0, done.output
    again = pl.read_parquet(tmp_path / "out" / "verdicts.parquet").filter(pl.col("region") == "76")
    first = table(files, "verdicts.csv")
    both = first.join(again, on="family", suffix="_again")
    assert both.height == 2
    for name in ("lq", "lq_shrunk_low", "firms", "slope", "z"):
        difference = (both[name].cast(pl.Float64) - both[f"{name}_again"]).abs().max()
        assert difference is not None
        assert difference < 1e-9


def test_the_registry_screens_again_to_the_last_share(client, made, tmp_path):
    files = opened(ask(client, made, an_analyst(made.entity), "interna"))
    for name in ("industries.parquet", "method.toml"):
        (tmp_path / name).write_bytes(files[name])
    world.registry().drop("nit_dv").write_parquet(tmp_path / "registro.parquet")
    arguments = [
        "--registry", str(tmp_path / "registro.parquet"), "--industries", str(tmp_path / "industries.parquet"),
        "--method", str(tmp_path / "method.toml"), "--region", "76", "--resamples", str(made.resamples),
        "--seed", str(made.seed), "--out", str(tmp_path / "out"), "--json",
    ]  # fmt: skip
    done = CliRunner().invoke(screen_command, arguments)
    assert done.exit_code == 0, done.output
    again = pl.read_parquet(tmp_path / "out" / "verdicts.parquet").filter(pl.col("region") == "76")
    both = table(files, "verdicts.csv").join(again, on="family", suffix="_again")
    assert both.height == 2
    assert both["verdict"].to_list() == both["verdict_again"].to_list()
    for name in ("stability", "lq", "top_firm", "slope", "z"):
        assert both[name].cast(pl.Float64).to_list() == pytest.approx(both[f"{name}_again"].to_list())


def test_the_public_edition_holds_no_firm(client, made):
    files = opened(ask(client, made, an_analyst(made.entity), "publica"))
    assert set(files) == {
        "README.md", "SHA256SUMS", "decisions.csv", "evidence.json", "families_by_year.csv", "measures.csv",
        "method.toml", "sentences.csv", "verdicts.csv",
    }  # fmt: skip
    everything = b"".join(files.values()).decode()
    for firm in world.firms():
        assert firm["name"] not in everything
    for family in ("azucar", "hoteles"):
        share = made.verdicts.get(family=family).detail["row"]["top_firm"]
        assert str(round(share, 4)) not in everything
    assert "rows" not in json.loads(files["evidence.json"])
    assert "top_firm" not in table(files, "verdicts.csv").columns


def test_the_public_edition_hides_the_years_of_the_giant(client, made):
    by_year = table(opened(ask(client, made, an_analyst(made.entity), "publica")), "families_by_year.csv")
    giant = by_year.filter(pl.col("family") == "hoteles")
    assert giant["status"].to_list() == ["c"] * 5
    assert giant["jobs"].null_count() == 5
    sugar = by_year.filter(pl.col("family") == "azucar")
    assert sugar["status"].to_list() == ["ok"] * 5
    # 12 firms of 20 to 31 jobs and one of 15: 321 jobs, given with three digits
    assert sugar.filter(pl.col("year") == 2019)["jobs"].item() == 321
    verdicts = table(opened(ask(client, made, an_analyst(made.entity), "publica")), "verdicts.csv")
    hidden = verdicts.filter(pl.col("family") == "hoteles")
    assert hidden["lq_status"].item() == "c"
    assert hidden["lq"].item() is None
    assert hidden["market_percentile_status"].item() == "na"


def test_who_gets_which_edition(client, made):
    colleagues = (a_manager(made.entity), an_admin())
    for user in colleagues:
        assert ask(client, made, user, "publica").status_code == 403
        assert ask(client, made, user, "interna").status_code == 403
    assert ask(client, made, a_director(made.entity), "publica").status_code == 200
    for user in (an_analyst(), a_director(), a_user()):
        assert ask(client, made, user, "publica").status_code == 404
        assert ask(client, made, user, "interna").status_code == 404
    client.logout()
    assert ask(client, made, None, "publica").status_code == 404
    made.published_at = NOW
    made.save()
    assert ask(client, made, None, "publica").status_code == 200
    assert ask(client, made, None, "interna").status_code == 403
    for user in colleagues:
        assert ask(client, made, user, "publica").status_code == 200
        assert ask(client, made, user, "interna").status_code == 403
    assert ask(client, made, an_analyst(), "interna").status_code == 403
    assert ask(client, made, an_analyst(), "otra").status_code == 404
    assert not Event.objects.filter(action="identify.evidence.exported").exists()
    ask(client, made, an_analyst(made.entity), "interna")
    assert Event.objects.filter(action="identify.evidence.exported").count() == 1


def test_nothing_of_a_draft_leaves(client, made):
    from coopetir.identify.operations import screenings
    from factories import FAMILIES

    actor = an_analyst(made.entity)
    screenings.edit_families(screening=made, families=FAMILIES[:1], what="x", actor=actor, now=NOW)
    assert ask(client, made, actor, "interna").status_code == 404


def from_jobs(entity, analyst):
    """A screening of a table of jobs: no firm is behind it."""
    from pathlib import Path

    from django.conf import settings

    from coopetir.foundation.core.progress import silent
    from coopetir.foundation.models import Job
    from coopetir.identify.jobs import compute_screening
    from factories import a_dataset, a_screening

    dataset = a_dataset(entity, analyst)
    dataset.kind = "cells"
    dataset.save()
    path = Path(settings.MEDIA_ROOT) / dataset.path
    path.parent.mkdir(parents=True, exist_ok=True)
    rows = [
        (year, region, industry, float(jobs + (year - 2019)))
        for year in world.YEARS
        for region, industry, jobs in (("76", "1071", 400), ("76", "4711", 900), ("05", "1071", 50), ("05", "4711", 1800))
    ]  # fmt: skip
    pl.DataFrame(rows, schema=["year", "region", "industry", "value"], orient="row").write_parquet(path)
    screening = a_screening(entity, analyst, datasets=[dataset])
    job = Job.objects.create(kind="x", subject_id=screening.pk, label="x", owner=analyst, entity=entity)
    compute_screening(job, silent)
    screening.refresh_from_db()
    return screening


def test_a_table_of_jobs_leaves_with_everything_but_firms(client, tmp_path):
    entity = an_entity()
    analyst = an_analyst(entity)
    made = from_jobs(entity, analyst)
    inside = opened(ask(client, made, analyst, "interna"))
    assert "--registry" not in inside["README.md"].decode()
    outside = opened(ask(client, made, analyst, "publica"))
    assert table(outside, "families_by_year.csv").height == 0
    ficha = client.get(reverse("identify:ficha", args=[made.pk, "azucar"]))
    import pypdf

    said = "".join(pypdf.PdfReader(io.BytesIO(ficha.content)).pages[0].extract_text().split())
    assert "tabladeempleode" in said
    assert "nonombraempresas" in said
    assert client.get(reverse("identify:firms_xlsx", args=[made.pk, "azucar"])).status_code == 422
    for name, body in inside.items():
        (tmp_path / name).write_bytes(body)
    arguments = [
        str(tmp_path / "cells.parquet"), "--industries", str(tmp_path / "industries.parquet"),
        "--regions", str(tmp_path / "regions.parquet"), "--method", str(tmp_path / "method.toml"),
        "--region", "76", "--resamples", str(made.resamples), "--seed", str(made.seed), "--out", str(tmp_path / "out"), "--json",
    ]  # fmt: skip
    done = CliRunner().invoke(screen_command, arguments)
    assert done.exit_code == 0, done.output
    again = pl.read_parquet(tmp_path / "out" / "verdicts.parquet").filter(pl.col("family") == "azucar")
    first = table(inside, "verdicts.csv").filter(pl.col("family") == "azucar")
    for name in ("verdict", "stability", "lq", "slope"):
        assert first[name].item() == pytest.approx(again[name].item())


def test_text_that_a_spreadsheet_would_run_is_made_harmless():
    from coopetir.identify.queries.evidence import _csv

    texts = ["=1+1", "+1", "-2+3", "@SUM(A1)", "\t=1", "\r=1", "0111", None]
    frame = pl.DataFrame({"reason": texts, "figure": [-1.5] * len(texts)})
    read = pl.read_csv(io.BytesIO(_csv(frame)), infer_schema_length=0)
    assert read["reason"].to_list() == [f"'{text}" for text in texts[:6]] + ["0111", None]
    assert set(read["figure"]) == {"-1.5"}
