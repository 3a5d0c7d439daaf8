"""One page that carries everything, says what the tables say, and needs nothing else."""

from __future__ import annotations

import re
from html.parser import HTMLParser

import polars as pl
import pytest

from coopetir.identify.core.report import render_report
from coopetir.identify.core.report_words import TEXT
from coopetir.identify.core.screening import ScreeningResult, narrowed, screen
from screening_tables import cells, industries

VOID = {"meta", "line", "circle", "br", "link", "img"}


class Page(HTMLParser):
    """Checks that elements close, and keeps what a reader sees."""

    def __init__(self, source: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.text: list[str] = []
        self.feed(source)
        assert self.open == []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        if not self.open or self.open[-1] != "style":
            self.text.append(data)


@pytest.fixture(scope="module")
def result() -> ScreeningResult:
    return screen(cells(), industries(), resamples=10)


@pytest.mark.parametrize("language", ["es", "en"])
def test_it_is_whole_and_needs_nothing_else(result: ScreeningResult, language: str) -> None:
    source = render_report(result, language)
    page = Page(source)
    names = {tag for tag, _ in page.tags}
    assert not names & {"script", "link", "img", "iframe"}
    assert not re.search(r"(https?:)?//", source.replace("<!doctype html>", ""))
    assert dict(page.tags[0][1])["lang"] == {"es": "es-CO", "en": "en"}[language]
    assert "prefers-color-scheme:dark" in source
    assert "@media print" in source
    assert "{" not in " ".join(page.text)


def test_the_order_is_answer_picture_table_method_next_step(result: ScreeningResult) -> None:
    source = render_report(result)
    marks = ['class="answer"', "<svg", "<table", TEXT["es"]["method"] + "</h2>", TEXT["es"]["next"] + "</h2>"]
    places = [source.index(mark) for mark in marks]
    assert places == sorted(places)


def test_every_light_carries_its_word(result: ScreeningResult) -> None:
    source = render_report(screen(cells().drop("firms"), industries(), resamples=0))
    for light, word in (("●", "cumple"), ("○", "no cumple"), ("▨", "sin dato")):
        assert f'<b aria-hidden="true">{light}</b>{word}' in source


def test_the_answer_counts_what_the_table_holds(result: ScreeningResult) -> None:
    count = result.verdicts.filter(pl.col("verdict") == "qualifies").height
    assert count == 1
    answer = re.search(r'class="answer">([^<]+)<', render_report(result))
    assert answer
    assert "En 8 regiones califica una sola combinación" in answer[1]
    one = re.search(r'class="answer">([^<]+)<', render_report(narrowed(result, ["R1"])))
    assert one
    assert one[1].startswith("En R1 no califica hoy ninguna de las 3 familias.")


def test_a_single_region_needs_no_column(result: ScreeningResult) -> None:
    for page, columns in ((render_report(result), 12), (render_report(narrowed(result, ["R0"])), 11)):
        first = page[page.index("<thead>") : page.index("</thead>")]
        row = page[page.index("<tbody>") : page.index("</tr>", page.index("<tbody>"))]
        assert first.count("<th ") == columns
        assert row.count("<td") + row.count("<th ") == columns


def test_names_are_escaped(result: ScreeningResult) -> None:
    named = industries().with_columns(family_name=pl.lit("<script>alert(1)</script>"))
    source = render_report(screen(cells(), named, resamples=0))
    assert "<script" not in source
    assert "&lt;script&gt;" in source


def test_a_survey_says_so() -> None:
    source = render_report(screen(cells(), industries(), resamples=0, survey=True))
    assert TEXT["es"]["survey"] in source


def test_both_languages_have_the_same_words() -> None:
    assert set(TEXT["es"]) == set(TEXT["en"])
    for key, text in TEXT["es"].items():
        assert set(re.findall(r"{(\w+)}", text)) == set(re.findall(r"{(\w+)}", TEXT["en"][key])), key
