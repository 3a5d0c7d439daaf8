"""Which published data does the product ship, of whom, for what, and under which terms?

A short form of ``foundation/catalogues/NOTICE.md`` for readers; the notice itself is what binds.
"""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

SOURCES = [
    {
        "what": _("Empleo por departamento y clase CIIU"),
        "who": "DANE, GEIH",
        "years": "2022; 2012–2017",
        "terms": _("cifras agregadas de microdatos públicos"),
        "limits": _("encuesta de hogares: por debajo de unas 100 personas es ruido; solo departamento"),
    },
    {
        "what": _("Clasificaciones CIIU Rev. 3 y Rev. 4 y su correlativa"),
        "who": "DANE; Growth Lab",
        "years": "2012–2022",
        "terms": "BSD-3-Clause",
        "limits": _("muchas clases se reparten entre varias: la parte uno a uno se dice siempre"),
    },
    {
        "what": _("Límites y códigos de departamentos y municipios"),
        "who": "DANE, MGN, DIVIPOLA",
        "years": "2018",
        "terms": "CC BY-SA 4.0",
        "limits": _("polígonos simplificados; faltan municipios creados después"),
    },
    {
        "what": _("Población municipal"),
        "who": "DANE; epiCo",
        "years": "2012–2024",
        "terms": "MIT",
        "limits": _("proyecciones"),
    },
    {
        "what": _("Cámaras de comercio y municipios cercanos"),
        "who": "RUES–Confecámaras",
        "years": "—",
        "terms": _("hechos públicos"),
        "limits": _("la jurisdicción es una aproximación por distancia"),
    },
    {
        "what": _("Precios, tasa de cambio, UVT y tamaño de empresa"),
        "who": _("DANE; Superfinanciera; DIAN; Decreto 957 de 2019"),
        "years": "2006–2026",
        "terms": "CC BY-SA 4.0 (TRM)",
        "limits": "—",
    },
    {
        "what": _("Intensidad tecnológica"),
        "who": _("Eurostat; OCDE"),
        "years": "2016",
        "terms": _("hechos públicos"),
        "limits": _("la lista de la OCDE está sin verificar"),
    },
    {
        "what": _("Las nueve familias de Cali"),
        "who": "Coopetir",
        "years": "2014–2020",
        "terms": "Apache-2.0",
        "limits": _(
            "clases asignadas por este proyecto según sus títulos; no son la definición de la cámara"
        ),
    },
]
"""Rows of the sources' table: what, who, years, terms, limits."""
