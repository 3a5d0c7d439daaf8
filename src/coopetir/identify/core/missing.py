"""What does a verdict not know, and where would one get it?

One line per unknown criterion, by its reason; then what the data leave in doubt (imputed jobs, survey noise); at
last what the Method itself does not look at. Each line says where to get the data.
"""

from __future__ import annotations

from typing import Any

from coopetir.foundation.core.formats import percent
from coopetir.identify.core.explanation import unknown_words
from coopetir.identify.core.method import CRITERIA
from coopetir.identify.core.wording import CRITERION_NAMES

Row = dict[str, Any]

_YEARS = {
    "es": "pida a la cámara los cortes anuales anteriores del registro, a la misma fecha (mínimo tres)",
    "en": "ask the chamber for earlier yearly cuts of the registry, at the same date (three at least)",
}
_JOBS = {
    "es": "pida a la cámara las columnas de empleados y municipio comercial del formulario RUES",
    "en": "ask the chamber for the RUES columns of employees and commercial municipality",
}
WHERE: dict[str, dict[str, str]] = {
    "density": _JOBS,
    "growth": _YEARS,
    "technology": {
        "es": "use escolaridad y salarios por clase (GEIH, DANE), la encuesta EDIT o una encuesta propia",
        "en": "use schooling and wages by class (GEIH, DANE), the EDIT survey or a survey of your own",
    },
    "market": {
        "es": "use exportaciones DANE o DIAN por producto y departamento, y comercio mundial por producto",
        "en": "use DANE or DIAN exports by product and department, and world trade by product",
    },
}
REGION = {
    "es": "pida el registro de otras cámaras (RUES): sin otra región no hay con qué comparar",
    "en": "ask for the registry of other chambers (RUES): without another region there is nothing to compare",
}
IMPUTED = {
    "es": "{share} del empleo es imputado por el tamaño típico de la clase: {where}",
    "en": "{share} of the jobs are imputed from the typical size of the class: {where}",
}
SURVEY = {
    "es": "Las cifras son estimaciones de encuesta, con su ruido: pida el registro mercantil para contar empresas",
    "en": "The figures are survey estimates, with their noise: ask for the business registry to count firms",
}
BEYOND = {
    "es": "El registro no ve la tecnología ni las exportaciones de cada empresa: pregúntelas en la primera visita",
    "en": "The registry does not see the technology or exports of each firm: ask them on the first visit",
}
FAINT = 0.05  # below this share imputed jobs are no longer worth a line of one page


def what_is_missing(row: Row, *, survey: bool, language: str) -> list[str]:
    """Sentences, the weightiest first; at least one, since no file sees everything."""
    lines = [line for name in CRITERIA if row[name] is None for line in _of_criterion(row, name, language)]
    imputed = row.get("imputed_share")
    if imputed is not None and imputed >= FAINT:
        lines.append(
            IMPUTED[language].format(share=percent(imputed, 0, language), where=_JOBS[language]) + "."
        )
    return [*lines, (SURVEY if survey else BEYOND)[language] + "."]


def _of_criterion(row: Row, name: str, language: str) -> list[str]:
    prefix = f"{name}:unknown:"
    codes = [code.removeprefix(prefix) for code in row["reasons"] if code.startswith(prefix)]
    title = CRITERION_NAMES[language][name].capitalize()
    return [f"{title}: {unknown_words(code, language)}; {_where(code, name, language)}." for code in codes]


def _where(code: str, name: str, language: str) -> str:
    return REGION[language] if code.startswith("one_region") else WHERE[name][language]
