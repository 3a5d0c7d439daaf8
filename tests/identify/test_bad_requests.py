"""What somebody types into an address or a form never ends in an error of the program."""

import shutil
from pathlib import Path

import pytest
from django.conf import settings
from django.urls import reverse

import leave_with_world as world
from coopetir.identify.models import SavedView
from coopetir.identify.operations.sharing import AddressInvalid, save_view
from factories import NOW, an_analyst, an_entity

pytestmark = pytest.mark.django_db


@pytest.fixture
def analyst():
    return an_analyst(an_entity())


@pytest.mark.parametrize(
    "address",
    [
        "//otro.example/",
        "/\\otro.example",
        "https://otro.example/",
        "javascript:alert(1)",
        "/\t/otro.example",
        "/a\nb",
        "/a\x00b",
        "///otro.example",
        "identificar/",
        "",
    ],
)
def test_only_pages_of_this_installation_are_saved(analyst, address):
    with pytest.raises(AddressInvalid):
        save_view(name="Vista", address=address, entity=None, actor=analyst, now=NOW)


def test_an_own_page_with_filters_is_saved(analyst):
    address = "/identificar/explorar/?dpto=76&q=az%C3%BAcar"
    assert save_view(name="Vista", address=address, entity=None, actor=analyst, now=NOW).address == address


def test_an_address_too_long_is_refused_in_words(client, analyst):
    client.force_login(analyst)
    sent = {"name": "Vista", "address": "/identificar/?q=" + "a" * 1000}
    assert client.post(reverse("identify:save_view"), sent).status_code < 500
    assert not SavedView.objects.exists()


@pytest.mark.parametrize("field", ["datasets", "entity", "previous"])
@pytest.mark.parametrize("key", ["9" * 30, "9" * 5000, "²", "-1", "x"])
def test_a_number_no_table_has_is_an_answer_of_the_form(client, analyst, field, key):
    client.force_login(analyst)
    sent = {"entity": analyst.roles.get().entity_id, "name": "T", "families": "nine"} | {field: key}
    answer = client.post(reverse("identify:screening_new"), sent)
    assert answer.status_code == 422
    assert answer.context["form"].errors


@pytest.mark.parametrize("edition", ["interna", "publica"])
def test_evidence_whose_files_are_gone_says_so(client, analyst, edition):
    made = world.computed(analyst.roles.get().entity, analyst)
    shutil.rmtree(Path(settings.MEDIA_ROOT) / made.folder)
    client.force_login(analyst)
    answer = client.get(reverse("identify:evidence", args=[made.pk, edition]))
    assert answer.status_code == 422
    assert "Calcule de nuevo" in answer.text
