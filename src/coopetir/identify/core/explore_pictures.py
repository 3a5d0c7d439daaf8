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
    """Specialisation (up, logarithmic) × growth (across); the area of a circle is its jobs.

    :param national: yearly rate of all jobs of the country, the upright line; the level line is LQ 1.
    :param axes: words for growth and specialisation.
    :param corners: words for strength, opportunity, risk and neither.
    :raises ChartEmpty: never; an empty frame draws empty axes, and the page says what is missing.
    """
    import altair as alt

    points, ends = drawable(rows), _ends(rows)
    name = "title_en" if language.startswith("en") else "title_es"
    named = labelled(points, width=width, limit=4 if width <= NARROW else 10)
    points = points.with_columns(
        label=pl.when(pl.col("industry").is_in(named)).then(_short(name)).otherwise(pl.lit("")),
        ours=pl.col("quadrant") == "strength",
        left=pl.col("x") > (GROWTH_ENDS[0] + GROWTH_ENDS[1]) / 2 + 0.02,
    )
    points = points.select("x", "y", "jobs", "label", "ours", "left")
    across = alt.X(
        "x:Q",
        title=axes[0],
        scale=alt.Scale(domain=list(GROWTH_ENDS), nice=False),
        axis=alt.Axis(format="+.0%"),
    )
    up = alt.Y(
        "y:Q", title=axes[1], scale=alt.Scale(type="log", base=2, domain=list(ends), nice=False),
        axis=alt.Axis(format="~g", values=[0.125, 0.25, 0.5, 1, 2, 4, 8, 16], grid=True, titleAngle=0, titleAlign="left", titleY=-12, titleX=0),
    )  # fmt: skip
    base = alt.Chart(points)
    circles = base.mark_circle(stroke=tone("paper"), strokeWidth=0.8, opacity=0.85).encode(
        x=across,
        y=up,
        size=alt.Size("jobs:Q", scale=alt.Scale(range=[16, 1500 if width > NARROW else 500]), legend=None),
        color=alt.condition("datum.ours", alt.value(tone("teal")), alt.value(tone("teal-3"))),
    )
    sides: tuple[tuple[str, Any, int], ...] = (("true", "right", -9), ("false", "left", 9))
    halos: tuple[dict[str, Any], ...] = (
        {"stroke": tone("paper"), "strokeWidth": 3.5, "strokeJoin": "round"},
        {},
    )
    # A halo of paper first, or the words are lost over circles and lines.
    texts = [
        base.transform_filter(f"datum.label != '' && datum.left == {side}")
        .mark_text(align=align, dx=shift, fontSize=12, **halo)
        .encode(x=across, y=up, text="label:N")
        for side, align, shift in sides
        for halo in halos
    ]
    chart = alt.layer(*_cross(national, ends, corners), circles, *texts).properties(width=width, height=440)
    return _finished(chart, title, description, variant, language, width)


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


def _short(column: str, length: int = 24) -> pl.Expr:
    """A code and the first words that tell industries apart."""
    text = pl.col(column).str.replace(
        r"^(Fabricación|Elaboración|Actividades|Otras actividades|Manufacture|Other|Activities) (de|of)? ?",
        "",
    )
    text = text.str.replace(r"^(otros?|otras?) ", "")
    cut = text.str.slice(0, length).str.replace(r"[\s,;]+\S*$", "") + "…"
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
    last = base.transform_filter(f"datum.year == {years[-1]}")
    inks = alt.condition("datum.ours", alt.value(tone("teal")), alt.value(tone("amber")))
    # Names of lines that end close together would lie on each other.
    held = [row["value"] for row in rows]
    span = (max(held) - min(held)) or 1.0
    ends = sorted(100 * values[-1] / values[0] for _, values, _ in series)
    close = len(ends) == 2 and (ends[1] - ends[0]) / span < 0.07
    words = [
        last.transform_filter(f"datum.value {side}")
        .mark_text(align="left", dx=8, dy=down if close else 0, fontSize=13)
        .encode(x=across, y=up, text="name:N", color=inks)
        for side, down in ((f">= {ends[-1] - 1e-9}", -8), (f"< {ends[-1] - 1e-9}", 8))
    ]
    chart = alt.layer(lines, *words).properties(width=width - 110, height=260)
    return _finished(chart, title, description, variant, language, width)


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

    marks = dict(
        zip([name for _, name in departments], ("circle", "diamond", "square", "triangle-up"), strict=False)
    )
    tones = dict(zip(marks, (tone("teal"), tone("amber-2"), tone("muted"), tone("teal-3")), strict=False))
    names = dict(departments)
    frame = (
        rows.drop_nulls("lq")
        .with_columns(name=pl.col("department").replace(names))
        .select("label", "name", "lq")
    )
    narrow = width <= NARROW
    where = alt.Y("label:N", sort=list(rows["label"].unique(maintain_order=True)), title=None,
                  axis=alt.Axis(labelLimit=135 if narrow else 200, grid=True))  # fmt: skip
    spot = alt.X("lq:Q", title=axis, scale=alt.Scale(zero=True))
    legend = alt.Legend(
        title=None, orient="top", direction="vertical" if narrow else "horizontal", symbolSize=110
    )
    order = [name for _, name in departments]
    points = (
        alt.Chart(frame)
        .mark_point(filled=True, size=110, opacity=1, stroke=tone("paper"), strokeWidth=1)
        .encode(
            y=where,
            x=spot,
            shape=alt.Shape(
                "name:N", scale=alt.Scale(domain=order, range=[marks[one] for one in order]), legend=legend
            ),
            color=alt.Color(
                "name:N", scale=alt.Scale(domain=order, range=[tones[one] for one in order]), legend=legend
            ),
        )
    )
    line = (
        alt.Chart(pl.DataFrame({"at": [threshold]}))
        .mark_rule(strokeDash=[3, 3], color=tone("ink"))
        .encode(x="at:Q")
    )
    chart = alt.layer(line, points).properties(
        width=width - (150 if narrow else 60), height=30 * rows["label"].n_unique()
    )
    return _finished(chart, title, description, variant, language, width)
