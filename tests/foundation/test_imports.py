"""From an upload to data in use and back, as a person meets it; nothing personal stays behind."""

from pathlib import Path

import polars as pl
import pytest
from django.conf import settings
from django.core.files.uploadedfile import SimpleUploadedFile

from coopetir.foundation.core.extracts.profile import parse_profile
from coopetir.foundation.models import Dataset, ImportBatch, MappingProfile
from coopetir.foundation.operations import imports
from factories import NOW, a_director, a_manager, an_analyst, an_entity

pytestmark = pytest.mark.django_db
EXTRACTS = Path(__file__).resolve().parents[1] / "data" / "extracts"
SAMPLE = Path(imports.__file__).resolve().parents[1] / "samples" / "muestra-sucia-2023.txt"


@pytest.fixture
def analyst():
    return an_analyst(an_entity())


@pytest.fixture
def page(client, analyst, django_capture_on_commit_callbacks):
    """A signed-in browser whose jobs run as soon as a request commits."""
    client.force_login(analyst)

    class Page:
        entity = analyst.roles.get().entity
        get = staticmethod(client.get)

        @staticmethod
        def post(path, data=None):
            with django_capture_on_commit_callbacks(execute=True):
                return client.post(path, data or {})

        def send(self, path=SAMPLE, year=2023):
            file = SimpleUploadedFile(path.name, path.read_bytes())
            answer = self.post(
                "/datos/cargas/nueva/",
                {"entity": self.entity.pk, "kind": "registry", "files": file, "year": year},
            )
            assert answer.status_code == 302, answer.content.decode()[:2000]
            return ImportBatch.objects.order_by("-pk").first()

        def read(self, batch):
            proposed = self.get(f"/datos/cargas/{batch.pk}/columnas/").context["form"]
            data = {name: field.initial or "" for name, field in proposed.fields.items()}
            answer = self.post(f"/datos/cargas/{batch.pk}/columnas/", data)
            assert answer.status_code == 302, answer.context["form"].errors
            batch.refresh_from_db()
            return batch

    return Page()


def test_from_upload_to_use_and_back(page):
    batch = page.read(page.send())
    assert batch.state in {"ready", "with_errors"}
    report = page.get(f"/datos/cargas/{batch.pk}/").content.decode()
    assert "empresas" in report
    assert page.post(f"/datos/cargas/{batch.pk}/usar/").status_code == 302
    dataset = Dataset.objects.get()
    assert dataset.rows == batch.quality["firms"] > 100
    assert dataset.year == 2023
    assert (Path(settings.MEDIA_ROOT) / dataset.path).is_file()
    assert page.post(f"/datos/cargas/{batch.pk}/revertir/").status_code == 302
    dataset.refresh_from_db()
    assert dataset.reverted_at is not None


def test_the_file_as_sent_is_gone_once_read(page):
    batch = page.send()
    assert list((Path(settings.MEDIA_ROOT) / batch.folder / "incoming").iterdir())
    page.read(batch)
    assert not (Path(settings.MEDIA_ROOT) / batch.folder / "incoming").exists()
    answer = page.get(f"/datos/cargas/{batch.pk}/columnas/")
    assert answer.status_code == 422
    assert "ya se borró" in answer.content.decode()


def test_nothing_personal_is_stored(page, tmp_path):
    """Columns of representatives, identity numbers, mobiles and personal mail leave no byte on disk."""
    header, *rows = SAMPLE.read_bytes().splitlines()
    secret = [b"REPRESENTANTE INVENTADO", b"1234567899", b"3119876543", b"inventado@correo.test"]
    extra = b"|NOMBRE_REPRESENTANTE_LEGAL|NUM_IDENT_REP_LEGAL|CELULAR|EMAIL_PERSONAL"
    spoiled = tmp_path / "con-personas-2023.txt"
    spoiled.write_bytes(b"\n".join([header + extra, *[row + b"|" + b"|".join(secret) for row in rows]]))
    batch = page.read(page.send(spoiled))
    page.post(f"/datos/cargas/{batch.pk}/usar/")
    import polars as pl

    for path in Path(settings.MEDIA_ROOT).rglob("*"):
        if path.is_file():
            text = (
                pl.read_parquet(path).write_csv() if path.suffix == ".parquet" else path.read_text("latin-1")
            )
            for trace in secret:
                assert trace.decode() not in text, (path.name, trace)


def test_the_mapping_is_remembered_for_the_same_header(page):
    page.read(page.send())
    assert MappingProfile.objects.count() == 1
    again = page.send(year=2022)
    assert "la última vez" in page.get(f"/datos/cargas/{again.pk}/columnas/").content.decode()


def test_the_same_firms_are_not_counted_twice(page):
    for _ in range(2):
        batch = page.read(page.send())
        answer = page.post(f"/datos/cargas/{batch.pk}/usar/")
    assert answer.status_code == 422
    assert "dos veces" in answer.content.decode()
    assert Dataset.objects.count() == 1


def test_a_file_that_is_no_registry_says_so_and_waits(page, tmp_path):
    path = tmp_path / "otra-2023.csv"
    path.write_text("color,forma\nrojo,circulo\nazul,cuadro\n")
    batch = page.send(path)
    page_text = page.get(f"/datos/cargas/{batch.pk}/columnas/")
    answer = page.post(f"/datos/cargas/{batch.pk}/columnas/", {})
    assert answer.status_code == 422
    assert "matrícula" in answer.content.decode()
    assert page_text.status_code == 200


@pytest.mark.parametrize("content", [b"", b"\x00\x01\x02\xff" * 50, b"solo una linea\n"])
def test_rubbish_is_refused_in_words(page, tmp_path, content):
    path = tmp_path / "basura-2023.txt"
    path.write_bytes(content)
    file = SimpleUploadedFile(path.name, content)
    answer = page.post(
        "/datos/cargas/nueva/", {"entity": page.entity.pk, "kind": "registry", "files": file, "year": 2023}
    )
    if answer.status_code == 302:
        answer = page.get(answer.url)
    assert answer.status_code == 422
    assert "Traceback" not in answer.content.decode()


def test_uploads_of_another_entity_do_not_exist(page, client):
    batch = page.send()
    client.force_login(an_analyst(an_entity()))
    for path in ("", "columnas/", "hallazgos.csv"):
        assert client.get(f"/datos/cargas/{batch.pk}/{path}").status_code == 404
    for path in ("usar/", "revertir/", "descartar/"):
        assert client.post(f"/datos/cargas/{batch.pk}/{path}").status_code == 404


def test_a_manager_uploads_nothing(client):
    client.force_login(a_manager(an_entity()))
    assert client.get("/datos/cargas/nueva/").status_code == 403
    assert client.get("/datos/cargas/").status_code == 403


def test_findings_download_with_row_and_remedy(page):
    batch = page.read(page.send())
    answer = page.get(f"/datos/cargas/{batch.pk}/hallazgos.csv")
    text = b"".join(answer.streaming_content).decode()
    assert text.startswith("file,row,column,value,code,severity,es,en")
    assert len(text.splitlines()) > 5


def test_findings_run_no_formula_in_a_spreadsheet(page):
    batch = page.read(page.send())
    path = Path(settings.MEDIA_ROOT) / batch.folder / "reading" / "issues.parquet"
    found = pl.read_parquet(path)
    found.with_columns(value=pl.lit('=HYPERLINK("x")')).write_parquet(path)
    answer = page.get(f"/datos/cargas/{batch.pk}/hallazgos.csv")
    told = pl.read_csv(b"".join(answer.streaming_content), infer_schema=False)
    assert set(told["value"]) == {'\'=HYPERLINK("x")'}


def test_discarding_forgets_the_files(page):
    batch = page.send()
    folder = Path(settings.MEDIA_ROOT) / batch.folder
    assert page.post(f"/datos/cargas/{batch.pk}/descartar/").status_code == 302
    assert not folder.exists()
    assert not ImportBatch.objects.exists()


def test_what_a_screening_uses_stays(page):
    from factories import a_screening

    director = a_director(page.entity)
    batch = page.read(page.send())
    page.post(f"/datos/cargas/{batch.pk}/usar/")
    a_screening(page.entity, director, datasets=[Dataset.objects.get(batch=batch)])
    assert page.post(f"/datos/cargas/{batch.pk}/revertir/").status_code == 422
    assert Dataset.objects.get(batch=batch).reverted_at is None


def test_forgotten_uploads_are_swept_after_a_day(page):
    from datetime import timedelta

    batch = page.send()
    ImportBatch.objects.update(uploaded_at=NOW)
    assert imports.sweep_incoming(now=NOW + timedelta(hours=25)) == 1
    assert not (Path(settings.MEDIA_ROOT) / batch.folder / "incoming").exists()


@pytest.mark.parametrize("name", ["plantilla", "muestra"])
def test_samples_download(client, analyst, name):
    client.force_login(analyst)
    answer = client.get(f"/datos/ejemplos/{name}/")
    assert answer.status_code == 200
    assert len(b"".join(answer.streaming_content)) > 1000


def test_a_profile_survives_as_text(page):
    batch = page.read(page.send())
    assert parse_profile(batch.profile_toml, source="x").columns["activity_1"]


def jobs_csv(path, years=(2020, 2021, 2022, 2023, 2024)):
    """Jobs of two departments by class and year; the first is strong and growing in sugar."""
    lines = ["anio,cod_mpio,ciiu,empleo"]
    for step, year in enumerate(years):
        for town, sugar in (("76001", 900 + 120 * step), ("05001", 200)):
            lines += [f"{year},{town},1071,{sugar}", f"{year},{town},5511,300", f"{year},{town},6201,4000"]
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return path


def send_table(page, path, kind, **more):
    file = SimpleUploadedFile(path.name, path.read_bytes())
    return page.post("/datos/cargas/nueva/", {"entity": page.entity.pk, "files": file, "kind": kind, **more})


def test_jobs_added_up_by_others_are_screened_and_say_what_they_lack(page, tmp_path):
    from coopetir.identify.models import Screening

    answer = send_table(page, jobs_csv(tmp_path / "empleo.csv"), "cells")
    assert answer.status_code == 302, answer.content.decode()[:3000]
    dataset = Dataset.objects.get()
    assert dataset.rows == 30
    assert page.get(answer.url).status_code == 200
    made = page.post(
        "/identificar/tamizajes/nuevo/",
        {"entity": page.entity.pk, "name": "Con empleo", "datasets": [dataset.pk], "families": "nine"},
    )
    assert made.status_code == 302
    screening = Screening.objects.get()
    assert screening.state == "computed"
    sugar = screening.verdicts.get(family="bioenergia")
    assert sugar.outcome == "insufficient_data"
    assert sugar.density is None
    assert sugar.growth == 2
    assert page.get(f"/identificar/tamizajes/{screening.pk}/industria/bioenergia/").status_code == 200
    assert page.get(f"/identificar/tamizajes/{screening.pk}/industria/bioenergia/apoyos/").status_code == 200


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("industry,tech_intensity\n1071,alto\n", "1"),
        ("industry,otra\n1071,1\n", "tech_intensity"),
        ("industry,tech_intensity\n1071,1\n1071,2\n", "se repite"),
        ("", ""),
    ],
)
def test_a_table_of_industries_that_will_not_do_is_refused_by_row(page, tmp_path, text, code):
    path = tmp_path / "industrias.csv"
    path.write_text(text or "industry,tech_intensity\n")
    answer = send_table(page, path, "industries")
    assert answer.status_code == 422
    assert code in answer.content.decode()
    assert not Dataset.objects.exists()


def test_technology_and_demand_of_ones_own(page, tmp_path):
    path = tmp_path / "industrias.csv"
    path.write_text("industry,tech_intensity,world_demand_growth\n1071,2.5,0.03\n5511,,0.01\n")
    assert send_table(page, path, "industries").status_code == 302
    assert Dataset.objects.get().rows == 2


def test_exports_by_product_are_not_taken_for_jobs(page, tmp_path):
    path = tmp_path / "exportaciones.csv"
    path.write_text("dpto1,posar,fobdol\n76,1701999000,100\n76,1806900000,200\n05,6109100000,300\n")
    answer = send_table(page, path, "cells", year=2023)
    assert answer.status_code == 422
    assert "coopetir complexity" in answer.content.decode()
