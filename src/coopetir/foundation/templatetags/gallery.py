"""Samples for the page that shows every component. Invented figures, labelled so on the page."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django import forms, template
from django.core.paginator import Page, Paginator
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from coopetir.foundation.core import catalogues, charts, formats, maps

register = template.Library()


class SampleForm(forms.Form):
    """Every kind of field once."""

    region = forms.ChoiceField(
        label=_("Región"),
        choices=[("76", "Valle del Cauca"), ("05", "Antioquia")],
        help_text=_("Donde tiene jurisdicción su cámara."),
    )
    nit = forms.CharField(label="NIT", max_length=12, help_text=_("Sin dígito de verificación."))
    notes = forms.CharField(
        label=_("Observaciones"), required=False, widget=forms.Textarea(attrs={"rows": 3})
    )
    source = forms.FileField(label=_("Archivo del registro"), required=False)
    years = forms.MultipleChoiceField(
        label=_("Años"), choices=[("2021", "2021"), ("2022", "2022")], widget=forms.CheckboxSelectMultiple
    )
    public = forms.BooleanField(
        label=_("Mostrar al público"), required=False, help_text=_("Solo cifras agregadas.")
    )


class SampleFilters(forms.Form):
    section = forms.ChoiceField(
        label=_("Sección CIIU"), choices=[("", _("Todas")), ("C", _("Manufactura"))], required=False
    )
    minimum = forms.IntegerField(label=_("Empleos, desde"), required=False)


def _table() -> dict[str, Any]:
    rows = (
        ("Confitería", 5312, 2.84, 0.031, 2, True),
        ("Calzado y marroquinería", 1204567, 1.1, None, 1, False),
        ("Cosmética y aseo", 988, 0.47, -0.012, 0, False),
        ("Acuicultura", None, None, None, None, False),
    )

    def cell(value: Any, text: str) -> dict[str, Any]:
        return {"value": value, "text": text if value is not None else "", "unknown": value is None}

    return {
        "caption": _("Industrias de la Región Demo"),
        "note": _("Empleo de 2025, inventado; 4 familias"),
        "sortable": True,
        "columns": [
            {"label": _("Industria")},
            {"label": _("Empleo"), "unit": _("personas"), "num": True},
            {"label": _("Especialización"), "unit": _("veces el país"), "num": True, "term": "lq"},
            {"label": _("Crecimiento"), "unit": _("anual"), "num": True},
            {"label": _("Densidad")},
        ],
        "rows": [
            {
                "ours": ours,
                "cells": [
                    {"text": name},
                    cell(jobs, formats.number(jobs)),
                    cell(lq, formats.number(lq, 2)),
                    cell(growth, formats.percent(growth, 1)),
                    {"grade": "" if grade is None else grade, "value": grade, "unknown": grade is None},
                ],
            }
            for name, jobs, lq, growth, grade, ours in rows
        ],
    }


def _board() -> list[dict[str, Any]]:
    return [
        {
            "name": "Confitería",
            "verdict": "qualifies",
            "stability": 0.97,
            "grades": [2, 2, 1, 2],
            "reason": _("Cuatro requisitos con al menos un punto; ninguno en cero."),
            "ours": True,
            "url": "#tablero",
        },
        {
            "name": "Calzado y marroquinería",
            "verdict": "candidate",
            "stability": 0.71,
            "grades": [1, 2, 1, None],
            "reason": _("Falta la evidencia de mercado."),
        },
        {
            "name": "Cosmética y aseo",
            "verdict": "not_now",
            "stability": 0.88,
            "grades": [0, 1, 2, 1],
            "reason": _("Menos densa que en el país."),
        },
        {
            "name": "Acuicultura",
            "verdict": "insufficient_data",
            "stability": None,
            "grades": ["protected", None, None, None],
            "reason": _("Solo un requisito tiene dato."),
        },
    ]


def _page() -> Page[int]:
    return Paginator(range(1304), 50).page(3)


def _bars() -> tuple[SafeString, SafeString]:
    items = [
        charts.Bar("Confitería", 2.84, "2,8", 2.1, 3.6, ours=True),
        charts.Bar("Calzado y marroquinería", 1.1, "1,1", 0.9, 1.4),
        charts.Bar("Cosmética y aseo", 0.47, "0,5", 0.3, 0.6),
        charts.Bar("Acuicultura", None, formats.unknown()),
    ]

    def draw(width: int) -> str:
        return charts.bars(
            items,
            title=_("Confitería pesa 2,8 veces lo que en el país"),
            description=_(
                "Barras de cuatro familias; solo Confitería supera con claridad el valor del país."
            ),
            axis=_("especialización (veces el país)"),
            width=width,
            reference=(1.0, _("igual que el país")),
        )

    wide, narrow = charts.both_widths(draw)
    return SafeString(wide), SafeString(narrow)


def _map() -> dict[str, Any]:
    boundaries = catalogues.boundaries("departments")
    places = []
    for index, feature in enumerate(boundaries["features"]):
        status: maps.Status = "unknown" if index % 9 == 4 else "protected" if index % 11 == 5 else "known"
        value = (index * 37 % 100) / 25 if status == "known" else None
        text = formats.number(value, 1) if value is not None else _("sin dato")
        places.append(
            maps.Place(
                feature["id"],
                feature["properties"]["nombre"],
                value,
                text if status != "protected" else _("protegido"),
                href=f"#d{feature['id']}",
                status=status,
                ours=feature["id"] == "76",
            )
        )
    breaks = (0.5, 1.0, 2.0)
    svg = maps.choropleth(
        boundaries,
        places,
        breaks=breaks,
        title=_("Especialización por departamento"),
        description=_("Mapa de 33 departamentos con cifras inventadas."),
    )
    return {
        "svg": SafeString(svg),
        "legend": maps.legend(breaks, decimals=1, statuses=("unknown", "protected")),
    }


@register.simple_tag
def gallery_pictures() -> dict[str, Any]:
    """A chart at both widths, a map, a legend."""
    wide, narrow = _bars()
    return {"wide": wide, "narrow": narrow, "map": _map(), "table": _table()}


@register.simple_tag
def gallery_samples() -> dict[str, Any]:
    """One of everything."""
    return {
        "table": _table(),
        "board": _board(),
        "page": _page(),
        "form": SampleForm(),
        "wrong": SampleForm({"nit": "", "region": "76", "years": []}, auto_id="bad_%s"),
        "filters": SampleFilters(auto_id="filter_%s"),
        "day": dt.date(2026, 11, 21),
        "downloads": [
            {"label": "CSV", "url": "#", "note": _("toda la tabla")},
            {"label": "Excel", "url": "#", "note": _("con unidades y notas")},
        ],
        "steps": [
            {"label": _("Región"), "url": "#", "state": "done"},
            {"label": _("Archivo"), "url": "#", "state": "done"},
            {"label": _("Revisión"), "state": "current"},
            {"label": _("Veredicto"), "state": "todo"},
        ],
        "tabs": [
            {"label": _("Tablero"), "url": "#", "current": True, "count": 9},
            {"label": _("Método"), "url": "#", "count": None},
            {"label": _("Empresas"), "url": "#", "count": 1204},
        ],
        "chips": [{"label": _("Manufactura"), "url": "#"}, {"label": _("50 empleos o más"), "url": "#"}],
        "crumbs": [{"label": _("Inicio"), "url": "/"}, {"label": _("Componentes")}],
        "lights": [
            {"criterion": _("Densidad"), "grade": 2},
            {"criterion": _("Crecimiento"), "grade": 1},
            {"criterion": _("Tecnología"), "grade": 0},
            {"criterion": _("Mercado"), "grade": None},
        ],
        "next": {"label": _("Calcular veredicto"), "url": "#"},
        "others": [
            {"label": _("Cambiar umbrales"), "url": "#"},
            {"label": _("Comparar regiones"), "url": "#"},
        ],
    }
