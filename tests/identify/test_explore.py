"""Explore for a stranger: what it shows, what it refuses, what it costs."""

import re
import xml.etree.ElementTree as ET
from html import unescape

import polars as pl
import pytest

from coopetir.foundation.core.tables import read_table
from coopetir.identify.core.explore_pictures import drawable, labelled
from coopetir.identify.core.survey_explore import quadrant
from coopetir.identify.queries import explore, explore_views
from coopetir.identify.views.explore_state import State, read_state
from factories import a_user, an_analyst

pytestmark = pytest.mark.django_db
HOME = "/identificar/explorar/"
VIEWS = ("industrias", "mapa", "comparar", "anios")


@pytest.fixture
def open_page(client):
    a_user()

    def get(query="", status=200):
        answer = client.get(f"{HOME}{query}", headers={"accept-language": "es"})
        assert answer.status_code == status, query
        return re.sub(r"\s+", " ", unescape(answer.content.decode()))

    return get


@pytest.mark.parametrize("view", VIEWS)
def test_every_view_has_answer_picture_table_source_and_downloads(open_page, view):
    html = open_page(f"?vista={view}")
    assert 'class="c-answer-text"' in html
    assert html.count("<svg") >= 2
    assert "<title" in html
    assert "<desc" in html
    assert 'class="c-table' in html
    assert "Fuentes:" in html
    for kind in ("tabla.csv", "tabla.xlsx", "tabla.parquet", "figura.svg", "figura.png"):
        assert f"{HOME}{kind}" in html


@pytest.mark.parametrize("code", ["05", "76", "88", "97"])
@pytest.mark.parametrize("view", VIEWS)
def test_departments_with_little_or_no_data_have_pages_too(open_page, code, view):
    html = open_page(f"?departamento={code}&vista={view}")
    assert "c-answer-text" in html
    assert "nan" not in re.sub(r"<[^>]+>", " ", html).lower().split()


def test_the_answer_counts_what_the_table_holds(open_page):
    rows = drawable(quadrant("76", digits=2))
    strengths = rows.filter(pl.col("quadrant") == "strength").height
    assert f"{strengths} de {rows.height} divisiones con datos son fortalezas" in open_page()


def test_search_is_deaf_to_accents_and_sorting_keeps_unknown_last(open_page):
    assert "1082 Elaboración de cacao, chocolate y productos de confitería" in open_page(
        "?nivel=4&q=CONFITERIA"
    )
    assert "contiene «zzz»" in open_page("?q=zzz")
    for sort in ("growth", "-growth"):
        known = explore_views.listed("76", 4, "", sort)["growth"].is_not_null().to_list()
        assert known == sorted(known, reverse=True)
        values = explore_views.listed("76", 4, "", sort)["growth"].drop_nulls()
        assert values.is_sorted(descending=sort.startswith("-"))


def test_pages_follow_each_other_without_gap(client):
    a_user()
    seen = []
    for page in range(1, 5):
        table = client.get(f"{HOME}?page={page}").context["table"]
        seen += [row["cells"][0]["text"][:2] for row in table["rows"]]
    assert seen == explore_views.listed("76", 2, "", "-lq")["industry"].to_list()


@pytest.mark.parametrize(
    "query", ["page=abc", "page=-3", "page=9999", "nivel=7", "orden=; drop", "vista=otra", "con=99999"]
)
def test_nonsense_in_the_address_falls_back(open_page, query):
    assert "c-answer-text" in open_page(f"?{query}")


@pytest.mark.parametrize(
    ("query", "said"),
    [
        ("departamento=77", "No hay datos del departamento «77»"),
        ("departamento=%27%20or%201", "No hay datos del departamento"),
        ("vista=mapa&industria=0000", "No hay una industria ni una familia «0000»"),
        ("vista=anios&industria=%3Cscript%3E", "No hay una industria ni una familia «<script>»"),
        ("vista=comparar&con=77", "No hay datos del departamento «77»"),
    ],
)
def test_what_does_not_exist_is_refused_by_name(open_page, query, said):
    assert said in open_page(f"?{query}", status=422)


def test_what_a_visitor_writes_is_never_markup(client):
    a_user()
    html = client.get(f"{HOME}?q=%3Cscript%3Ealert(1)%3C/script%3E").content.decode()
    assert "<script>alert" not in html


def test_a_link_shows_the_same_again():
    from django.http import QueryDict

    state = State("05", 4, "cacao", "-jobs", "comparar", "1082", ("76", "11"))
    assert read_state(QueryDict(state.address()[1:])) == state
    assert State().address() == "?"


def test_the_map_agrees_with_the_family_figures_of_the_home_page():
    for family in explore.department_answers("76").families:
        here = explore.industry_everywhere(family.id).filter(department="76").row(0, named=True)
        assert here["lq"] == pytest.approx(family.lq)
        assert here["jobs"] == pytest.approx(family.jobs)


def test_survey_noise_is_neither_zero_nor_a_rank():
    frame = explore_views.by_department("economia_digital")
    noisy = frame.filter("noise")
    assert noisy.height
    assert noisy["rank"].null_count() == noisy.height
    ranked = frame.filter(~pl.col("noise"))
    assert ranked["rank"].to_list() == list(range(1, ranked.height + 1))
    assert ranked["lq"].is_sorted(descending=True)


def test_years_stop_in_2017_and_level_stands_apart(open_page):
    html = open_page("?vista=anios&industria=bioenergia")
    assert explore_views.by_year("bioenergia", "76")["year"].to_list() == list(range(2012, 2018))
    assert "no va en esta línea" in html
    assert "Especialización, 2022" in html
    assert explore_views.by_year("bioenergia", "88").height == 0


@pytest.mark.parametrize("kind", ["csv", "xlsx", "parquet"])
def test_downloads_hold_the_whole_result_not_the_page(client, tmp_path, kind):
    a_user()
    answer = client.get(f"{HOME}tabla.{kind}?nivel=3&q=fabricacion")
    assert answer.status_code == 200
    path = tmp_path / f"t.{kind}"
    path.write_bytes(answer.content)
    assert read_table(path).height == explore_views.listed("76", 3, "fabricacion", "-lq").height > 25


@pytest.mark.parametrize("view", VIEWS)
def test_pictures_stand_alone_and_named(client, view):
    a_user()
    for tone in ("", "&tono=gris"):
        answer = client.get(f"{HOME}figura.svg?vista={view}{tone}")
        root = ET.fromstring(answer.content)  # noqa: S314  (our own drawing)
        assert root.find("{http://www.w3.org/2000/svg}title").text
        assert b"var(--" not in answer.content
        assert b"<a " not in answer.content
    assert client.get(f"{HOME}figura.png?vista={view}").content[:8] == b"\x89PNG\r\n\x1a\n"
    assert client.get(f"{HOME}figura.exe?vista={view}").status_code == 404


def test_labels_of_the_quadrant_leave_each_other_room():
    points = drawable(explore.industry_rows("76", 3))
    named = labelled(points, width=680, limit=12)
    assert 3 <= len(named) <= 12
    assert len(set(named)) == len(named)


@pytest.mark.parametrize("view", VIEWS)
def test_pages_ask_the_database_little(client, django_assert_max_num_queries, view):
    a_user()
    client.get(f"{HOME}?vista={view}")
    with django_assert_max_num_queries(1):
        client.get(f"{HOME}?vista={view}&departamento=05")
    client.force_login(an_analyst())
    client.get(f"{HOME}?vista={view}")
    with django_assert_max_num_queries(4):  # session, person, roles, first-run check
        client.get(f"{HOME}?vista={view}")


def test_saving_a_view_is_offered_only_to_people_who_signed_in(client):
    a_user()
    assert "Guardar vista" not in client.get(HOME).content.decode()
    client.force_login(an_analyst())
    assert "Guardar vista" in client.get(f"{HOME}?vista=mapa").content.decode()
