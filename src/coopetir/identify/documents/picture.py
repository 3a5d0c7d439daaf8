"""The verdict as a picture for slides and pages: the measures against what is asked for."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

from coopetir.foundation.core.charts import render_png
from coopetir.identify.core.method import CRITERIA, Method
from coopetir.identify.core.threshold_marks import marks
from coopetir.identify.core.verdict_picture import rulers, rulers_on_a_phone
from coopetir.identify.core.wording import VERDICT_WORDS
from coopetir.identify.documents.ficha_words import TEXT

Kind = Literal["svg", "png"]


@dataclass(frozen=True)
class PictureSource:
    """What a picture tells; ``row`` in the edition of its reader."""

    label: str
    place: str
    years: tuple[int, ...]
    row: dict[str, Any]
    method: Method
    internal: bool
    invented: bool


def verdict_pictures(source: PictureSource, language: str) -> tuple[str, str]:
    """For a page: the SVG for a laptop and the one for a phone."""
    title, description = title_of(source, language), description_of(source, language)
    found, grades = marks(source.row, source.method, language), _grades(source)
    wide = rulers(found, grades, title=title, description=description, language=language)
    return wide, rulers_on_a_phone(found, grades, title=title, description=description, language=language)


def verdict_download(source: PictureSource, kind: Kind, language: str) -> bytes:
    """For slides: with its title and its source drawn in."""
    svg = rulers(
        marks(source.row, source.method, language),
        _grades(source),
        title=title_of(source, language),
        description=description_of(source, language),
        footnote=_footnote(source, language),
        variant="light",
        language=language,
    )
    return render_png(svg) if kind == "png" else svg.encode()


def title_of(source: PictureSource, language: str) -> str:
    """The finding."""
    verdict = VERDICT_WORDS[language][source.row["verdict"]].capitalize()
    return TEXT[language]["picture_title"].format(label=source.label, verdict=verdict, place=source.place)


def sentence_of(source: PictureSource, language: str) -> str:
    """What the picture shows, in one short line for the page (the table has the figures)."""
    text, found = TEXT[language], marks(source.row, source.method, language)
    facts = {
        "met": sum(mark.meets is True for mark in found),
        **{state: sum(mark.state == state for mark in found) for state in ("known", "protected", "unknown")},
    }
    shown = [name for name in ("protected", "unknown") if facts[name]]
    return " ".join(text[f"picture_{name}"].format(**facts) for name in ("sentence", *shown))


def description_of(source: PictureSource, language: str) -> str:
    """What a reader would say of the picture."""
    text = TEXT[language]
    parts = [
        text["picture_part"].format(label=mark.label, value=mark.value, limit=mark.limit, word=mark.word)
        for mark in marks(source.row, source.method, language)
    ]
    return text["picture_description"].format(parts="; ".join(parts))


def _grades(source: PictureSource) -> dict[str, int | None]:
    return {name: source.row[name] for name in CRITERIA}


def _footnote(source: PictureSource, language: str) -> str:
    text = TEXT[language]
    return text["picture_note"].format(
        place=source.place,
        years=f"{source.years[0]}–{source.years[-1]}",
        method=f"{source.method.name} {source.method.version}",
        edition=text["edition_internal" if source.internal else "edition_public"],
        invented=f" · {text['invented']}" if source.invented else "",
    )
