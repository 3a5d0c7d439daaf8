"""A member list from upload to panel: what is kept, what is shown once, and who reads which figures."""

import io
import json

import polars as pl
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

import leave_with_world as world
from coopetir.foundation.models import Event
from coopetir.identify.models import Footprint
from factories import a_director, a_manager, a_user, an_admin, an_analyst, an_entity

pytestmark = pytest.mark.django_db

# Giant hotel, five sugar mills, one of Antioquia, one nobody knows, one person, one that is no number.
LISTED = ["900000014", "900000001", "900000002", "900000003", "900000004", "900000005"]


@pytest.fixture
def entity(db):
    return an_entity()


@pytest.fixture
def dataset(entity):
    return world.write_dataset(entity, an_analyst(entity))


def of_antioquia():
    return next(firm["nit"] for firm in world.firms() if firm["municipality"] == "05001")


def the_list(extra=("999888777", "1144000111", "sin número")):
    lines = ["NIT", *LISTED, of_antioquia(), *extra]
    return SimpleUploadedFile("miembros.csv", "\n".join(lines).encode())


def send(client, user, dataset, **changes):
    client.force_login(user)
    data = {
        "name": "Plataforma de prueba",
        "dataset": dataset.pk,
        "department": "76",
        "contrast": "05",
        "members": the_list(),
    } | changes
    return client.post(reverse("identify:footprint_new"), data)


def test_from_list_to_panel(client, entity, dataset):
    page = send(client, an_analyst(entity), dataset)
    assert page.status_code == 200
    found = Footprint.objects.get()
    assert (found.result["listed"], found.result["matched"], found.result["elsewhere"]) == (9, 6, 1)
    shares = {share["measure"]: share for share in found.result["shares"]}
    valle = [firm for firm in world.firms() if firm["municipality"].startswith("76")]
    assert shares["firms"]["members"] == pytest.approx(6 / len(valle))
    income = {firm["nit"]: firm["income_cop"] for firm in valle}
    assert shares["sales"]["members"] == pytest.approx(
        sum(income[nit] for nit in LISTED) / sum(income.values())
    )
    assert "6 miembros encontrados" in page.text
    assert "PILA" in page.text
    assert "falta una tabla de exportaciones" in page.text


def test_the_members_not_found_are_shown_once_and_persons_never(client, entity, dataset):
    page = send(client, an_analyst(entity), dataset)
    assert "999888777" in page.text
    assert "1144000111" not in page.text
    assert "puede ser una persona natural" in page.text
    assert "no se lee como NIT" in page.text
    assert of_antioquia() in page.text
    again = client.get(reverse("identify:footprint", args=[Footprint.objects.get().pk]))
    assert "999888777" not in again.text


def test_no_number_of_the_list_is_kept(client, entity, dataset, settings):
    send(client, an_analyst(entity), dataset)
    kept = str(Footprint.objects.values().get()) + str(list(Event.objects.values()))
    numbers = [*LISTED, of_antioquia(), "999888777", "1144000111"]
    for number in numbers:
        assert number not in kept
    from pathlib import Path

    files = [path for path in Path(settings.MEDIA_ROOT).rglob("*") if path.is_file()]
    assert [path.name for path in files] == [Path(dataset.path).name]
    assert Footprint.objects.get().members_sha256


def test_exports_give_the_three_figures(client, entity, dataset):
    table = (
        "nit;hs6;fob_usd\n900000001;870322;16,5\n900000002;090111;83,5\n" + f"{of_antioquia()};870322;50,25\n"
    )
    exports = SimpleUploadedFile("exportaciones.csv", table.encode())
    send(client, an_analyst(entity), dataset, exports=exports)
    share = {item["measure"]: item for item in Footprint.objects.get().result["shares"]}["high_value_exports"]
    assert share["members"] == pytest.approx(0.165)
    assert share["territory"] == pytest.approx(0.165)
    assert share["contrast"] == pytest.approx(1.0)


def test_a_manager_reads_no_figure_that_gives_a_firm_away(client, entity, dataset):
    director = a_director(entity)
    inside = send(client, director, dataset).text
    found = Footprint.objects.get()
    assert not {item["measure"]: item for item in found.result["shares"]}["sales"]["safe"]
    client.force_login(a_manager(entity))
    page = client.get(reverse("identify:footprint", args=[found.pk]))
    assert page.status_code == 200
    assert "protegido" in page.text
    assert "protegido" not in inside
    csv = client.get(reverse("identify:footprint_download", args=[found.pk, "csv"]))
    table = pl.read_csv(io.BytesIO(csv.content))
    assert table.filter(pl.col("measure") == "sales").select("members", "status").row(0) == (None, "c")
    sales = {item["measure"]: item for item in found.result["shares"]}["sales"]["members"]
    svg = client.get(reverse("identify:footprint_download", args=[found.pk, "svg"])).text
    for text in (page.text, csv.text if hasattr(csv, "text") else "", svg):
        assert f"{sales:.0%}".replace("%", "\xa0%") not in text


def test_a_safe_share_has_no_decimals_outside(client, entity, dataset):
    nits = [f"9{at:08d}" for at in range(1, 7)]
    sugar = SimpleUploadedFile("azucar.csv", "\n".join(["NIT", *nits]).encode())
    send(client, a_director(entity), dataset, members=sugar)
    found = Footprint.objects.get()
    shares = {item["measure"]: item for item in found.result["shares"]}
    assert shares["jobs"]["safe"]
    client.force_login(a_manager(entity))
    csv = client.get(reverse("identify:footprint_download", args=[found.pk, "csv"]))
    value = pl.read_csv(io.BytesIO(csv.content)).filter(pl.col("measure") == "jobs")["members"].item()
    assert value == round(shares["jobs"]["members"], 2)
    assert value != shares["jobs"]["members"]


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"contrast": "76"}, "mismo departamento"),
        ({"members": SimpleUploadedFile("lista.pdf", b"%PDF-1.7")}, "no es CSV, TXT ni XLSX"),
        ({"members": SimpleUploadedFile("lista.csv", b"NIT\n901999888\n")}, "Ninguno de los 1 NIT"),
        (
            {"members": SimpleUploadedFile("lista.csv", b"nombre,ciudad\nAna,Cali\n")},
            "no hay una columna con NIT",
        ),
        ({"exports": SimpleUploadedFile("e.csv", b"nit,otro\n900000001,2\n")}, "le faltan columnas"),
        ({"members": SimpleUploadedFile("bomba.xlsx", b"PK\x03\x04basura")}, "bomba.xlsx"),
    ],
)
def test_what_will_not_do_is_said_on_the_form(client, entity, dataset, changes, said):
    page = send(client, an_analyst(entity), dataset, **changes)
    assert page.status_code == 422
    assert said in page.text
    assert not Footprint.objects.exists()


def test_downloads(client, entity, dataset):
    send(client, an_analyst(entity), dataset)
    pk = Footprint.objects.get().pk
    kinds = {"csv": "text/csv", "xlsx": "spreadsheetml", "svg": "image/svg+xml", "png": "image/png"}
    for kind, expected in kinds.items():
        response = client.get(reverse("identify:footprint_download", args=[pk, kind]))
        assert expected in response["Content-Type"]
        assert response.content
    assert client.get(reverse("identify:footprint_download", args=[pk, "exe"])).status_code == 404


def test_who_may_weigh_and_read(client, entity, dataset):
    send(client, a_director(entity), dataset)
    found = Footprint.objects.get()
    one = reverse("identify:footprint", args=[found.pk])
    download = reverse("identify:footprint_download", args=[found.pk, "csv"])
    assert client.get(one).status_code == 200
    for user in (an_analyst(), a_director(), a_manager(), an_admin(), a_user()):
        client.force_login(user)
        assert client.get(one).status_code == 404
        assert client.get(download).status_code == 404
    # another entity's analyst may not weigh a list against this registry
    assert send(client, an_analyst(), dataset).status_code == 422
    assert send(client, a_manager(entity), dataset).status_code == 403
    assert send(client, an_admin(), dataset).status_code == 403
    assert send(client, a_user(), dataset).status_code == 403
    assert client.get(reverse("identify:footprint_list")).status_code == 403
    client.force_login(a_manager(entity))
    assert found.name in client.get(reverse("identify:footprint_list")).text
    client.logout()
    for url in (one, download, reverse("identify:footprint_list"), reverse("identify:footprint_new")):
        assert client.get(url).status_code == 302
    assert Footprint.objects.count() == 1


def test_the_event_holds_counts_only(client, entity, dataset):
    send(client, an_analyst(entity), dataset)
    event = Event.objects.get(action="identify.footprint.created")
    assert json.loads(json.dumps(event.after)) == {"listed": 9, "matched": 6}
