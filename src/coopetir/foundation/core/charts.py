"""How is a static chart drawn, the same on a page, in a download and in a PDF?

``render_svg`` draws an Altair chart in the house theme: finding as title, direct labels, numbers as the
language writes them, text measured with the typeface shipped in ``foundation/fonts``. The drawing carries a
title and a description for those who do not see it, no script, no inline style and no address, so it may
stand in a page with a strict content policy. The libraries are slow to load and are imported on first use.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal
from xml.sax.saxutils import escape

import polars as pl

from coopetir.foundation.core.errors import CoopetirError
from coopetir.foundation.core.palette import Variant, repaint, tone

if TYPE_CHECKING:
    import altair as alt

FONT = "Source Sans 3"
# Quoted: a name with a digit is no identifier, and without the quotes the whole list is ignored.
FONT_FALLBACK = f"'{FONT}', 'Segoe UI', Helvetica, Arial, sans-serif"
WIDE, NARROW = 680, 320
"""Inner widths in pixels for a laptop and for a phone of 360 px."""

_LOCALES = {
    "es": {"decimal": ",", "thousands": ".", "grouping": [3], "currency": ["$ ", ""], "minus": "−"},
    "en": {"decimal": ".", "thousands": ",", "grouping": [3], "currency": ["COP ", ""], "minus": "−"},
}

_LOOKS: dict[str, tuple[Literal["normal", "bold"], str, str]] = {
    "ours": ("bold", "normal", "ink"),
    "others": ("normal", "normal", "ink"),
    "unknown": ("normal", "italic", "muted"),
}
"""Weight, slant and tone of the figure beside a bar of each kind."""

_ROW = {
    "label": pl.String,
    "value": pl.Float64,
    "text": pl.String,
    "low": pl.Float64,
    "high": pl.Float64,
    "end": pl.Float64,
    "tone": pl.String,
    "kind": pl.String,
}


class ChartEmpty(CoopetirError):
    code = "chart.empty"
    es = "La figura «{title}» no tiene ningún valor conocido que dibujar. Muestre la tabla y diga qué falta."
    en = "The chart “{title}” has no known value to draw. Show the table and say what is missing."


@dataclass(frozen=True)
class Bar:
    """One bar: ``value`` None is unknown: no bar, its word in ``text``; ``low``/``high`` a thin interval line."""

    label: str
    value: float | None
    text: str
    low: float | None = None
    high: float | None = None
    ours: bool = False


def theme() -> dict[str, Any]:
    """Vega-Lite configuration of the house."""
    axis = {
        "labelFontSize": 13,
        "titleFontSize": 13,
        "titleFontWeight": "normal",
        "labelColor": tone("ink"),
        "titleColor": tone("muted"),
        "gridColor": tone("rule"),
        "domainColor": tone("control"),
        "tickColor": tone("control"),
        "tickSize": 4,
        "labelPadding": 6,
        "titlePadding": 8,
        "labelLimit": 260,
    }
    return {
        "font": FONT,
        "background": None,
        "padding": {"left": 2, "right": 8, "top": 4, "bottom": 4},
        "aria": False,
        "view": {"stroke": None},
        "axis": axis,
        "axisY": {"grid": False, "ticks": False, "domain": False},
        "axisX": {"tickCount": 5},
        "title": {
            "anchor": "start",
            "fontSize": 16,
            "fontWeight": 600,
            "color": tone("ink"),
            "subtitleColor": tone("muted"),
            "subtitleFontSize": 13,
            "subtitlePadding": 4,
            "offset": 12,
        },
        "legend": {
            "labelFontSize": 13,
            "titleFontSize": 13,
            "labelColor": tone("ink"),
            "titleColor": tone("muted"),
        },
        "text": {"fontSize": 13, "color": tone("ink")},
        "bar": {"color": tone("teal-3")},
        "point": {"color": tone("teal"), "filled": True, "size": 60},
        "line": {"color": tone("teal"), "strokeWidth": 2},
        "rule": {"color": tone("control")},
        "range": {
            "category": [tone(name) for name in ("teal", "amber-2", "muted", "teal-3", "amber-3")],
            "ramp": [tone(name) for name in ("teal-4", "teal-3", "teal-2", "teal")],
            "diverging": [tone(name) for name in ("amber", "amber-3", "paper-2", "teal-3", "teal")],
        },
    }


def render_svg(
    chart: alt.TopLevelMixin,
    *,
    title: str,
    description: str,
    variant: Variant = "page",
    language: str = "es",
) -> str:
    """The chart as SVG text.

    :param title: the finding; spoken first by a screen reader (draw it too only in downloads).
    :param description: what a reader would say of the picture in a sentence or two.
    :param variant: ``page`` takes its tones and typeface from the style sheet; ``light``, ``dark`` and
        ``grey`` stand alone (``grey`` for paper).
    """
    import vl_convert

    _register_fonts()
    drawn = vl_convert.vegalite_to_svg(
        chart.to_dict(),
        config=theme(),
        format_locale=_LOCALES["en" if language.startswith("en") else "es"],
        allowed_base_urls=[],
    )
    return finish(_presentable(drawn), title=title, description=description, variant=variant)


def render_png(svg: str, *, scale: float = 2.0) -> bytes:
    """A PNG for slides of an SVG drawn as ``light``, ``dark`` or ``grey`` (a page's SVG has no tones of its own)."""
    import vl_convert

    _register_fonts()
    image: bytes = vl_convert.svg_to_png(svg, scale=scale)
    return image


def finish(svg: str, *, title: str, description: str, variant: Variant, interactive: bool = False) -> str:
    """Name the drawing for assistive technology and put it in the tones of ``variant``.

    An ``interactive`` drawing holds links and is a group, not one image. "HANDLE" in ids becomes unique.
    Addresses make sense on the page only: a download carries none.
    """
    if variant != "page":
        svg, interactive = re.sub(r"</?a\b[^>]*>", "", svg), False
    # The same drawing has the same handle: pages stay byte-identical from one request to the next.
    handle = "fig-" + hashlib.sha256((svg + title + description).encode()).hexdigest()[:10]
    role = "group" if interactive else "img"
    head = f' role="{role}" aria-labelledby="{handle}-t {handle}-d">'
    names = (
        f'<title id="{handle}-t">{escape(title)}</title><desc id="{handle}-d">{escape(description)}</desc>'
    )
    svg = re.sub(r"^(<svg\b[^>]*)>", lambda m: m.group(1) + head + names, svg, count=1)
    svg = svg.replace("HANDLE", handle)
    if variant == "page":
        svg = re.sub(r' font-family="[^"]*"', "", svg)
    else:
        svg = re.sub(r' font-family="[^"]*"', f' font-family="{FONT_FALLBACK}"', svg)
        ground = f'</desc><rect width="100%" height="100%" fill="{tone("paper")}"/>'
        svg = svg.replace("</desc>", ground, 1)
    return repaint(svg, variant)


def both_widths(draw: Callable[[int], str]) -> tuple[str, str]:
    """``draw`` at laptop and phone width, for ``svg`` and ``svg_narrow`` of ``components/figure.html``."""
    return draw(WIDE), draw(NARROW)


def bars(
    items: Sequence[Bar],
    *,
    title: str,
    description: str,
    axis: str,
    width: int = WIDE,
    reference: tuple[float, str] | None = None,
    variant: Variant = "page",
    language: str = "es",
    heading: Literal["none", "drawn"] = "none",
    subtitle: str = "",
) -> str:
    """Horizontal bars from zero in the order given, the own in full teal, each with its figure written beside.

    :param axis: what the length means, with its unit.
    :param reference: a value everyone knows and its word, drawn as a line (``(1.0, "igual que el país")``).
    :param heading: "drawn" writes title and subtitle into the picture, for downloads.
    :raises ChartEmpty: when no value is known.
    """
    import altair as alt

    if all(item.value is None for item in items):
        raise ChartEmpty(title=title)
    narrow = width < 480
    rows = [_row(item, above=narrow) for item in items]
    chart = alt.layer(*_bar_layers(rows, axis, reference, narrow=narrow)).properties(
        width=width - (12 if narrow else 240), height=alt.Step(52 if narrow else 30)
    )
    if heading == "drawn":
        chart = chart.properties(title=alt.TitleParams(title, subtitle=subtitle or alt.Undefined))
    return render_svg(chart, title=title, description=description, variant=variant, language=language)


def _row(item: Bar, *, above: bool) -> dict[str, Any]:
    ends = [end for end in (item.value, item.high) if end is not None]
    return {
        "label": item.label,
        "value": item.value,
        "text": f"{item.label}: {item.text}" if above else item.text,
        "low": item.low,
        "high": item.high,
        "end": max([0.0, *ends]),
        "tone": tone("teal") if item.ours else tone("teal-3"),
        "kind": "unknown" if item.value is None else "ours" if item.ours else "others",
    }


def _bar_layers(
    rows: list[dict[str, Any]], axis: str, reference: tuple[float, str] | None, *, narrow: bool
) -> list[alt.Chart]:
    import altair as alt

    base = alt.Chart(pl.DataFrame(rows, schema=_ROW))
    # On a phone the name stands above its bar: beside it, it would leave no room for the bar.
    labels = None if narrow else alt.Axis(title=None)
    where = alt.Y("label:N", sort=None, axis=labels)
    length = alt.X("value:Q", title=axis, axis=alt.Axis(format=",f", grid=not narrow))
    size, down = (16, 12) if narrow else (18, 0)
    layers = [
        base.mark_bar(size=size, yOffset=down, y2Offset=down).encode(
            y=where, x=length, color=alt.Color("tone:N", scale=None)
        )
    ]
    if any(row["low"] is not None for row in rows):
        known = base.transform_filter("isValid(datum.low) && isValid(datum.high)")
        # A halo of paper, or the line would be lost on a full bar.
        layers.extend(
            known.mark_rule(strokeWidth=thick, color=tone(name), yOffset=down).encode(
                y=where, x=alt.X("low:Q"), x2="high:Q"
            )
            for thick, name in ((5, "paper"), (1.5, "ink"))
        )
    if reference:
        layers.extend(_reference(base, where, reference, narrow=narrow))
    return [*layers, *_figures(base, where, {row["kind"] for row in rows}, narrow=narrow)]


def _figures(base: alt.Chart, where: alt.Y, kinds: set[str], *, narrow: bool) -> list[alt.Chart]:
    """The figure beside each bar (with its name above it on a phone); each kind of bar has its look."""
    import altair as alt

    at = alt.value(0) if narrow else alt.X("end:Q")
    across, up = (0, -10) if narrow else (6, 0)
    return [
        base.transform_filter(f"datum.kind == '{kind}'")
        .mark_text(align="left", dx=across, dy=up, fontWeight=weight, fontStyle=style, color=tone(ink))
        .encode(y=where, x=at, text="text:N")
        for kind, (weight, style, ink) in _LOOKS.items()
        if kind in kinds
    ]


def _reference(
    base: alt.Chart, where: alt.Y, reference: tuple[float, str], *, narrow: bool
) -> list[alt.Chart]:
    import altair as alt

    value, word = reference
    spot = alt.Chart(pl.DataFrame({"at": [float(value)], "word": [word]}))
    named = spot.mark_text(align="left", dx=4, dy=-6, baseline="bottom", color=tone("muted")).encode(
        x="at:Q", y=alt.value(0), text="word:N"
    )
    if narrow:
        # Only across each bar: a line through the whole height would cross the names.
        across = base.mark_tick(orient="vertical", thickness=1.5, size=26, yOffset=12, color=tone("ink"))
        top = spot.mark_rule(color=tone("ink")).encode(x="at:Q", y=alt.value(-18), y2=alt.value(-4))
        return [across.encode(y=where, x=alt.XDatum(value)), top, named]
    return [spot.mark_rule(color=tone("ink"), strokeDash=[3, 3]).encode(x="at:Q"), named]


def _presentable(svg: str) -> str:
    # Inline style is refused by the content policy; as attributes the same words are allowed.
    svg = re.sub(r' style="([^"]*)"', lambda match: _as_attributes(match.group(1)), svg)
    # The drawing is one image with one name: inner roles would be read out piece by piece.
    svg = re.sub(r' (?:aria-[a-z]+|role)="[^"]*"', "", svg)
    svg = re.sub(r' class="[^"]*"', "", svg)
    return re.sub(r'(<path) d=""[^>]*/>', "", svg)


def _as_attributes(style: str) -> str:
    pairs = [pair.split(":", 1) for pair in style.split(";") if ":" in pair]
    return "".join(f' {name.strip()}="{value.strip()}"' for name, value in pairs)


@cache
def _register_fonts() -> None:
    import vl_convert

    vl_convert.register_font_directory(str(Path(__file__).resolve().parents[1] / "fonts"))
