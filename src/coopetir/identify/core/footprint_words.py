"""The words of the footprint's panel, and who may read which figure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

from coopetir.foundation.core.formats import number, percent, unknown

MEASURES: dict[str, dict[str, str]] = {
    "es": {
        "firms": "de las empresas",
        "sales": "de las ventas",
        "jobs": "del empleo",
        "sales_per_job": "Ventas por empleo (millones de pesos)",
        "formal_jobs": "Empleo formal de los miembros",
        "high_value_exports": "Exportaciones de alto valor agregado",
    },
    "en": {
        "firms": "of the firms",
        "sales": "of the sales",
        "jobs": "of the jobs",
        "sales_per_job": "Sales per job (million pesos)",
        "formal_jobs": "Formal jobs of the members",
        "high_value_exports": "Exports of high value added",
    },
}
WHY: dict[str, dict[str, str]] = {
    "es": {
        "no_sales": "ningún miembro declara ingresos en el registro",
        "no_jobs": "ningún miembro declara empleo en el registro",
        "no_sales_and_jobs": "ningún miembro declara ingresos y empleo",
        "registry_has_no_formality": "el registro no dice cuántos empleos son formales; lo diría la PILA (Ministerio de Salud)",
        "no_exports": "falta una tabla de exportaciones por NIT (DIAN): nit, producto, fob_usd",
        "no_member_exports": "ningún miembro aparece en la tabla de exportaciones",
    },
    "en": {
        "no_sales": "no member states income in the registry",
        "no_jobs": "no member states jobs in the registry",
        "no_sales_and_jobs": "no member states both income and jobs",
        "registry_has_no_formality": "the registry does not say how many jobs are formal; PILA (Ministry of Health) would",
        "no_exports": "a table of exports by NIT (DIAN) is missing: nit, product, fob_usd",
        "no_member_exports": "no member is in the table of exports",
    },
}
SHARE_OF = {
    "es": {"firms": "Parte de las empresas", "sales": "Parte de las ventas", "jobs": "Parte del empleo"},
    "en": {"firms": "Share of the firms", "sales": "Share of the sales", "jobs": "Share of the jobs"},
}
PROTECTED = {"es": "protegido", "en": "protected"}
SENTENCE = {
    "es": "Los {matched} miembros encontrados son {firms} de las empresas de {place}{sales}{jobs}.",
    "en": "The {matched} members found are {firms} of the firms of {place}{sales}{jobs}.",
}
AND = {
    "es": {"sales": ", con {value} de las ventas", "jobs": " y {value} del empleo que declaran"},
    "en": {"sales": ", with {value} of the sales", "jobs": " and {value} of the jobs they state"},
}
State = Literal["known", "unknown", "protected"]


@dataclass(frozen=True)
class Line:
    """One line of the panel in a reader's edition. Figures are None unless ``state`` is known.

    ``label`` completes a figure ("54 % de las ventas"), ``name`` stands alone in a table.
    """

    measure: str
    label: str
    name: str
    state: State
    members: float | None
    territory: float | None
    contrast: float | None
    texts: tuple[str, str, str]
    known: str
    note: str

    @property
    def is_share(self) -> bool:
        """Whether the members are a part of the territory (else the three are compared)."""
        return self.measure in {"firms", "sales", "jobs"}


def panel_lines(result: Mapping[str, Any], *, internal: bool, language: str) -> list[Line]:
    """The panel of ``Footprint.to_dict()``. Outsiders: unsafe figures protected, shares in whole percent.

    Whole percent, because lists that differ by one member would otherwise give that member away by subtraction.
    """
    return [_line(share, internal=internal, language=language) for share in result["shares"]]


def _line(share: Mapping[str, Any], *, internal: bool, language: str) -> Line:
    measure = share["measure"]
    state: State = (
        "unknown" if share["members"] is None else "known" if internal or share["safe"] else "protected"
    )
    values = [
        _value(share[name], measure, state, internal=internal)
        for name in ("members", "territory", "contrast")
    ]
    word = PROTECTED[language] if state == "protected" else unknown(language)
    texts = [
        (word if at == 0 or state != "known" else "—") if value is None else _text(value, measure, language)
        for at, value in enumerate(values)
    ]
    return Line(
        measure=measure,
        label=MEASURES[language][measure],
        name=SHARE_OF[language].get(measure, MEASURES[language][measure]),
        state=state,
        members=values[0],
        territory=values[1],
        contrast=values[2],
        texts=(texts[0], texts[1], texts[2]),
        known="" if share["known"] is None or state == "protected" else percent(share["known"], 0, language),
        note=WHY[language][share["why"]] if share["why"] else "",
    )


def _value(value: float | None, measure: str, state: State, *, internal: bool) -> float | None:
    if value is None or state != "known":
        return None
    if internal:
        return value
    return float(round(value)) if measure == "sales_per_job" else round(value, 2)


def _text(value: float, measure: str, language: str) -> str:
    return number(value, 0, language) if measure == "sales_per_job" else percent(value, 0, language)


def _in_words(share: str, language: str) -> str:
    """A share as a sentence says it: «el 5 %», «menos del 1 %»; 5%, less than 1%."""
    small, figure = share.startswith("<"), share.lstrip("<\N{NO-BREAK SPACE} ")
    if language == "en":
        return f"less than {figure}" if small else figure
    return f"menos del {figure}" if small else f"el {figure}"


def panel_sentence(result: Mapping[str, Any], lines: list[Line], *, place: str, language: str) -> str:
    """The answer in one sentence; what is unknown or protected is left out of it."""
    by_name = {line.measure: line for line in lines}
    said = {
        name: AND[language][name].format(value=_in_words(by_name[name].texts[0], language))
        if by_name[name].state == "known"
        else ""
        for name in ("sales", "jobs")
    }
    return SENTENCE[language].format(
        matched=number(result["matched"], 0, language),
        firms=_in_words(by_name["firms"].texts[0], language),
        place=place,
        **said,
    )
