"""One industry on one page: answer, lights, measures, what would change it, what is unknown, whom to call.

``ficha_content`` turns a verdict and its surroundings into words (pure), ``render_ficha`` sets them in a PDF/UA-1
of one A4 page. The caller decides the edition: with ``row`` from ``editions.public_row`` and no ``firms`` nothing of
a single firm enters.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from importlib.resources import files
from typing import Any, Literal

from coopetir import __version__
from coopetir.foundation.core.formats import date_long, number, percent
from coopetir.foundation.core.palette import tone
from coopetir.identify.core.method import CRITERIA, Method
from coopetir.identify.core.missing import what_is_missing
from coopetir.identify.core.threshold_marks import Mark, marks
from coopetir.identify.core.verdict_picture import Series, trend
from coopetir.identify.core.wording import CRITERION_NAMES, GRADE_WORDS, LABEL_WORDS
from coopetir.identify.documents.ficha_words import CHOICES, TEXT

MOST_FIRMS = 12
MOST_PLACES = 7
LEAST_COUNT = 3  # smaller counts of firms in a municipality are added to "other municipalities"


Absence = Literal["", "withdrawn", "table"]
"""Why there are no firms behind a verdict: none active, the registry was withdrawn, or there never was one."""


@dataclass(frozen=True)
class FichaFirm:
    """One firm to call. ``name`` None: a natural person, whose name is not kept."""

    name: str | None
    municipality: str
    jobs: float | None


@dataclass(frozen=True)
class FichaSource:
    """All that a ficha tells. ``firms`` None = public edition; ``places``: firms per municipality, most first."""

    label: str
    place: str
    row: dict[str, Any]
    method: Method
    sentences: tuple[str, str, str]
    survey: bool
    years: tuple[int, ...]
    runs: int
    sources: str
    evidence_sha256: str
    computed_on: date
    invented: bool
    activities: tuple[str, ...]
    firms: tuple[FichaFirm, ...] | None
    firms_total: int
    absence: Absence
    places: tuple[tuple[str, int], ...]
    series: Series | None
    proposed: str
    decided: str


def ficha_content(source: FichaSource, *, language: str, today: date) -> dict[str, Any]:
    """Every word of the page, in reading order, ready for JSON."""
    text = TEXT[language]
    internal = source.firms is not None
    return {
        "language": language,
        "title": source.label,
        "kind": text["kind"],
        "edition": text["edition_internal" if internal else "edition_public"],
        "invented": text["invented"] if source.invented else "",
        "invented_long": text["invented_long"] if source.invented else "",
        "under": _under(source, language),
        "answer": _answer(source, language),
        "stability": _stability(source.row, language),
        "decision": _decision(source, language),
        "lights": _lights(source.row, language),
        "words": text,
        "marks": [_mark(mark) for mark in marks(source.row, source.method, language)],
        "why": [line for line in source.sentences[:2] if line],
        "change": source.sentences[2],
        "missing": what_is_missing(source.row, survey=source.survey, language=language),
        "trend": _trend(source, language),
        "firms": _firms(source, language),
        "footer": _footer(source, language, today),
    }


def render_ficha(content: dict[str, Any], *, now: datetime) -> bytes:
    """The page as PDF/UA-1 (tagged, with language, title and alternative texts)."""
    import typst

    template = (files("coopetir.identify") / "typst" / "ficha.typ").read_bytes()
    pdf = typst.compile(  # type: ignore[call-overload]
        template,
        format="pdf",
        font_paths=[str(files("coopetir.foundation") / "fonts")],
        ignore_system_fonts=True,
        sys_inputs={"content": json.dumps(content, ensure_ascii=False)},
        pdf_standards=["ua-1"],
        timestamp=now.replace(microsecond=0),
    )
    return bytes(pdf)


def _under(source: FichaSource, language: str) -> str:
    shown = ", ".join(source.activities[:10]) + (" …" if len(source.activities) > 10 else "")
    parts = [source.place, f"{source.years[0]}–{source.years[-1]}", f"CIIU {shown}" if shown else ""]
    return " · ".join(part for part in parts if part)


def _answer(source: FichaSource, language: str) -> str:
    text, row = TEXT[language], source.row
    grades = [row[name] for name in CRITERIA]
    met, missing = sum(grade == 2 for grade in grades), sum(grade is None for grade in grades)
    known = len(grades) - missing
    key = "count_all" if met == len(grades) else "count" if met else "count_none"
    count = text[key].format(met=number(met, 0, language), known=number(known, 0, language))
    if missing:
        count += " " + text["unknown_criteria"].format(unknown=number(missing, 0, language))
    return text[row["verdict"]].format(place=source.place, count=count)


def _stability(row: dict[str, Any], language: str) -> str:
    text = TEXT[language]
    if row["stability"] is None or row["label"] is None:
        return text["no_stability"]
    share = percent(row["stability"], 0, language)
    return text["stability"].format(share=share, word=LABEL_WORDS[language][row["label"]])


def _decision(source: FichaSource, language: str) -> str:
    text = TEXT[language]
    if source.decided:
        return text["decision"].format(choice=CHOICES[language][source.decided])
    if source.proposed:
        return text["proposal"].format(choice=CHOICES[language][source.proposed])
    return text["no_decision"]


def _lights(row: dict[str, Any], language: str) -> list[dict[str, Any]]:
    return [
        {
            "name": CRITERION_NAMES[language][name].capitalize(),
            "grade": "unknown" if row[name] is None else str(row[name]),
            "word": GRADE_WORDS[language][row[name]],
        }
        for name in CRITERIA
    ]


def _mark(mark: Mark) -> dict[str, Any]:
    return {
        "criterion": mark.criterion,
        "label": mark.label,
        "value": mark.value,
        "limit": mark.limit,
        "word": mark.word,
        "meets": mark.meets,
        "place": mark.place,
        "beyond": mark.beyond,
        "soft": mark.soft,
    }


def _trend(source: FichaSource, language: str) -> dict[str, str] | None:
    if not source.series or len(source.series) < 3:
        return None
    text, first, last = TEXT[language], source.series[0], source.series[-1]
    facts = {
        "first": first[0],
        "last": last[0],
        "family": number(last[1], 0, language),
        "nation": number(last[2], 0, language),
    }
    alt = text["trend_alt"].format(**facts)
    words = (text["trend_family"], text["trend_nation"])
    return {
        "title": f"{text['trend'].format(**facts)} ({text['trend_note'].format(**facts)})",
        "alt": alt,
        "svg": _on_paper(trend(source.series, words=words, alt=alt, variant="light", language=language)),
    }


def _on_paper(svg: str) -> str:
    """Without the ground a download stands on: here the sheet is the ground."""
    return svg.replace(f'<rect width="100%" height="100%" fill="{tone("paper")}"/>', "")


def _firms(source: FichaSource, language: str) -> dict[str, Any]:
    text = TEXT[language]
    year, total = source.years[-1], number(source.firms_total, 0, language)
    if not source.firms_total:
        note = text[f"no_firms_{source.absence}"].format(place=source.place, year=year)
        return {"titles": [text["firms_none"]], "heads": [], "rows": [], "note": note}
    if source.firms is None:
        rows = _places(source.places, language)
        return {
            "titles": [text["counts"].format(total=total, year=year)] * (len(rows) + 1),
            "heads": [text["municipality"], text["firms_count"]],
            "rows": rows,
            "note": text["reserved"],
        }
    named = [firm for firm in source.firms if firm.name]
    unnamed = len(source.firms) - len(named)
    rows = [
        [str(firm.name), firm.municipality, number(firm.jobs, 0, language)] for firm in named[:MOST_FIRMS]
    ]
    return {
        "titles": [_firms_title(source, count, language) for count in range(len(rows) + 1)],
        "heads": [text["firm"], text["municipality"], text["jobs"]],
        "rows": rows,
        "note": text["natural"].format(total=total, count=number(unnamed, 0, language)) if unnamed else "",
    }


def _firms_title(source: FichaSource, count: int, language: str) -> str:
    """The title for ``count`` firms shown: how many fit is known only when the page is set."""
    key = "firms_all" if count == source.firms_total else "firms"
    total = number(source.firms_total, 0, language)
    return TEXT[language][key].format(shown=number(count, 0, language), total=total, year=source.years[-1])


def _places(places: Sequence[tuple[str, int]], language: str) -> list[list[str]]:
    """Counts by municipality; the small and the many others together, never a single one below three by itself."""
    large = [(name, count) for name, count in places if count >= LEAST_COUNT][:MOST_PLACES]
    rest = sum(count for _, count in places) - sum(count for _, count in large)
    rows = [[name, number(count, 0, language)] for name, count in large]
    if rest:
        word = number(rest, 0, language) if rest >= LEAST_COUNT else TEXT[language]["few"]
        rows.append([TEXT[language]["others"], word])
    return rows


def _footer(source: FichaSource, language: str, today: date) -> dict[str, str]:
    text, method = TEXT[language], source.method
    return {
        "source": text["source"].format(
            sources=source.sources, years=f"{source.years[0]}–{source.years[-1]}"
        ),
        "method": text["method"].format(
            name=method.name,
            version=method.version,
            digest=method.digest[:12],
            date=date_long(source.computed_on, language),
            runs=number(source.runs, 0, language),
        ),
        "evidence": text["evidence"].format(hash=source.evidence_sha256[:16]),
        "made": text["made"].format(version=__version__, date=date_long(today, language)),
        "page": text["page"],
    }
