"""The Excel of firms to call: what is in it, in which order, and that nothing in it runs."""

import io
import zipfile

import polars as pl
import pytest
from django.urls import reverse

import leave_with_world as world
from coopetir.foundation.core.nit import check_digit
from coopetir.foundation.models import Event
from factories import a_director, a_manager, a_user, an_admin, an_analyst, an_entity

pytestmark = pytest.mark.django_db


@pytest.fixture
def made(db):
    entity = an_entity()
    return world.computed(entity, an_analyst(entity))


def ask(client, made, user, family="hoteles"):
    if user is not None:
        client.force_login(user)
    return client.get(reverse("identify:firms_xlsx", args=[made.pk, family]))


def sheet(response, name="Empresas"):
    return pl.read_excel(io.BytesIO(response.content), sheet_name=name, infer_schema_length=None)


def test_firms_by_jobs_with_everything_known(client, made):
    rows = sheet(ask(client, made, a_director(made.entity), "azucar"))
    assert rows.columns == [
        "NIT", "Nombre", "Municipio", "CIIU", "Actividad", "Empleos", "Ingresos (COP)", "Tamaño", "Última renovación",
    ]  # fmt: skip
    # twelve of 1071 grown by 30 % in 2023, and the natural person of 1072 with 15 jobs last
    expected = sorted((round((20 + at) * 1.3) for at in range(12)), reverse=True)
    assert rows["Empleos"].to_list() == [*expected, 15]
    first = rows.row(0, named=True)
    assert first["Nombre"] == "AZUCARERA 11 SAS"
    assert first["NIT"] == f"900000012-{check_digit('900000012')}"
    assert first["Municipio"] == "Palmira"
    assert first["CIIU"] == "1071"
    assert first["Ingresos (COP)"] == 31 * 50_000_000
    # 1.550 millones over a UVT of 42.412 (2023) = 36.546: small in manufacturing (23.563 to 204.995)
    assert first["Tamaño"] == "Pequeña empresa"
    assert str(first["Última renovación"]) == "2023-03-01"


def test_a_natural_person_has_neither_name_nor_number(client, made):
    last = sheet(ask(client, made, an_analyst(made.entity), "azucar")).row(-1, named=True)
    assert last["NIT"] is None
    assert last["Nombre"].startswith("Persona natural")


def test_text_that_looks_like_a_formula_stays_text(client, made):
    response = ask(client, made, a_director(made.entity))
    assert "=HYPERLINK(1) HOTEL SAS" in sheet(response)["Nombre"].to_list()
    with zipfile.ZipFile(io.BytesIO(response.content)) as book:
        xml = b"".join(book.read(name) for name in book.namelist() if name.startswith("xl/worksheets/"))
    assert b"<f>" not in xml
    assert b"<f " not in xml
    assert b"hyperlink" not in xml


def test_the_header_stays_and_filters(client, made):
    response = ask(client, made, a_director(made.entity))
    with zipfile.ZipFile(io.BytesIO(response.content)) as book:
        xml = book.read("xl/worksheets/sheet1.xml").decode()
    assert 'state="frozen"' in xml
    assert "<autoFilter" in xml


def test_notes_say_purpose_law_and_source(client, made):
    notes = " ".join(
        pl.read_excel(
            io.BytesIO(ask(client, made, a_director(made.entity)).content),
            sheet_name="Notas",
            has_header=False,
        )["column_1"].to_list()
    )
    for words in ("Ley 1581", "Invitar a las empresas", made.entity.name, "sha256"):
        assert words in notes


def test_each_download_is_remembered(client, made):
    director = a_director(made.entity)
    ask(client, made, director)
    event = Event.objects.get(action="identify.firms.exported")
    assert event.actor == director
    assert event.entity_id == made.entity_id


def test_only_the_owners_of_the_firms_get_it(client, made):
    for user in (a_manager(made.entity), an_admin()):
        assert ask(client, made, user).status_code == 403
    for user in (an_analyst(), a_director(), a_user()):
        assert ask(client, made, user).status_code == 404
    made.published_at = made.computed_at
    made.save()
    for user in (an_analyst(), a_director(), a_user(), a_manager(made.entity), an_admin()):
        assert ask(client, made, user).status_code == 403
    client.logout()
    assert ask(client, made, None).status_code == 302
    assert not Event.objects.filter(action="identify.firms.exported").exists()
