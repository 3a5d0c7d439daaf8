"""How do the pictures of Explore look, on the page and in a download?

Static drawings in the house theme from frames of :mod:`survey_explore`. Level and growth stand on two axes
(quadrant) or in two pictures (years), never on one line: they are of other years and classifications.
"""

from __future__ import annotations

import math
import textwrap
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import polars as pl

from coopetir.foundation.core.charts import NARROW, render_svg
from coopetir.foundation.core.palette import Variant, tone

if TYPE_CHECKING:
    import altair as alt

LQ_ENDS = (0.125, 16.0)
GROWTH_ENDS = (-0.25, 0.35)
"""What the quadrant shows; beyond it a point stands on the edge, and the table has its value."""

_SHAPES = ("circle", "diamond", "square", "triangle-up")
_TONES = ("teal", "amber-2", "muted", "teal-3")
_DOUBLINGS = [0.125, 0.25, 0.5, 1, 2, 4, 8, 16]
_PERCENT = {
    one: f"(datum.value > 0 ? '+' : '') + format(datum.value * 100, '.0f') + '{sign}'"
    for one, sign in (("es", "\N{NO-BREAK SPACE}%"), ("en", "%"))
}


def drawable(rows: pl.DataFrame) -> pl.DataFrame:
    """The industries whose level and growth are both known and no noise, largest first.

    Adds x and y (growth and LQ held inside the picture) and edge (whether a value was held).
    """
    known = rows.filter((pl.col("reason") == "") & pl.col("growth").is_not_null() & (pl.col("lq") > 0))
    x, y = pl.col("growth").clip(*GROWTH_ENDS), pl.col("lq").clip(*LQ_ENDS)
    return known.with_columns(x=x, y=y, edge=(x != pl.col("growth")) | (y != pl.col("lq"))).sort(
        "jobs", "industry", descending=[True, False]
    )


def labelled(points: pl.DataFrame, *, width: int, limit: int) -> list[str]:
    """Industries to name in the picture: the largest and the most specialised that leave each other room."""
    far = points.sort(
        (pl.col("lq").log().abs() + 6 * pl.col("growth").abs()) * pl.col("jobs").sqrt(), descending=True
    )
    dense = points.sort("lq", descending=True)
    order = [*points["industry"].head(3), *dense["industry"].head(3), *far["industry"].head(4 * limit)]
    place = {code: (x, y) for code, x, y in points.select("industry", "x", "y").iter_rows()}
    kept: list[str] = []
    for code in dict.fromkeys(order):
        if all(_apart(place[code], place[other], width) for other in kept):
            kept.append(code)
    return kept[:limit]


def _apart(one: tuple[float, float], other: tuple[float, float], width: int) -> bool:
    span = GROWTH_ENDS[1] - GROWTH_ENDS[0]
    across = abs(one[0] - other[0]) / span * width
    up = abs(math.log(one[1] / other[1])) / math.log(LQ_ENDS[1] / LQ_ENDS[0]) * 420
    return across > 210 or up > 18


def quadrant_svg(
    rows: pl.DataFrame,
    *,
    national: float,
    title: str,
    description: str,
    axes: tuple[str, str],
    corners: tuple[str, str, str, str],
    language: str,
    width: int,
    variant: Variant = "page",
) -> str:
    """Specialisation (up, logarithmic) × growth (across); a circle's area is its jobs; no rows, empty axes.

    :param national: yearly rate of all jobs of the country, the upright line; the level line is LQ 1.
    :param axes: words for growth and specialisation.
    :param corners: words for strength, opportunity, risk and neither.
    """
    import altair as alt

    ends = _ends(rows)
    points = _pointed(rows, language=language, width=width)
    across = alt.X(
        "x:Q", title=axes[0], scale=alt.Scale(domain=list(GROWTH_ENDS), nice=False),
        axis=alt.Axis(labelExpr=_PERCENT["en" if language.startswith("en") else "es"]),
    )  # fmt: skip
    up = alt.Y(
        "y:Q", title=axes[1], scale=alt.Scale(type="log", base=2, domain=list(ends), nice=False),
        axis=alt.Axis(format="~g", values=_DOUBLINGS, titleAngle=0, titleAlign="left", titleY=-12, titleX=0, grid=True),
    )  # fmt: skip
    base = alt.Chart(points)
    size = alt.Scale(range=[16, 1500 if width > NARROW else 500])
    circles = base.mark_circle(stroke=tone("paper"), strokeWidth=0.8, opacity=0.85).encode(
        x=across,
        y=up,
        size=alt.Size("jobs:Q", scale=size, legend=None),
        color=alt.condition("datum.ours", alt.value(tone("teal")), alt.value(tone("teal-3"))),
    )
    layers = [*_cross(national, ends, corners), circles, *_named(base, across, up)]
    chart = alt.layer(*layers).properties(width=width, height=440)
    return _finished(chart, title, description, variant, language, width)


def _pointed(rows: pl.DataFrame, *, language: str, width: int) -> pl.DataFrame:
    """What the quadrant draws: x, y, jobs, label ("" for most), ours (a strength), left (label on that side)."""
    points = drawable(rows)
    name = "title_en" if language.startswith("en") else "title_es"
    named = labelled(points, width=width, limit=4 if width <= NARROW else 10)
    label = pl.when(pl.col("industry").is_in(named)).then(_short(name)).otherwise(pl.lit(""))
    middle = (GROWTH_ENDS[0] + GROWTH_ENDS[1]) / 2 + 0.02
    ours, left = pl.col("quadrant") == "strength", pl.col("x") > middle
    return points.select("x", "y", "jobs", label=label, ours=ours, left=left)


def _named(base: alt.Chart, across: alt.X, up: alt.Y) -> list[alt.Chart]:
    """Labels towards the middle, each on a halo of paper, or they are lost over circles and lines."""
    sides: tuple[tuple[str, Any, int], ...] = (("true", "right", -9), ("false", "left", 9))
    halo = {"stroke": tone("paper"), "strokeWidth": 3.5, "strokeJoin": "round"}
    halos: tuple[dict[str, Any], ...] = (halo, {})
    return [
        base.transform_filter(f"datum.label != '' && datum.left == {side}")
        .mark_text(align=align, dx=shift, fontSize=12, **look)
        .encode(x=across, y=up, text="label:N")
        for side, align, shift in sides
        for look in halos
    ]


def _ends(rows: pl.DataFrame) -> tuple[float, float]:
    """Powers of two around the quotients drawn, with 1 inside."""
    points = drawable(rows)["y"]
    low = min([0.5, *points.sort().head(1)])
    high = max([2.0, *points.sort().tail(1)])
    return (
        max(LQ_ENDS[0], 2.0 ** math.floor(math.log2(low))),
        min(LQ_ENDS[1], 2.0 ** math.ceil(math.log2(high) + 0.1)),
    )


def _cross(national: float, ends: tuple[float, float], corners: tuple[str, str, str, str]) -> list[alt.Chart]:
    """The two lines that part the quadrants, as specialised and as fast as the country, and their words."""
    import altair as alt

    upright = alt.Chart(pl.DataFrame({"x": [national]})).mark_rule(strokeDash=[3, 3], color=tone("ink"))
    level = alt.Chart(pl.DataFrame({"y": [1.0]})).mark_rule(strokeDash=[3, 3], color=tone("ink"))
    words: list[alt.Chart] = []
    places = (
        ("right", GROWTH_ENDS[1], ends[1], 14), ("right", GROWTH_ENDS[1], ends[0], -8),
        ("left", GROWTH_ENDS[0], ends[1], 14), ("left", GROWTH_ENDS[0], ends[0], -8),
    )  # fmt: skip
    for word, (align, x, y, down) in zip(corners, places, strict=True):
        spot = alt.Chart(pl.DataFrame({"x": [x], "y": [y], "word": [word]}))
        side: Any = align
        mark = spot.mark_text(
            align=side,
            dx=-6 if align == "right" else 6,
            dy=down,
            color=tone("muted"),
            fontSize=12,
            fontWeight=600,
        )
        words.append(mark.encode(x="x:Q", y="y:Q", text="word:N"))
    return [upright.encode(x="x:Q"), level.encode(y="y:Q"), *words]


def _short(column: str, length: int = 27) -> pl.Expr:
    """A code and the first words that tell industries apart."""
    text = pl.col(column).str.replace(
        r"^(Fabricación|Elaboración|Actividades|Otras actividades|Manufacture|Other|Activities) (de|of)? ?",
        "",
    )
    text = text.str.replace(r"^(otros?|otras?) ", "")
    cut = text.str.slice(0, length).str.replace(r"\s\S*$", "").str.strip_chars_end(",; ") + "…"
    return pl.col("industry") + " " + pl.when(text.str.len_chars() > length).then(cut).otherwise(text)


def _finished(
    chart: alt.LayerChart | alt.FacetChart,
    title: str,
    description: str,
    variant: Variant,
    language: str,
    width: int,
) -> str:
    """The SVG; a download also wears its finding, since it leaves the page that says it."""
    import altair as alt

    if variant != "page":
        chart = chart.properties(title=alt.TitleParams(textwrap.wrap(title, width // 9)))
    return render_svg(chart, title=title, description=description, variant=variant, language=language)


def years_svg(
    years: Sequence[int],
    series: Sequence[tuple[str, Sequence[float], bool]],
    *,
    title: str,
    description: str,
    language: str,
    width: int,
    variant: Variant = "page",
) -> str:
    """Lines of an index, first year = 100; each series is (name, values, ours) and is named at its end."""
    import altair as alt

    rows: list[dict[str, Any]] = [
        {"year": year, "value": 100 * value / values[0], "name": name, "ours": ours}
        for name, values, ours in series
        for year, value in zip(years, values, strict=True)
    ]
    frame = pl.DataFrame(rows)
    across = alt.X(
        "year:Q", title=None, scale=alt.Scale(domain=[years[0], years[-1]], nice=False),
        axis=alt.Axis(format="d", values=list(years), grid=False),
    )  # fmt: skip
    up = alt.Y("value:Q", title=None, scale=alt.Scale(zero=False), axis=alt.Axis(grid=True, tickCount=5))
    tones = alt.condition("datum.ours", alt.value(tone("teal")), alt.value(tone("amber-2")))
    base = alt.Chart(frame)
    lines = base.mark_line(point=alt.OverlayMarkDef(size=40)).encode(
        x=across, y=up, color=tones, detail="name:N"
    )
    inks = alt.condition("datum.ours", alt.value(tone("teal")), alt.value(tone("amber")))
    down = _room(rows, years[-1])
    words = [
        base.transform_filter(f"datum.year == {years[-1]} && {'' if ours else '!'}datum.ours")
        .mark_text(align="left", dx=8, dy=down[ours], fontSize=13)
        .encode(x=across, y=up, text="name:N", color=inks)
        for ours in (False, True)
    ]
    chart = alt.layer(lines, *words).properties(width=width - 110, height=260)
    return _finished(chart, title, description, variant, language, width)


def _room(rows: Sequence[dict[str, Any]], last: int) -> dict[bool, int]:
    """How far to move the names of two lines down, ours and the other, so that they do not overlap."""
    values = [row["value"] for row in rows]
    ends = {row["ours"]: row["value"] for row in rows if row["year"] == last}
    if len(ends) < 2 or abs(ends[True] - ends[False]) > 0.07 * (max(values) - min(values)):
        return {True: 0, False: 0}
    return {True: -8, False: 8} if ends[True] >= ends[False] else {True: 8, False: -8}


def compare_svg(
    rows: pl.DataFrame,
    departments: Sequence[tuple[str, str]],
    *,
    threshold: float,
    axis: str,
    title: str,
    description: str,
    language: str,
    width: int,
    variant: Variant = "page",
) -> str:
    """A dot per department and group: columns of ``rows`` are label, department, lq; unknown ones are absent.

    Departments differ by shape and tone, the first in teal and on top; all start from zero.
    """
    import altair as alt

    labels = rows["label"].unique(maintain_order=True).to_list()
    narrow = width <= NARROW
    where = alt.Y(
        "label:N", sort=labels, title=None, axis=alt.Axis(labelLimit=135 if narrow else 200, grid=True)
    )
    points = _departments(rows, departments, narrow=narrow).encode(
        y=where, x=alt.X("lq:Q", title=axis, scale=alt.Scale(zero=True))
    )
    line = (
        alt.Chart(pl.DataFrame({"at": [threshold]}))
        .mark_rule(strokeDash=[3, 3], color=tone("ink"))
        .encode(x="at:Q")
    )
    chart = alt.layer(line, points).properties(width=width - (150 if narrow else 60), height=30 * len(labels))
    return _finished(chart, title, description, variant, language, width)


def _departments(rows: pl.DataFrame, departments: Sequence[tuple[str, str]], *, narrow: bool) -> alt.Chart:
    """The dots of a comparison with their legend, without axes."""
    import altair as alt

    frame = rows.drop_nulls("lq").select("label", "lq", name=pl.col("department").replace(dict(departments)))
    # Drawn last, the first department lies on top.
    order = {name: at for at, (_, name) in enumerate(departments)}
    frame = frame.sort(
        pl.col("name").replace_strict(order, return_dtype=pl.Int64), descending=True, maintain_order=True
    )
    direction: Any = "vertical" if narrow else "horizontal"
    legend = alt.Legend(title=None, orient="top", direction=direction, symbolSize=110)
    shown, count = [name for _, name in departments], len(departments)
    shapes = alt.Scale(domain=shown, range=list(_SHAPES[:count]))
    tones = alt.Scale(domain=shown, range=[tone(one) for one in _TONES[:count]])
    dots = alt.Chart(frame).mark_point(filled=True, size=110, opacity=1, stroke=tone("paper"), strokeWidth=1)
    return dots.encode(
        shape=alt.Shape("name:N", scale=shapes, legend=legend),
        color=alt.Color("name:N", scale=tones, legend=legend),
    )
