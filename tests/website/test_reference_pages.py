"""Help, method, data and search, open to everyone."""

import re
import tomllib
from html import unescape

import pytest

from coopetir.foundation.core import glossary
from coopetir.identify.core.method import shipped_method
from coopetir.website.site_search import find
from factories import a_user

pytestmark = pytest.mark.django_db


@pytest.fixture
def read(client):
    a_user()

    def get(address):
        answer = client.get(address, headers={"accept-language": "es"})
        assert answer.status_code == 200
        return re.sub(r"\s+", " ", unescape(re.sub(r"<[^>]+>", " ", answer.content.decode())))

    return get


def test_every_term_of_art_is_explained_in_help(read):
    text = read("/ayuda/")
    for term in glossary.terms():
        assert term.text_es in text
    assert "sin cifras de empresas" in text


def test_the_method_page_prints_what_the_calculation_reads(read, client):
    text, method = read("/metodo/"), shipped_method()
    assert f"{method.name}, versión {method.version}" in text
    assert "Especialización del empleo (veces el país) 1,50 1,25" in text
    assert tomllib.loads(client.get("/metodo/metodo.toml").content.decode())["name"] == method.name


def test_the_data_page_names_owners_and_terms(read):
    text = read("/datos/")
    for word in ("DANE, GEIH", "CC BY-SA 4.0", "Datlas Colombia", "Superfinanciera"):
        assert word in text


@pytest.mark.parametrize(
    ("query", "kind", "title"),
    [
        (
            "confiteria",
            "Industrias (CIIU Rev. 4)",
            "1082 Elaboración de cacao, chocolate y productos de confitería",
        ),
        ("1071", "Industrias (CIIU Rev. 4)", "1071 Elaboración y refinación de azúcar"),
        ("azucar", "Familias de industrias", "Bioenergía"),
        ("NARINO", "Departamentos", "Nariño"),
        ("estabilidad", "Palabras explicadas", "Estabilidad"),
    ],
)
def test_what_is_looked_for_is_found(query, kind, title, client):
    groups = {group.kind: [one.title for one in group.found] for group in find(query, "es")}
    assert title in groups[kind]


def test_everything_found_leads_somewhere(client):
    a_user()
    for query in ("papel", "valle", "salud", "umbral"):
        for group in find(query, "es"):
            for one in group.found[:3]:
                assert client.get(one.url).status_code == 200, one


def test_nothing_found_says_what_to_try(read):
    assert "los acentos no importan" in read("/buscar/?q=zzzz")
    assert "Por ejemplo" in read("/buscar/")


def test_every_page_of_the_site_map_opens(client):
    a_user()
    html = client.get("/mapa-del-sitio/").content.decode()
    links = set(re.findall(r"<main.*?</main>", html, flags=re.DOTALL)[0].split('href="')[1:])
    paths = {unescape(link.split('"')[0]) for link in links}
    assert len(paths) > 40
    for path in sorted(paths)[:14]:
        assert client.get(path).status_code == 200, path
    assert client.get("/accesibilidad/").status_code == 200
