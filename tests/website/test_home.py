"""The first page a stranger sees: what it claims, what it leaves open, and that it works without a script."""

import re
from html import unescape

import pytest

from coopetir.foundation.core.tables import read_table
from coopetir.identify.queries.explore import department_answers, department_choices
from coopetir.website import queries
from factories import a_user

pytestmark = pytest.mark.django_db


@pytest.fixture
def read(client):
    """The text of a page, without tags and doubled spaces."""
    a_user()

    def get(address="/", status=200, language="es"):
        answer = client.get(address, headers={"accept-language": language})
        assert answer.status_code == status, address
        plain = re.sub(
            r"<template.*?</template>|<script.*?</script>", " ", answer.content.decode(), flags=re.DOTALL
        )
        return re.sub(r"\s+", " ", unescape(re.sub(r"<[^>]+>", " ", plain)))

    return get


def test_the_answer_comes_first_and_claims_no_more_than_the_data(read):
    text = read()
    assert "¿Qué industrias del Valle del Cauca califican como clúster?" in text
    assert "ninguna de las nueve familias cumple todo lo que se puede evaluar" in text
    assert "Las más cercanas: Proteína blanca y Excelencia clínica." in text
    assert "Solo 2 de 4 criterios evaluables" in text
    assert "Datos reales: GEIH (DANE)" in text
    assert "Probar con mis datos" in text


def test_every_family_has_four_lights_a_decision_and_three_sentences(client):
    a_user()
    html = client.get("/").content.decode()
    rows = re.findall(r"<tbody id=\"familia-.*?</tbody>", html, flags=re.DOTALL)
    assert len(rows) == 12
    for row in rows:
        assert row.count('class="c-light"') == 4
        assert len(re.findall(r"<li>[^<]+\.</li>", row)) == 3
        assert row.count('data-grade="unknown"') >= 2  # technology and market: nobody measured them
    assert sum("no elegida" in row for row in rows) == 3
    assert [year for row in rows for year in re.findall(r">(20[12]\d)<", row)] == [
        "2014", "2014", "2015", "2015", "2015", "2016", "2018", "2020", "2020",
    ]  # fmt: skip


def test_the_form_flips_a_verdict_without_a_script(read):
    text = read("/?lq=1,2")
    assert "Excelencia clínica pasa de «En el límite» a «Cumple lo evaluable»" in text
    assert "Con el umbral en 1,20 cambian 2 veredictos" in text
    # The answer stays the Method's: the slider is a what-if.
    assert "ninguna de las nueve familias" in text
    assert "ningún veredicto cambia" in read("/?lq=1.45")


@pytest.mark.parametrize("wrong", ["abc", "nan", "inf", "", "1e999", "--1"])
def test_a_threshold_that_is_no_number_is_the_methods(read, wrong):
    assert "Este es el umbral del método" in read(f"/?lq={wrong}")


def test_a_threshold_beyond_the_slider_stops_at_its_end(client):
    a_user()
    assert client.get("/?lq=99").context["board"].threshold == queries.LQ_HIGHEST
    assert client.get("/?lq=-4").context["board"].threshold == queries.LQ_LOWEST


@pytest.mark.parametrize("threshold", [0.5, 0.95, 1.2, 1.26, 1.5, 1.75, 2.5, 3.0])
def test_the_board_moves_as_the_rule_does(threshold):
    """The page's rows against the rule of ``identify``, family by family."""
    view = department_answers("76")
    board = queries.board("76", threshold, "es")
    for row, family in zip(board.rows, (*view.families, *view.unchosen), strict=True):
        expected = family.verdict_under(threshold)
        assert (row["partial"], row["met"], row["evaluable"]) == (
            expected.partial,
            expected.met,
            expected.evaluable,
        )
    assert {change.name for change in board.changes} == {
        row["name"] for row in board.rows if row["partial"] != row["default_partial"]
    }


def test_a_click_without_a_script_opens_the_reasons(client):
    a_user()
    html = client.get("/?porque=bioenergia").content.decode()
    hidden = re.findall(r'<tr class="x-because" id="porque-([a-z_0-9]+)"( hidden)?', html)
    assert [name for name, is_hidden in hidden if not is_hidden] == ["bioenergia"]


@pytest.mark.parametrize("code", [code for code, _ in department_choices()])
def test_every_department_has_its_page(code):
    board = queries.board(code, None, "es")
    assert board.families
    assert len(board.rows) == 9 + len(board.unchosen)
    assert all(row["chosen_in"] is None for row in board.rows) or code == "76"


def test_a_department_that_does_not_exist_is_a_sentence(read):
    assert "No hay datos del departamento «77»" in read("/?departamento=77", status=422)


def test_other_departments_are_not_judged_by_the_chamber_of_cali(read):
    text = read("/?departamento=05")
    assert "¿Qué industrias de Antioquia califican como clúster?" in text
    assert "Coinciden los datos" not in text
    assert "fuera de esas familias" in text


def test_level_and_growth_never_share_a_line(read):
    text = read()
    assert "nunca van en una misma línea" in text
    for family in department_answers("76").families:
        for sentence in family.sentences["es"]:
            assert not ("2022" in sentence and "2017" in sentence)


@pytest.mark.parametrize("kind", ["csv", "xlsx", "parquet"])
def test_the_board_can_be_taken_away(client, tmp_path, kind):
    a_user()
    answer = client.get(f"/familias.{kind}?departamento=76")
    assert answer.status_code == 200
    path = tmp_path / f"board.{kind}"
    path.write_bytes(answer.content)
    frame = read_table(path)
    assert frame.height == 12
    assert {str(value) for value in frame["evaluable"]} <= {"1", "2"}
    assert client.get("/familias.exe").status_code == 404


def test_the_page_is_open_and_asks_the_database_little(client, django_assert_max_num_queries):
    a_user()
    client.get("/")
    with django_assert_max_num_queries(2):  # the owner's existence and the demo's screening; no session
        assert client.get("/").status_code == 200
    with django_assert_max_num_queries(2):
        assert client.get("/?departamento=05&lq=1.1&porque=belleza").status_code == 200


def test_the_invented_region_is_offered_only_when_it_is_published(client):
    from coopetir.identify.models import Screening
    from factories import NOW, an_analyst, an_entity

    analyst = an_analyst()
    assert "Región Demo" not in client.get("/").content.decode()
    values = {"department": "76", "method_toml": "", "created_by": analyst, "created_at": NOW}
    real = Screening.objects.create(entity=an_entity(), name="Real", published_at=NOW, **values)
    demo = Screening.objects.create(entity=an_entity(invented=True), name="Demo", **values)
    assert "Región Demo" not in client.get("/").content.decode()
    demo.published_at = NOW
    demo.save()
    html = client.get("/").content.decode()
    assert f"/identificar/tamizajes/{demo.pk}/" in html
    assert f"/identificar/tamizajes/{real.pk}/" not in html


def test_a_light_that_changes_without_a_verdict_is_said(read):
    from coopetir.website.queries import board

    found = next(
        one for at in range(50, 301, 5) if (one := board("76", at / 100, "es")).lights and not one.changes
    )
    text = read(f"/?lq={found.threshold}")
    assert f"de densidad de {', '.join(found.lights)}; ningún veredicto" in text


def test_a_department_without_large_industries_says_why(read):
    text = read("/?departamento=91")
    assert "Las tres industrias" not in text
    assert "No se comparan industrias fuera de esas familias" in text
    assert "ruido en 2022" in text
