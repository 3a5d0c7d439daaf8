"""Maps from boundaries to one drawing, without a tile server."""

import re
import xml.etree.ElementTree as ET

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from coopetir.foundation.core import catalogues, maps
from coopetir.foundation.core.maps import Place

parse = ET.fromstring
SVG = "{http://www.w3.org/2000/svg}"


def square(code, west, south, size=1.0):
    ring = [
        [west, south],
        [west + size, south],
        [west + size, south + size],
        [west, south + size],
        [west, south],
    ]
    return {
        "type": "Feature",
        "id": code,
        "properties": {},
        "geometry": {"type": "Polygon", "coordinates": [ring]},
    }


WORLD = {
    "features": [
        square("05", -76, 6),
        square("76", -77, 3),
        square("91", -71, -3),
        square("88", -81.7, 12.5, 0.05),
    ]
}


def draw(places, breaks=(1.0, 2.0), kind=maps.choropleth, **options):
    extra = {"breaks": breaks} if kind is maps.choropleth else {}
    return kind(WORLD, places, title="Dónde", description="Mapa", **extra, **options)


def areas(svg):
    """Name said → (fill, corners) of each area."""
    found = {}
    for node in parse(svg).iter(f"{SVG}path"):
        said = node.find(f"{SVG}title")
        if said is not None:
            corners = [
                tuple(map(float, pair.split()))
                for pair in re.findall(r"[ML]([-\d.]+ [-\d.]+)", node.get("d"))
            ]
            found[said.text] = (node.get("fill"), corners)
    return found


def test_classes_go_from_pale_to_dark_and_a_break_belongs_above():
    drawn = areas(
        draw([Place("05", "A", 0.99, "1,0"), Place("76", "B", 1.0, "1,0"), Place("91", "C", 7.0, "7,0")])
    )
    assert "--teal-3" in drawn["A: 1,0"][0]
    assert "--teal-2" in drawn["B: 1,0"][0]
    assert "--teal," in drawn["C: 7,0"][0]


def test_unknown_is_hatched_protected_is_a_dot_and_neither_is_the_lowest_class():
    svg = draw(
        [
            Place("05", "A", None, "sin dato", status="unknown"),
            Place("76", "B", None, "protegido", status="protected"),
            Place("91", "C", 0.0, "0"),
        ]
    )
    drawn = areas(svg)
    fills = [drawn[name][0] for name in ("A: sin dato", "B: protegido", "C: 0")]
    assert fills[0].startswith("url(#fig-")
    assert len(set(fills)) == 3
    assert svg.count("<circle") == 1
    assert re.search(r'<pattern id="(fig-\w+-hatch)"', svg).group(1) in fills[0]


def test_a_protected_value_does_not_leak_into_the_drawing():
    known = draw([Place("05", "A", 1234.5, "protegido", status="protected"), Place("76", "B", 1.0, "1")])
    other = draw([Place("05", "A", 9.0, "protegido", status="protected"), Place("76", "B", 1.0, "1")])
    assert known == other


def test_north_is_up_and_east_is_right():
    drawn = areas(draw([Place("05", "A", 1, "x"), Place("76", "B", 1, "x"), Place("91", "C", 1, "x")]))

    def middle(name):
        corners = drawn[f"{name}: x"][1]
        return sum(x for x, _ in corners) / len(corners), sum(y for _, y in corners) / len(corners)

    assert middle("A")[1] < middle("B")[1] < middle("C")[1]
    assert middle("B")[0] < middle("A")[0] < middle("C")[0]


def test_san_andres_stands_in_an_inset_and_does_not_shrink_the_country():
    mainland = areas(draw([Place("05", "A", 1, "x"), Place("91", "C", 1, "x")]))
    svg = draw([Place("05", "A", 1, "x"), Place("91", "C", 1, "x"), Place("88", "S", 1, "x")])
    both = areas(svg)
    assert both["A: x"][1] == mainland["A: x"][1]
    xs = [x for x, _ in both["S: x"][1]]
    assert max(xs) - min(xs) > 30  # five hundredths of a degree would be 5 px or less
    assert "San Andrés" in svg


def test_islands_alone_need_no_inset():
    assert "<rect x=" not in draw([Place("88", "S", 1, "x")])


def test_links_are_reachable_named_and_escaped():
    svg = draw([Place("05", 'A & "B"', 1, "1", href="/r/05?a=1&b=2"), Place("76", "C", 1, "1")])
    root = parse(svg)
    assert root.get("role") == "group"
    (link,) = root.iter(f"{SVG}a")
    assert link.get("href") == "/r/05?a=1&b=2"
    assert link.get("aria-label") == 'A & "B": 1'


def test_a_download_has_no_addresses():
    svg = draw([Place("05", "A", 1, "1", href="/r/05"), Place("76", "C", 1, "1")], variant="grey")
    assert "<a" not in svg.replace("<aria", "")
    assert "var(" not in svg
    assert parse(svg).get("role") == "img"


def test_circles_have_the_area_of_the_count_and_small_ones_lie_on_top():
    svg = draw(
        [Place("05", "A", 4, "4"), Place("76", "B", 100, "100"), Place("91", "C", 0, "0")], kind=maps.circles
    )
    radii = [float(node.get("r")) for node in parse(svg).iter(f"{SVG}circle")]
    assert radii == sorted(radii, reverse=True)
    assert radii[0] / radii[1] == pytest.approx(5, rel=0.02)
    assert radii[2] == 0


@settings(max_examples=30, deadline=None)
@given(st.permutations(["05", "76", "91", "88"]))
def test_the_order_of_places_changes_no_place(order):
    def table(codes):
        return areas(draw([Place(code, code, 1.5, "x") for code in codes]))

    assert table(order) == table(["05", "76", "91", "88"])


def test_codes_without_boundaries_are_refused_by_name():
    with pytest.raises(maps.BoundaryMissing) as refusal:
        draw([Place("5", "Antioquia", 1, "1")])
    assert "5" in refusal.value.sentence("es")


@pytest.mark.parametrize("breaks", [(2.0, 1.0), (1.0, 1.0), (1, 2, 3, 4)])
def test_breaks_must_rise_and_be_few(breaks):
    with pytest.raises(maps.BreaksUnordered):
        draw([Place("05", "A", 1, "1")], breaks=breaks)


def test_the_legend_names_each_class_as_it_is_drawn():
    entries = maps.legend((0.5, 1.0), decimals=1, statuses=("unknown", "protected"))
    assert [entry["label"] for entry in entries] == [
        "menos de 0,5",
        "0,5 a menos de 1,0",
        "1,0 o más",
        "sin dato",
        "protegido",
    ]
    assert [entry["swatch"] for entry in entries] == ["2", "3", "4", "unknown", "protected"]
    assert maps.legend((0.5,), language="en")[0]["label"] == "below 0.5"


def test_the_shipped_departments_fit_the_paper():
    boundaries = catalogues.boundaries("departments")
    places = [Place(item["id"], item["id"], 1.0, "x") for item in boundaries["features"]]
    svg = maps.choropleth(boundaries, places, breaks=(0.5,), title="t", description="d")
    root = parse(svg)
    width, height = float(root.get("width")), float(root.get("height"))
    corners = [corner for _, ring in areas(svg).values() for corner in ring]
    assert len(areas(svg)) == 33
    assert all(0 <= x <= width and 0 <= y <= height for x, y in corners)
    assert len(svg) < 60_000
