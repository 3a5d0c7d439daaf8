"""What on this site answers a few words? Industries, families, departments and terms of art."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from urllib.parse import urlencode

import polars as pl
from django.urls import reverse
from django.utils.translation import gettext as _

from coopetir.foundation.core import glossary
from coopetir.foundation.core.search import Document, search
from coopetir.identify.core.survey_tables import survey_tables
from coopetir.identify.queries import explore

MOST = 20


@dataclass(frozen=True)
class Found:
    """One answer: its ``title``, the ``note`` beside it, and where it leads."""

    title: str
    note: str
    url: str


@dataclass(frozen=True)
class Group:
    """Answers of one kind; ``more`` is how many were left out."""

    kind: str
    found: tuple[Found, ...]
    more: int


def find(query: str, language: str) -> list[Group]:
    """Answers by kind, the kinds that have any, best first within each."""
    kinds = (
        (_("Familias de industrias"), _families(), _family),
        (_("Departamentos"), _departments(), _department),
        (_("Industrias (CIIU Rev. 4)"), _industries("en" if language.startswith("en") else "es"), _industry),
        (_("Palabras explicadas"), _terms("en" if language.startswith("en") else "es"), _term),
    )
    groups = []
    for kind, documents, show in kinds:
        hits = search(query, documents)
        if hits:
            groups.append(Group(kind, tuple(show(hit) for hit in hits[:MOST]), max(0, len(hits) - MOST)))
    return groups


def _explore(**values: str) -> str:
    return f"{reverse('identify:explore')}?{urlencode(values)}"


def _family(hit: Document) -> Found:
    return Found(hit.title, _("dónde se concentra"), _explore(vista="mapa", industria=hit.key))


def _department(hit: Document) -> Found:
    return Found(
        hit.title, _("sus familias e industrias"), f"{reverse('website:home')}?departamento={hit.key}"
    )


def _industry(hit: Document) -> Found:
    level = {2: _("división"), 3: _("grupo"), 4: _("clase")}[len(hit.key)]
    return Found(f"{hit.key} {hit.title}", level, _explore(vista="mapa", industria=hit.key))


def _term(hit: Document) -> Found:
    return Found(hit.title, hit.text, f"{reverse('website:help')}#{hit.key}")


@lru_cache(maxsize=2)
def _industries(language: str) -> tuple[Document, ...]:
    tables = survey_tables()
    known = tables.level.filter("listed")["industry"].unique()
    codes = {code[:digits] for code in known for digits in (2, 3, 4)}
    rows = tables.titles.filter(pl.col("code").is_in(list(codes))).select("code", "title_es", "title_en")
    return tuple(
        Document(code, english or spanish, spanish, (code,))
        if language == "en"
        else Document(code, spanish, english or "", (code,))
        for code, spanish, english in rows.iter_rows()
    )


@lru_cache(maxsize=1)
def _families() -> tuple[Document, ...]:
    titles = survey_tables()
    return tuple(
        Document(
            family.id, family.name, " ".join(titles.title(code) for code in family.classes), family.classes
        )
        for family in explore.family_list()
    )


@lru_cache(maxsize=1)
def _departments() -> tuple[Document, ...]:
    return tuple(Document(code, name, "", (code,)) for code, name in explore.department_choices())


@lru_cache(maxsize=2)
def _terms(language: str) -> tuple[Document, ...]:
    entries = [term.in_language(language) for term in glossary.terms()]
    return tuple(Document(entry["key"], entry["word"], entry["text"]) for entry in entries)
