"""How does a verdict look at a glance: every measure against its threshold, and jobs against the economy?

Static SVG in the house tones, for pages, slides and paper. The text beside each mark says the same as the mark.
"""

from __future__ import annotations

import textwrap
from collections.abc import Sequence
from html import escape

from coopetir.foundation.core.charts import FONT, finish
from coopetir.foundation.core.formats import number
from coopetir.foundation.core.palette import Variant, tone
from coopetir.identify.core.threshold_marks import Mark
from coopetir.identify.core.wording import CRITERION_NAMES, GRADE_WORDS

WIDTH, ROW, HEAD, TOP = 700, 28, 50, 34
RULER_AT, RULER_END, VALUE_AT = 284, 470, 484
PHONE_WIDTH, PHONE_ROW = 330, 46
LINE, MARGIN = 74, 24

Grades = dict[str, int | None]
Series = Sequence[tuple[int, float, float]]
"""Year, jobs of the family and of the whole economy, both with the first year = 100."""

AXIS = {
    "es": ("no alcanza", "lo que se pide", "alcanza"),
    "en": ("falls short", "asked for", "meets"),
}
ASKED = {"es": "se pide {limit}", "en": "asked for {limit}"}


def rulers(
    found: Sequence[Mark],
    grades: Grades,
    *,
    title: str,
    description: str,
    footnote: str = "",
    variant: Variant = "page",
    language: str = "es",
) -> str:
    """Every measure on its ruler, by criterion. With a ``footnote`` title and footnote are drawn in (downloads)."""
    drawn = bool(footnote)
    lines = textwrap.wrap(title, LINE)[:2] if drawn else []
    top = (HEAD + 26 * (len(lines) - 1) if drawn else 0) + TOP
    criteria = list(dict.fromkeys(mark.criterion for mark in found))
    height = top + (len(found) + len(criteria)) * ROW + (30 if drawn else 8)
    parts = [_text(0, 24 + 26 * at, line, size=19, weight=600) for at, line in enumerate(lines)]
    parts += _axis(top, language)
    y = top
    for criterion in criteria:
        parts += _criterion(criterion, grades[criterion], y + 20, language, WIDTH)
        y += ROW
        for mark in (item for item in found if item.criterion == criterion):
            parts += _row(mark, y, language)
            y += ROW
    middle = (RULER_AT + RULER_END) / 2
    parts.append(_line(middle, top - 4, middle, y, tone("ink"), 1.5))
    if drawn:
        parts.append(_text(0, height - 8, footnote, size=12, fill=tone("muted")))
    margin = MARGIN if drawn else 0
    body = f'<g transform="translate({margin} {margin})">{"".join(parts)}</g></svg>'
    svg = _open(WIDTH + 2 * margin, height + 2 * margin) + body
    return finish(svg, title=title, description=description, variant=variant)


def rulers_on_a_phone(
    found: Sequence[Mark], grades: Grades, *, title: str, description: str, language: str = "es"
) -> str:
    """The same for 360 px: name and value above each ruler."""
    criteria = list(dict.fromkeys(mark.criterion for mark in found))
    parts, y, middle = [], 4, PHONE_WIDTH / 2
    for criterion in criteria:
        parts += _criterion(criterion, grades[criterion], y + 20, language, PHONE_WIDTH)
        y += ROW
        for mark in (item for item in found if item.criterion == criterion):
            parts.append(_text(0, y + 14, mark.label, size=13))
            parts.append(_text(PHONE_WIDTH, y + 14, mark.value, size=13, weight=600, anchor="end"))
            parts += _ruler(mark, y + 29, 0, PHONE_WIDTH)
            parts.append(_line(middle, y + 20, middle, y + 38, tone("ink"), 1.5))
            y += PHONE_ROW
    svg = _open(PHONE_WIDTH, y) + "".join(parts) + "</svg>"
    return finish(svg, title=title, description=description, variant="page")


def trend(series: Series, *, words: tuple[str, str], alt: str, variant: Variant, language: str) -> str:
    """Jobs of the family (thick) and of the economy (dashed), first year = 100, each line named at its end."""
    width, height, left, right, top, bottom = 330, 150, 34, 128, 12, 24
    years = [row[0] for row in series]
    values = [value for row in series for value in row[1:]]
    low, high = min([*values, 95.0]), max([*values, 105.0])

    def at(year: int, value: float) -> tuple[float, float]:
        across = (year - years[0]) / max(1, years[-1] - years[0])
        up = (value - low) / (high - low)
        return left + across * (width - left - right), height - bottom - up * (height - top - bottom)

    parts = []
    near = (high - low) / 8
    levels = [level for level in (low, high) if abs(level - 100) > near]
    for level in (*levels, 100.0):
        y = at(years[0], level)[1]
        parts.append(_line(left, y, width - right, y, tone("rule"), 1))
        parts.append(_text(left - 5, y + 4, number(level, 0, language), size=12, anchor="end"))
    parts += [
        _text(at(year, low)[0], height - 6, str(year), size=12, anchor="middle")
        for year in (years[0], years[-1])
    ]
    ends = [at(years[-1], series[-1][place])[1] for place in (1, 2)]
    apart = _apart(ends)
    looks = ((2, tone("muted"), ' stroke-dasharray="4 3"', 1.5, 400), (1, tone("teal"), "", 2.6, 600))
    for place, colour, dash, thick, weight in looks:
        points = " ".join(f"{x:.1f},{y:.1f}" for x, y in (at(row[0], row[place]) for row in series))
        parts.append(
            f'<polyline points="{points}" fill="none" stroke="{colour}" stroke-width="{thick}"{dash}/>'
        )
        said = f"{words[place - 1]} {number(series[-1][place], 0, language)}"
        parts.append(
            _text(width - right + 6, apart[place - 1] + 4, said, size=12, weight=weight, fill=colour)
        )
    return finish(
        _open(width, height) + "".join(parts) + "</svg>", title=words[0], description=alt, variant=variant
    )


def _apart(ends: list[float]) -> list[float]:
    """Label heights at least one line apart."""
    first, second = ends
    gap = 14 - abs(first - second)
    if gap <= 0:
        return ends
    push = gap / 2 if first >= second else -gap / 2
    return [first + push, second - push]


def _axis(top: float, language: str) -> list[str]:
    less, asked, more = AXIS[language]
    middle = (RULER_AT + RULER_END) / 2
    return [
        _text(RULER_AT, top - 10, f"← {less}", size=13, fill=tone("muted")),
        _text(middle, top - 10, "", size=13, anchor="middle"),
        _text(RULER_END, top - 10, f"{more} →", size=13, fill=tone("muted"), anchor="end"),
        _text(middle, top - 26, asked, size=13, weight=600, anchor="middle"),
    ]


def _criterion(criterion: str, grade: int | None, y: float, language: str, width: int) -> list[str]:
    name = CRITERION_NAMES[language][criterion].capitalize()
    word = GRADE_WORDS[language][grade]
    return [
        _line(0, y - 21, width, y - 21, tone("rule"), 1),
        _light(9, y - 5, grade),
        _text(24, y, f"{name}: {word}", size=15, weight=600),
    ]


def _row(mark: Mark, y: float, language: str) -> list[str]:
    middle = y + ROW / 2 - 4
    asked = ASKED[language].format(limit=mark.limit)
    return [
        _text(18, middle + 5, mark.label, size=13),
        *_ruler(mark, middle, RULER_AT, RULER_END),
        _text(VALUE_AT, middle + 5, mark.value, size=13, weight=600),
        _text(WIDTH, middle + 5, f"{asked} · {mark.word}", size=12, anchor="end"),
    ]


def _ruler(mark: Mark, middle: float, start: float, end: float) -> list[str]:
    span = end - start
    parts = [_line(start, middle, end, middle, tone("control"), 1)]
    if mark.soft is not None:
        soft = start + mark.soft * span
        parts.append(
            f'<rect x="{soft:.1f}" y="{middle - 6:.1f}" width="{start + span / 2 - soft:.1f}" height="12" '
            f'fill="{tone("amber-3")}"/>'
        )
    if mark.place is not None:
        parts.append(_spot(mark, min(max(start + mark.place * span, start + 7), end - 7), middle))
    return parts


def _spot(mark: Mark, x: float, y: float) -> str:
    """A dot, or an arrow where the value lies beyond the ruler; full = meets."""
    ink = tone("teal") if mark.meets else tone("ink")
    look = f'fill="{tone("teal") if mark.meets else tone("paper")}" stroke="{ink}" stroke-width="2"'
    if not mark.beyond:
        return f'<circle cx="{x:.1f}" cy="{y:.1f}" r="6" {look}/>'
    way = 6 if mark.place and mark.place > 0.5 else -6
    return f'<path d="M{x - way:.1f} {y - 6:.1f}l{2 * way} 6l{-2 * way} 6z" {look}/>'


def _light(x: float, y: float, grade: int | None) -> str:
    ink = tone("teal") if grade else tone("ink")
    if grade is None:
        return (
            f'<path d="M{x - 6} {y - 6}h12v12h-12z M{x - 6} {y}l6-6 M{x - 6} {y + 6}l12-12 M{x} {y + 6}l6-6" '
            f'fill="none" stroke="{tone("muted")}" stroke-width="1.2"/>'
        )
    ring = f'<circle cx="{x}" cy="{y}" r="6.5" fill="{ink if grade == 2 else "none"}" stroke="{ink}" stroke-width="2"/>'
    half = f'<path d="M{x} {y - 6.5}a6.5 6.5 0 0 0 0 13z" fill="{ink}"/>' if grade == 1 else ""
    return ring + half


def _open(width: float, height: float) -> str:
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width:.0f} {height:.0f}" '
        f'width="{width:.0f}" height="{height:.0f}">'
    )


def _line(x1: float, y1: float, x2: float, y2: float, colour: str, thick: float) -> str:
    return f'<line x1="{x1:.1f}" y1="{y1:.1f}" x2="{x2:.1f}" y2="{y2:.1f}" stroke="{colour}" stroke-width="{thick}"/>'


def _text(
    x: float,
    y: float,
    text: str,
    *,
    size: int,
    weight: int = 400,
    anchor: str = "start",
    fill: str = "",
) -> str:
    if not text:
        return ""
    return (
        f'<text x="{x:.1f}" y="{y:.1f}" font-family="{FONT}" font-size="{size}" font-weight="{weight}" '
        f'text-anchor="{anchor}" fill="{fill or tone("ink")}">{escape(text)}</text>'
    )
