"""What a list of members weighs in its territory."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils import timezone
from django.utils.safestring import mark_safe
from django.utils.translation import gettext as _

from coopetir.foundation.core.charts import render_png
from coopetir.foundation.core.errors import CoopetirError
from coopetir.foundation.core.formats import percent
from coopetir.foundation.core.tables import write_table
from coopetir.foundation.permissions import can, require
from coopetir.foundation.views.accounts import add_refusal
from coopetir.identify.core.footprint_picture import PHONE
from coopetir.identify.forms import FootprintForm
from coopetir.identify.operations.footprints import SentList, create_footprint
from coopetir.identify.queries import footprints as queries
from coopetir.identify.views.leave_with import attached, short_language

if TYPE_CHECKING:
    import polars as pl
    from django.core.files.uploadedfile import UploadedFile

    from coopetir.foundation.models import User
    from coopetir.identify.models import Footprint

KINDS = {
    "csv": "text/csv; charset=utf-8",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "svg": "image/svg+xml",
    "png": "image/png",
}
MISSING_SHOWN = 500


def footprint_list(request: HttpRequest) -> HttpResponse:
    require(request.user, "footprint.view")
    context = {
        "footprints": queries.footprints_visible_to(request.user)[:100],
        "may_create": can(request.user, "footprint.create"),
    }
    return render(request, "identify/footprint_list.html", context)


def footprint_new(request: HttpRequest) -> HttpResponse:
    """Upload a list; its answer follows at once, with the members not found shown this one time."""
    require(request.user, "footprint.create")
    datasets = queries.registries_of(request.user)
    form = FootprintForm(request.POST or None, request.FILES or None, datasets=datasets)
    if request.method == "POST" and form.is_valid():
        try:
            found, missing = _create(request, form.cleaned_data)
        except CoopetirError as error:
            add_refusal(form, error)
        else:
            return _page(request, found, missing=missing)
    context = {"form": form, "datasets": datasets}
    return render(request, "identify/footprint_new.html", context, status=422 if form.errors else 200)


def _create(request: HttpRequest, data: dict[str, Any]) -> tuple[Footprint, pl.DataFrame]:
    """Hand the files on; they vanish with the request."""
    with tempfile.TemporaryDirectory() as folder:
        return create_footprint(
            entity=data["dataset"].entity,
            name=data["name"],
            dataset=data["dataset"],
            department=data["department"],
            contrast=data["contrast"],
            members=_sent(data["members"], Path(folder), "members"),
            exports=_sent(data["exports"], Path(folder), "exports") if data["exports"] else None,
            actor=cast("User", request.user),
            now=timezone.now(),
        )


def _sent(file: UploadedFile, folder: Path, role: str) -> SentList:
    """The upload on disk under its own name, so that a refusal names the file as its sender does."""
    name = Path(file.name or "lista").name
    path = folder / role / name
    path.parent.mkdir()
    with path.open("wb") as target:
        for chunk in file.chunks():
            target.write(chunk)
    return SentList(path, name)


def footprint(request: HttpRequest, footprint_id: int) -> HttpResponse:
    return _page(request, _found(request, footprint_id))


def _found(request: HttpRequest, footprint_id: int) -> Footprint:
    found = get_object_or_404(queries.footprints_visible_to(request.user), pk=footprint_id)
    require(request.user, "footprint.view", found)
    return found


def _page(request: HttpRequest, found: Footprint, *, missing: pl.DataFrame | None = None) -> HttpResponse:
    language = short_language()
    shown = queries.shown_footprint(request.user, found, language)
    context = {
        "footprint": found,
        "shown": shown,
        "result": found.result,
        "readable_or_not": found.result["listed"] + found.result["unreadable"],
        "match_rate": percent(shown.match_rate, 0, language),
        # Drawn here from figures; names are escaped where they are drawn.
        "svg": mark_safe(queries.picture_of(shown, language)),  # noqa: S308
        "svg_narrow": mark_safe(queries.picture_of(shown, language, width=PHONE)),  # noqa: S308
        "table": _table(shown),
        "downloads": [
            {
                "label": {"csv": "CSV", "xlsx": "Excel", "svg": "SVG", "png": "PNG"}[kind],
                "url": reverse("identify:footprint_download", args=[found.pk, kind]),
            }
            for kind in KINDS
        ],
        "missing": None if missing is None else _missing(missing),
        "missing_count": None if missing is None else missing.height,
        "data_label": _label(found),
    }
    response = render(request, "identify/footprint.html", context)
    response["Cache-Control"] = "private, no-store"
    return response


def _label(found: Footprint) -> dict[str, str] | None:
    if not found.entity.invented:
        return None
    return {"kind": "invented", "text": _("Región Demo: empresas y cifras inventadas.")}


def _missing(missing: pl.DataFrame) -> list[dict[str, Any]]:
    """Rows not found; the number of what may be a person is not repeated."""
    company = missing["nit"].str.contains(r"^[89]\d{8}$").fill_null(value=False)
    return [
        {
            "row": row,
            "nit": nit if is_company else "",
            "elsewhere": elsewhere,
            "readable": nit is not None,
        }
        for row, nit, elsewhere, is_company in zip(
            missing["row"], missing["nit"], missing["elsewhere"], company, strict=True
        )
    ][:MISSING_SHOWN]


def _table(shown: queries.FootprintShown) -> dict[str, Any]:
    rows = [
        {
            "cells": [
                {"text": line.name},
                {"text": line.texts[0], "value": line.members, "unknown": line.state != "known"},
                {"text": line.texts[2], "value": line.contrast},
                {"text": line.texts[1], "value": line.territory},
                {"text": line.known or "—"},
                {"text": line.note or "—"},
            ]
        }
        for line in shown.lines
    ]
    columns = [
        {"label": _("Medida")},
        {"label": _("Miembros"), "num": True},
        {"label": shown.places[1], "num": True, "unit": _("contraste")},
        {"label": shown.places[0], "num": True, "unit": _("todas")},
        {"label": _("Miembros con dato"), "num": True},
        {"label": _("Nota")},
    ]
    return {"caption": _("La huella en cifras"), "columns": columns, "rows": rows, "cards": True}


def footprint_download(request: HttpRequest, footprint_id: int, kind: str) -> HttpResponse:
    """The panel as a table or a picture, in the reader's edition."""
    if kind not in KINDS:
        raise Http404
    found = _found(request, footprint_id)
    shown, language = queries.shown_footprint(request.user, found, short_language()), short_language()
    if kind in {"svg", "png"}:
        svg = queries.picture_of(shown, language, footnote=_footnote(shown), variant="light")
        body = render_png(svg) if kind == "png" else svg.encode()
    else:
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / f"panel.{kind}"
            write_table(queries.table_of(shown), path)
            body = path.read_bytes()
    return attached(body, KINDS[kind], f"huella-{found.pk}.{kind}")


def _footnote(shown: queries.FootprintShown) -> str:
    found = shown.footprint
    invented = _("datos inventados") if found.entity.invented else ""
    parts = [
        f"{shown.places[0]}, {found.result['year']}",
        _("registro mercantil de %(entity)s") % {"entity": found.entity.name},
        invented,
    ]
    return " · ".join(part for part in parts if part)
