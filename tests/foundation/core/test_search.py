"""Words are found however they are typed: accents, number, half a word, a code."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from coopetir.foundation.core.search import Document, search, term, terms, without_accents

SWEETS = Document("1082", "Elaboración de cacao, chocolate y productos de confitería", codes=("1082", "108"))
SHOES = Document("1521", "Fabricación de calzado de cuero y piel", text="marroquinería", codes=("1521",))
GROWTH = Document("growth", "Crecimiento", text="El empleo crece más que en el país")
ALL = [SWEETS, SHOES, GROWTH]


@pytest.mark.parametrize(
    ("left", "right"),
    [
        ("exportación", "exportaciones"),
        ("exportacion", "exportaciones"),
        ("Confitería", "confiterias"),
        ("CLÚSTER", "clusters"),
        ("clústeres", "cluster"),
        ("industria", "industrias"),
        ("fabricacion", "fabricación"),
    ],
)
def test_forms_of_a_word_are_one_term(left, right):
    assert term(left) == term(right)


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("confiteria", ["1082"]),
        ("CONFITERÍA chocolates", ["1082"]),
        ("calz", ["1521"]),
        ("marroquineria", ["1521"]),
        ("10", ["1082"]),
        ("108", ["1082"]),
        ("calzado chocolate", []),
        ("de la y", []),
        ("", []),
        ("%_'\"; drop", []),
    ],
)
def test_what_is_found(query, expected):
    assert [document.key for document in search(query, ALL)] == expected


def test_the_title_comes_before_the_text():
    other = Document("x", "Otra cosa", text="crecimiento")
    assert [document.key for document in search("crecimiento", [other, GROWTH])] == ["growth", "x"]


@settings(max_examples=60, deadline=None)
@given(st.text(max_size=30))
def test_accents_and_case_of_the_query_do_not_matter(text):
    found = {document.key for document in search(text, ALL)}
    assert {document.key for document in search(text.upper().lower(), ALL)} == found or "ß" in text.lower()
    assert all(without_accents(one) == one for one in terms(text))


def test_every_title_finds_itself():
    for document in ALL:
        assert document in search(document.title, ALL)
