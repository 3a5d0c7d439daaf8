"""How is a map drawn without a tile server?

From GeoJSON boundaries (``foundation.core.catalogues.boundaries``) to one SVG: areas in classes for rates,
circles for counts. San Andrés stands in an inset, enlarged. Unknown is hatched, protected is a dot, and
neither looks like the lowest class. A place with an address is a link a keyboard can reach, in the order of
the places given, and each says its name and figure.

Equirectangular projection, longitudes scaled by the cosine of the middle latitude: within Colombia the error
in shape is below 3 %, and north stays up.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal
from xml.sax.saxutils import escape, quoteattr

from coopetir.foundation.core.charts import finish
from coopetir.foundation.core.errors import CoopetirError
from coopetir.foundation.core.formats import number, unknown
from coopetir.foundation.core.palette import SEQUENCE, Variant, tone

Ring = list[tuple[float, float]]
Status = Literal["known", "unknown", "protected"]

ARCHIPELAGO = "88"
"""DIVIPOLA department of San Andrés, Providencia y Santa Catalina: 700 km out at sea, 1,000 times smaller."""

_BIGGEST_CIRCLE = 26.0
_INSET = 76.0


class BoundaryMissing(CoopetirError):
    code = "map.boundary_missing"
    es = "El mapa no tiene límites para los códigos {codes}. Revise que sean DIVIPOLA con sus ceros (05, 05001)."
    en = "The map has no boundaries for the codes {codes}. Check that they are DIVIPOLA with their zeros (05, 05001)."


class BreaksUnordered(CoopetirError):
    code = "map.breaks_unordered"
    es = "Los cortes de un mapa van de menor a mayor y son a lo sumo tres: {breaks}."
    en = "The breaks of a map rise and are three at most: {breaks}."


@dataclass(frozen=True)
class Place:
    """A place to draw: ``text`` is its figure as written; ``value`` None needs ``status`` unknown or protected."""

    code: str
    name: str
    value: float | None
    text: str
    href: str = ""
    status: Status = "known"
    ours: bool = False


@dataclass(frozen=True)
class Frame:
    """From degrees to pixels."""

    west: float
    north: float
    squeeze: float
    scale: float
    left: float = 0.0
    top: float = 0.0

    def at(self, lon: float, lat: float) -> tuple[float, float]:
        x = self.left + (lon - self.west) * self.squeeze * self.scale
        return x, self.top + (self.north - lat) * self.scale


@dataclass(frozen=True)
class _Sheet:
    """One drawing in the making: where each place goes, and how big the paper is."""

    shapes: Mapping[str, list[Ring]]
    frames: Mapping[str, Frame]
    width: float
    height: float
    inset: str = field(default="")


def choropleth(
    boundaries: Mapping[str, Any],
    places: Sequence[Place],
    *,
    breaks: Sequence[float],
    title: str,
    description: str,
    width: int = 520,
    variant: Variant = "page",
) -> str:
    """Areas in up to four classes, low to high; a value on a break belongs to the class above it.

    Use for rates and shares; a value must rest on at least three firms (``foundation.core.disclosure``).

    :raises BreaksUnordered: :raises BoundaryMissing:
    """
    if list(breaks) != sorted(set(breaks)) or len(breaks) >= len(SEQUENCE):
        raise BreaksUnordered(breaks=list(breaks))
    sheet = _sheet(boundaries, places, width)

    def fill(place: Place) -> str:
        if place.value is None or place.status != "known":
            return "url(#HANDLE-hatch)" if place.status == "unknown" else tone("paper-2")
        # With fewer breaks the darkest classes are used, so that few classes still contrast.
        tones = SEQUENCE[len(SEQUENCE) - len(breaks) - 1 :]
        return tone(tones[sum(place.value >= edge for edge in breaks)])

    body = [_area(sheet, place, fill(place)) for place in _ours_last(places)]
    body += [_dot(sheet, place) for place in places if place.status == "protected"]
    return _drawing(sheet, body, title=title, description=description, variant=variant)


def legend(
    breaks: Sequence[float],
    *,
    decimals: int | None = None,
    language: str = "es",
    statuses: Sequence[Status] = (),
) -> list[dict[str, str]]:
    """``swatch`` and ``label`` of each class of a choropleth, for ``components/figure.html``."""
    english = language.startswith("en")
    cuts = [number(edge, decimals, language) for edge in breaks]
    below, above, between = (
        ("below", "or more", "to below") if english else ("menos de", "o más", "a menos de")
    )
    labels = ["—"] if not cuts else [f"{below} {cuts[0]}"]
    labels += [f"{low} {between} {high}" for low, high in itertools.pairwise(cuts)]
    labels += [f"{cuts[-1]} {above}"] if cuts else []
    first = len(SEQUENCE) - len(breaks)
    entries = [{"swatch": str(first + at), "label": label} for at, label in enumerate(labels)]
    words = {"unknown": unknown(language), "protected": "protected" if english else "protegido"}
    return entries + [{"swatch": status, "label": words[status]} for status in statuses if status in words]


def circles(
    boundaries: Mapping[str, Any],
    places: Sequence[Place],
    *,
    title: str,
    description: str,
    width: int = 520,
    variant: Variant = "page",
) -> str:
    """Circles whose *area* is the count, big ones underneath; places without a figure are hatched.

    :raises BoundaryMissing:
    """
    sheet = _sheet(boundaries, places, width)
    known = [place for place in places if place.status == "known" and place.value is not None]
    top = max((place.value or 0.0 for place in known), default=0.0)
    body = [
        _area(
            sheet, place, "url(#HANDLE-hatch)" if place.status == "unknown" else tone("paper-2"), link=False
        )
        for place in _ours_last(places)
    ]
    body += [_dot(sheet, place) for place in places if place.status == "protected"]
    for place in sorted(known, key=lambda item: -(item.value or 0.0)):
        radius = _BIGGEST_CIRCLE * math.sqrt((place.value or 0.0) / top) if top else 0.0
        x, y = _middle(sheet, place.code)
        ink = tone("teal") if place.ours else tone("teal-2")
        shape = (
            f'<circle class="c-shape" cx="{x:.1f}" cy="{y:.1f}" r="{radius:.1f}" fill="{ink}" '
            f'fill-opacity="0.75" stroke="{tone("paper")}"/>'
        )
        body.append(_linked(place, shape))
    return _drawing(sheet, body, title=title, description=description, variant=variant)


def _sheet(boundaries: Mapping[str, Any], places: Sequence[Place], width: int) -> _Sheet:
    shapes = {str(item["id"]): _rings(item["geometry"]) for item in boundaries["features"]}
    missing = [place.code for place in places if place.code not in shapes]
    if missing:
        raise BoundaryMissing(codes=missing)
    wanted = {place.code: shapes[place.code] for place in places}
    islands = {code for code in wanted if code.startswith(ARCHIPELAGO)}
    mainland = [code for code in wanted if code not in islands]
    if not mainland:
        frame, height = _fit([ring for code in wanted for ring in wanted[code]], width)
        return _Sheet(wanted, dict.fromkeys(wanted, frame), width, height)
    frame, height = _fit([ring for code in mainland for ring in wanted[code]], width)
    frames = dict.fromkeys(mainland, frame)
    if not islands:
        return _Sheet(wanted, frames, width, height)
    # The Pacific corner, south-west of the mainland, is empty on every map of the country.
    inset, _ = _fit([ring for code in islands for ring in wanted[code]], _INSET - 16, _INSET - 16)
    top = height - _INSET - 2
    moved = Frame(inset.west, inset.north, inset.squeeze, inset.scale, inset.left + 10, inset.top + top + 8)
    box = (
        f'<rect x="2" y="{top:.1f}" width="{_INSET}" height="{_INSET}" fill="none" '
        f'stroke="{tone("control")}" stroke-width="1"/>'
        f'<text x="2" y="{top - 5:.1f}" font-family="" font-size="12px" fill="{tone("muted")}">San Andrés</text>'
    )
    return _Sheet(wanted, frames | dict.fromkeys(islands, moved), width, height, box)


def _fit(rings: Sequence[Ring], width: float, height: float | None = None) -> tuple[Frame, float]:
    """The frame that shows ``rings`` in ``width`` (and ``height``, centred), and the height it takes."""
    lons = [lon for ring in rings for lon, _ in ring]
    lats = [lat for ring in rings for _, lat in ring]
    squeeze = math.cos(math.radians((min(lats) + max(lats)) / 2))
    across, down = (max(lons) - min(lons)) * squeeze or 1e-6, max(lats) - min(lats) or 1e-6
    margin = 3.0 if height is None else 0.0
    scale = (width - 2 * margin) / across
    if height is not None:
        scale = min(scale, height / down)
        left, top = (width - across * scale) / 2, (height - down * scale) / 2
        return Frame(min(lons), max(lats), squeeze, scale, left, top), height
    return Frame(min(lons), max(lats), squeeze, scale, margin, margin), down * scale + 2 * margin


def _rings(geometry: Mapping[str, Any]) -> list[Ring]:
    polygons = geometry["coordinates"] if geometry["type"] == "MultiPolygon" else [geometry["coordinates"]]
    return [[(float(lon), float(lat)) for lon, lat, *_ in ring] for polygon in polygons for ring in polygon]


def _ours_last(places: Sequence[Place]) -> Iterator[Place]:
    """In the order given, the own at the end so that its outline lies on top."""
    yield from (place for place in places if not place.ours)
    yield from (place for place in places if place.ours)


def _area(sheet: _Sheet, place: Place, fill: str, *, link: bool = True) -> str:
    frame = sheet.frames[place.code]
    path = "".join(_path(ring, frame) for ring in sheet.shapes[place.code])
    # Pale areas need an edge of their own; between tones a line of paper is enough.
    pale = fill.startswith("url") or fill == tone("paper-2")
    edge, thick = ("ink", 1.75) if place.ours else ("control", 0.5) if pale else ("paper", 0.6)
    outline = f' stroke="{tone(edge)}" stroke-width="{thick}"'
    shape = f'<path class="c-shape" fill-rule="evenodd" d="{path}" fill="{fill}"{outline}/>'
    return _linked(place, shape) if link else shape


def _path(ring: Ring, frame: Frame) -> str:
    points = [frame.at(lon, lat) for lon, lat in ring]
    return "M" + "L".join(f"{x:.1f} {y:.1f}" for x, y in points) + "Z"


def _dot(sheet: _Sheet, place: Place) -> str:
    x, y = _middle(sheet, place.code)
    return f'<circle cx="{x:.1f}" cy="{y:.1f}" r="2" fill="{tone("muted")}" pointer-events="none"/>'


def _linked(place: Place, shape: str) -> str:
    said = escape(f"{place.name}: {place.text}")
    named = shape.replace("/>", f"><title>{said}</title></{shape[1:].split(' ', 1)[0]}>", 1)
    return (
        f"<a href={quoteattr(place.href)} aria-label={quoteattr(f'{place.name}: {place.text}')}>{named}</a>"
        if place.href
        else named
    )


def _middle(sheet: _Sheet, code: str) -> tuple[float, float]:
    """The centroid of the largest ring, in pixels."""
    ring = max(sheet.shapes[code], key=lambda one: abs(_twice_area(one)))
    area = _twice_area(ring)
    if area == 0:
        lon, lat = ring[0]
    else:
        lon = sum((x + u) * (x * v - u * y) for (x, y), (u, v) in _edges(ring)) / (3 * area)
        lat = sum((y + v) * (x * v - u * y) for (x, y), (u, v) in _edges(ring)) / (3 * area)
    return sheet.frames[code].at(lon, lat)


def _twice_area(ring: Ring) -> float:
    return sum(x * v - u * y for (x, y), (u, v) in _edges(ring))


def _edges(ring: Ring) -> Iterator[tuple[tuple[float, float], tuple[float, float]]]:
    return zip(ring, [*ring[1:], ring[0]], strict=True)


def _drawing(sheet: _Sheet, body: Sequence[str], *, title: str, description: str, variant: Variant) -> str:
    hatch = (
        '<defs><pattern id="HANDLE-hatch" width="5" height="5" patternUnits="userSpaceOnUse" '
        f'patternTransform="rotate(45)"><rect width="5" height="5" fill="{tone("paper")}"/>'
        f'<path d="M0 0V5" stroke="{tone("hatch")}" stroke-width="2"/></pattern></defs>'
    )
    opening = (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{sheet.width:.0f}" height="{sheet.height:.0f}" '
        f'viewBox="0 0 {sheet.width:.0f} {sheet.height:.0f}" stroke-width="0.6" stroke-linejoin="round">'
    )
    svg = opening + hatch + sheet.inset + "".join(body) + "</svg>"
    return finish(svg, title=title, description=description, variant=variant, interactive="<a " in svg)
