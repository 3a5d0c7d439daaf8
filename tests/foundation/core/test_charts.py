"""Static charts: named, free of inline style, in the tones of their place, honest about what is unknown."""

import re
import xml.etree.ElementTree as ET

import pytest

from coopetir.foundation.core import charts, palette

parse = ET.fromstring
SVG = "{http://www.w3.org/2000/svg}"
ITEMS = [
    charts.Bar("Confitería & dulces", 2.84, "2,8", 2.1, 3.6, ours=True),
    charts.Bar("Calzado", 1.1, "1,1"),
    charts.Bar("Acuicultura", None, "sin dato"),
]


def draw(**changes):
    options = {
        "title": "Confitería pesa 2,8 veces",
        "description": "Barras <de> tres familias",
        "axis": "veces el país",
    }
    return charts.bars(ITEMS, **{**options, **changes})


def texts(svg):
    return ["".join(node.itertext()) for node in parse(svg).iter(f"{SVG}text")]


def test_a_drawing_names_itself_for_those_who_do_not_see_it():
    root = parse(draw())
    assert root.get("role") == "img"
    title, desc = root.find(f"{SVG}title"), root.find(f"{SVG}desc")
    assert title.text == "Confitería pesa 2,8 veces"
    assert desc.text == "Barras <de> tres familias"
    assert root.get("aria-labelledby").split() == [title.get("id"), desc.get("id")]


def test_a_page_with_a_strict_content_policy_may_hold_it():
    svg = draw(reference=(1.0, "igual que el país"))
    assert not re.search(r"\s(style|on\w+|href|xlink:href)=|<script|<style|url\(http", svg)


def test_every_bar_is_written_and_the_unknown_is_no_bar():
    svg = draw()
    assert {"Confitería & dulces", "2,8", "sin dato"} <= set(texts(svg))
    paths = [node for node in parse(svg).iter(f"{SVG}path") if node.get("fill", "").startswith("var(--teal")]
    lengths = [float(re.match(r"M0,[\d.]+h([\d.]+)", path.get("d")).group(1)) for path in paths]
    assert len(lengths) == 2
    assert lengths[0] / lengths[1] == pytest.approx(2.84 / 1.1)


def test_the_phone_drawing_is_narrow_and_keeps_every_label_whole():
    wide, narrow = charts.both_widths(lambda width: draw(width=width))
    assert float(parse(narrow).get("width")) <= 330
    assert float(parse(wide).get("width")) <= 700
    assert "Confitería & dulces: 2,8" in texts(narrow)


@pytest.mark.parametrize("variant", ["light", "dark", "grey"])
def test_a_download_stands_alone(variant):
    svg = draw(variant=variant, heading="drawn", subtitle="2025, n = 3")
    assert "var(" not in svg
    assert "Source Sans 3" in svg
    assert "Confitería pesa 2,8 veces" in texts(svg)
    known = {"light": palette.LIGHT, "dark": palette.DARK, "grey": palette.GREY}[variant]
    assert set(re.findall(r"#[0-9A-Fa-f]{6}", svg)) <= set(known.values())
    if variant == "grey":
        assert all(tone[1:3] == tone[3:5] == tone[5:7] for tone in re.findall(r"#[0-9A-Fa-f]{6}", svg))


def test_numbers_on_the_axis_follow_the_language():
    items = [charts.Bar("a", 15000.0, "15.000")]
    spanish = charts.bars(items, title="t", description="d", axis="empleos")
    english = charts.bars(items, title="t", description="d", axis="jobs", language="en")
    assert "10.000" in texts(spanish)
    assert "10,000" in texts(english)


def test_falling_values_go_left_of_zero_and_names_stay_inside():
    items = [charts.Bar("Crece", 0.05, "5 %"), charts.Bar("Cae", -0.1, "−10 %")]
    svg = charts.bars(items, title="t", description="d", axis="cambio", width=charts.NARROW)
    starts = [
        float(re.match(r"translate\(([-\d.]+)", node.get("transform")).group(1))
        for node in parse(svg).iter(f"{SVG}text")
        if node.text in {"Crece: 5 %", "Cae: −10 %"}
    ]
    assert starts == [0, 0]
    widths = re.findall(r'd="M([\d.]+),[\d.]+h(-?[\d.]+)v16', svg)
    (up, down) = [(float(start), float(width)) for start, width in widths]
    assert down[0] + down[1] == pytest.approx(up[0])


def test_the_same_chart_is_the_same_text():
    assert draw() == draw()


def test_nothing_known_is_refused_by_name():
    with pytest.raises(charts.ChartEmpty) as refusal:
        charts.bars([charts.Bar("a", None, "sin dato")], title="Ventas", description="d", axis="x")
    assert "Ventas" in refusal.value.sentence("es")


def test_a_png_for_slides():
    assert charts.render_png(draw(variant="light")).startswith(b"\x89PNG")


def _contrast(one, other):
    def luminance(tone):
        parts = [int(tone[i : i + 2], 16) / 255 for i in (1, 3, 5)]
        linear = [c / 12.92 if c <= 0.03928 else ((c + 0.055) / 1.055) ** 2.4 for c in parts]
        return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]

    high, low = sorted((luminance(one), luminance(other)), reverse=True)
    return (high + 0.05) / (low + 0.05)


@pytest.mark.parametrize("tones", [palette.LIGHT, palette.DARK, palette.GREY], ids=["light", "dark", "grey"])
def test_tones_can_be_told_apart(tones):
    for name in ("ink", "muted", "teal", "amber", "red"):
        assert _contrast(tones[name], tones["paper"]) >= 4.5, name
    assert _contrast(tones["control"], tones["paper"]) >= 3
    assert _contrast(tones["on-teal"], tones["teal"]) >= 4.5
    for low, high in zip(palette.SEQUENCE, palette.SEQUENCE[1:], strict=False):
        assert _contrast(tones[low], tones[high]) >= 1.25, (low, high)


def test_the_style_sheet_and_the_palette_say_the_same():
    from importlib.resources import files

    css = (files("coopetir.foundation") / "static/coopetir/theme.css").read_text(encoding="utf-8")
    declared = dict(re.findall(r"--([a-z0-9-]+): light-dark\((#\w{6}), #\w{6}\)", css))
    dark = dict(re.findall(r"--([a-z0-9-]+): light-dark\(#\w{6}, (#\w{6})\)", css))
    for name in palette.LIGHT:
        assert declared[name] == palette.LIGHT[name], name
        assert dark[name] == palette.DARK[name], name
