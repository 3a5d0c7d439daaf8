"""How does a footprint look: three strips of the whole, and three bars side by side?

Strips: teal = members' part of the territory's firms, sales, jobs. Bars: the share of each group's own exports that
is of high value (and sales per job), members on top, then the contrast, then the territory. Unknown is hatched.
"""

from __future__ import annotations

import textwrap
from collections.abc import Sequence
from html import escape

from coopetir.foundation.core.charts import FONT, finish
from coopetir.foundation.core.palette import Variant, tone
from coopetir.identify.core.footprint_words import Line

WIDE, PHONE, MARGIN = 640, 330, 24
STRIP, BAR = 62, 28

GROUPS = {
    "es": ("miembros", "{contrast}", "todo {territory}"),
    "en": ("members", "{contrast}", "all {territory}"),
}


def panel_picture(
    lines: Sequence[Line],
    *,
    places: tuple[str, str],
    title: str,
    description: str,
    footnote: str = "",
    variant: Variant = "page",
    width: int = WIDE,
    language: str = "es",
) -> str:
    """``places``: territory and contrast. With a ``footnote`` title and footnote are drawn in (downloads)."""
    drawn = bool(footnote)
    y = 44.0 if drawn else 0.0
    parts = [_text(0, 18, title, size=18, weight=600)] if drawn else []
    for line in (item for item in lines if item.is_share):
        parts += _strip(line, y, width)
        y += STRIP
    for line in (item for item in lines if not item.is_share):
        drawing, height = _compared(line, y + 8, places, language, width)
        parts += drawing
        y += height + 8
    if drawn:
        parts.append(_text(0, y + 20, footnote, size=12, fill=tone("muted")))
        y += 28
    margin = MARGIN if drawn else 2
    wide, high = width + 2 * margin, y + 2 * margin
    svg = (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {wide} {high:.0f}" width="{wide}" height="{high:.0f}">'
        f'<defs><pattern id="HANDLE-h" width="6" height="6" patternUnits="userSpaceOnUse" patternTransform="rotate(45)">'
        f'<rect width="6" height="6" fill="{tone("paper-2")}"/><path d="M0 0v6" stroke="{tone("hatch")}" stroke-width="2"/>'
        f'</pattern></defs><g transform="translate({margin} {margin})">{"".join(parts)}</g></svg>'
    )
    return finish(svg, title=title, description=description, variant=variant)


def _strip(line: Line, y: float, width: int) -> list[str]:
    large, start = (28, 96) if width == WIDE else (20, 72)
    span = width - start
    figure = [
        _text(0, y + 38, line.texts[0], size=large if line.members is not None else 14, weight=600),
        _text(start, y + 16, line.label, size=15),
    ]
    if line.members is None:
        return [*figure, _hatched(start, y + 24, span, 18)]
    part = max(1.5, min(1.0, line.members) * span)
    return [
        *figure,
        _rect(start, y + 24, span, 18, tone("teal-4")),
        _rect(start, y + 24, part, 18, tone("teal")),
    ]


def _compared(
    line: Line, y: float, places: tuple[str, str], language: str, width: int
) -> tuple[list[str], float]:
    parts = [_text(0, y + 16, line.label, size=15, weight=600)]
    if line.members is None:
        notes = textwrap.wrap(": ".join(part for part in (line.texts[0], line.note) if part), width // 6)
        parts.append(_hatched(0, y + 26, width, 18))
        parts += [_text(0, y + 60 + 17 * at, note, size=13) for at, note in enumerate(notes)]
        return parts, 55 + 17 * len(notes)
    words = [word.format(territory=places[0], contrast=places[1]) for word in GROUPS[language]]
    values = (line.members, line.contrast, line.territory)
    texts = (line.texts[0], line.texts[2], line.texts[1])
    most = max(value for value in values if value is not None) or 1.0
    start = 190 if width == WIDE else 128
    for at, (word, value, text) in enumerate(zip(words, values, texts, strict=True)):
        top, weight = y + 26 + at * BAR, 600 if at == 0 else 400
        length = 0.0 if value is None else max(1.5, value / most * (width - start - 70))
        parts.append(_text(0, top + 15, _cut(word, start // 7), size=14, weight=weight))
        if value is not None:
            parts.append(_rect(start, top, length, 20, tone("teal") if at == 0 else tone("teal-3")))
        parts.append(_text(start + 6 + length, top + 15, text, size=14, weight=weight))
    return parts, 26 + 3 * BAR


def _cut(text: str, longest: int) -> str:
    return text if len(text) <= longest else text[: longest - 1].rstrip() + "…"


def _rect(x: float, y: float, width: float, height: float, fill: str) -> str:
    return f'<rect x="{x:.1f}" y="{y:.1f}" width="{width:.1f}" height="{height:.1f}" fill="{fill}"/>'


def _hatched(x: float, y: float, width: float, height: float) -> str:
    return (
        f'<rect x="{x:.1f}" y="{y:.1f}" width="{width:.1f}" height="{height:.1f}" fill="url(#HANDLE-h)" '
        f'stroke="{tone("control")}"/>'
    )


def _text(x: float, y: float, text: str, *, size: int, weight: int = 400, fill: str = "") -> str:
    return (
        f'<text x="{x:.1f}" y="{y:.1f}" font-family="{FONT}" font-size="{size}" font-weight="{weight}" '
        f'fill="{fill or tone("ink")}">{escape(text)}</text>'
    )
