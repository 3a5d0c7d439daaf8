"""The gallery of components: valid for a strict content policy, tied labels, both languages, honest words."""

import re
from collections import Counter
from html.parser import HTMLParser

import pytest
from django.contrib.auth.models import AnonymousUser
from django.template import engines
from django.template.loader import render_to_string
from django.test import RequestFactory
from django.utils import translation


def page(template="foundation/component_gallery.html", language="es-co", **cookies):
    request = RequestFactory().get("/componentes/", {"page": 3})
    request.user = AnonymousUser()
    request.COOKIES.update(cookies)
    with translation.override(language):
        return render_to_string(template, request=request)


class Outline(HTMLParser):
    """Tags with their attributes."""

    def __init__(self, html):
        super().__init__()
        self.tags = []
        self.feed(html)

    def handle_starttag(self, tag, attrs):
        self.tags.append((tag, dict(attrs)))

    def of(self, *names):
        return [attrs for tag, attrs in self.tags if tag in names]


@pytest.mark.parametrize("language", ["es-co", "en"])
def test_the_page_passes_a_strict_content_policy(language):
    outline = Outline(page(language=language))
    assert all("style" not in attrs for _, attrs in outline.tags)
    assert not outline.of("style")
    assert all(attrs.get("src", "").startswith("/static/") for attrs in outline.of("script"))
    assert not [name for _, attrs in outline.tags for name in attrs if name.startswith("on")]
    outside = [
        attrs for _, attrs in outline.tags for key in ("src", "href") if "//" in (attrs.get(key) or "")
    ]
    assert outside == []


def test_ids_are_unique_and_every_reference_finds_one():
    outline = Outline(page())
    ids = Counter(attrs["id"] for _, attrs in outline.tags if attrs.get("id"))
    assert [name for name, times in ids.items() if times > 1] == []
    references = ("for", "aria-labelledby", "aria-describedby", "popovertarget")
    wanted = {
        one for _, attrs in outline.tags for key in references for one in (attrs.get(key) or "").split()
    }
    assert wanted <= set(ids), wanted - set(ids)


def test_every_input_has_a_label_and_a_wrong_one_its_error():
    html = page()
    outline = Outline(html)
    labelled = {attrs.get("for") for attrs in outline.of("label")}
    for attrs in outline.of("input", "select", "textarea"):
        if attrs.get("type") != "hidden":
            assert attrs.get("id") in labelled or attrs.get("aria-label"), attrs
    (nit,) = [attrs for attrs in outline.of("input") if attrs.get("id") == "bad_nit"]
    assert nit["aria-invalid"] == "true"
    assert nit["aria-describedby"].split() == ["bad_nit_helptext", "bad_nit_error"]
    assert re.search(r'role="alert"[^>]*data-error-summary.*?href="#bad_nit"', html, re.S)


def test_one_heading_landmarks_and_a_way_past_the_top_bar():
    outline = Outline(page())
    assert len(outline.of("h1")) == 1
    assert len(outline.of("main")) == 1
    first_link = next(attrs for attrs in outline.of("a"))
    assert first_link["href"] == "#" + outline.of("main")[0]["id"]
    assert outline.of("html")[0]["lang"] == "es-CO"
    assert all(attrs.get("scope") for attrs in outline.of("th"))


def test_unknown_protected_and_zero_read_differently():
    template = engines["django"].from_string(
        "{% load parts %}{% light a %}|{% light b %}|{% light c %}|{{ a|percent }}|{{ c|percent }}|{{ gone|number }}"
    )
    with translation.override("es-co"):
        unknown, protected, zero, *figures = template.render({"a": None, "b": "protected", "c": 0}).split("|")
    assert "sin dato" in unknown
    assert "protegido" in protected
    assert "no cumple" in zero
    assert figures == ["sin dato", "0\N{NO-BREAK SPACE}%", "sin dato"]


@pytest.mark.parametrize(
    ("choice", "drawn"), [("dark", "dark"), ("light", "light"), ('"><script>', None), ("", None)]
)
def test_the_theme_of_the_cookie_is_drawn_by_the_server(choice, drawn):
    outline = Outline(page(coopetir_theme=choice))
    assert outline.of("html")[0].get("data-theme") == drawn


@pytest.mark.parametrize("template", ["400.html", "403.html", "403_csrf.html", "404.html", "500.html"])
def test_error_pages_need_neither_database_nor_request(template):
    with translation.override("es-co"):
        html = render_to_string(template)
    assert len(Outline(html).of("h1")) == 1
    assert "csrfmiddlewaretoken" not in html


def test_text_of_others_is_escaped_in_components():
    template = engines["django"].from_string(
        '{% include "components/answer.html" with text=evil sure=evil only %}'
        '{% include "components/table.html" with table=table only %}'
        '{% include "components/alert.html" with kind="error" text=evil items=list only %}'
    )
    evil = "<img src=x onerror=alert(1)>"
    table = {"caption": evil, "columns": [{"label": evil}], "rows": [{"cells": [{"text": evil}]}]}
    assert "<img" not in template.render({"evil": evil, "table": table, "list": [evil]})
