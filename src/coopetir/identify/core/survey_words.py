"""How are a family's survey figures said in three sentences, in Spanish and in English?

First how dense, then how it grew, then what is missing and what would change the answer.
"""

from __future__ import annotations

import math
from collections.abc import Mapping

from coopetir.foundation.core.formats import number, percent

REASONS: Mapping[str, tuple[str, str]] = {
    "survey_noise": (
        "la encuesta encuentra tan poca gente que el dato es ruido",
        "the survey finds so few people that the figure is noise",
    ),
    "no_data": ("la encuesta no registra estas clases", "the survey does not record these classes"),
    "not_surveyed": (
        "la encuesta de 2012 a 2017 no cubre este departamento",
        "the survey of 2012–2017 does not cover this department",
    ),
    "no_correspondence": (
        "ninguna clase de CIIU Rev. 3 conduce a estas actividades",
        "no class of CIIU Rev. 3 leads to these activities",
    ),
    "conversion_decides": (
        "la respuesta depende de cómo se repartan las clases de CIIU Rev. 3 entre las de Rev. 4",
        "the answer depends on how the classes of CIIU Rev. 3 are split among those of Rev. 4",
    ),
    "no_firm_technology": (
        "la encuesta no mide la tecnología de las empresas",
        "the survey does not measure the technology of firms",
    ),
    "no_trade_data": (
        "no hay exportaciones por departamento y producto",
        "there are no exports by department and product",
    ),
}

CAVEATS: Mapping[str, tuple[str, str]] = {
    "firms_unknown": (
        "Solo empleo: no se sabe cuántas empresas son ni cuánto pesa la mayor.",
        "Jobs only: the number of firms and the weight of the largest are unknown.",
    ),
    "survey_estimate": (
        "Estimación de encuesta, sin margen de error publicado para este detalle.",
        "Survey estimate, with no margin of error published at this detail.",
    ),
    "noisy_cells": (
        "Parte del empleo viene de clases con menos de 100 personas: ruido.",
        "Part of the jobs comes from classes with under 100 people: noise.",
    ),
    "local_classes": (
        "Incluye actividades que atienden sobre todo a la población del lugar; sin ellas la luz cambia.",
        "Includes activities that mainly serve the local population; without them the light changes.",
    ),
    "few_people": (
        "La encuesta de 2022 suma muy pocas personas aquí: sus cifras no representan todo el departamento.",
        "The survey of 2022 adds up very few people here: its figures do not stand for the whole department.",
    ),
    "split_classes": (
        "Menos de la mitad del empleo pasa uno a uno de CIIU Rev. 3 a Rev. 4; el resto se reparte.",
        "Under half of the jobs pass one to one from CIIU Rev. 3 to Rev. 4; the rest is split.",
    ),
    "fitted_error": (
        "El margen es el del ajuste de seis años, no el de la encuesta.",
        "The margin is that of the six-year fit, not that of the survey.",
    ),
}

GRADES: Mapping[int | None, tuple[str, str]] = {
    2: ("cumple", "meets"),
    1: ("en el límite", "borderline"),
    0: ("no cumple", "does not meet"),
    None: ("sin dato", "unknown"),
}


def chosen(pair: tuple[str, str], language: str) -> str:
    """The Spanish or English half of a pair."""
    return pair[1] if language.startswith("en") else pair[0]


def reason(code: str, language: str) -> str:
    """The words of a reason code."""
    return chosen(REASONS[code], language)


LEVEL_WORDS = ("en 2022", "in 2022")
GROWTH_WORDS = ("de 2012 a 2017", "from 2012 to 2017")


def _noise_of(why: str, years: tuple[str, str], language: str) -> str:
    """Which years are noise, before the words of the reason: density and growth come from different surveys."""
    return f"{chosen(years, language)} " if why == "survey_noise" else ""


def density_sentence(
    lq: float | None, jobs: float, why: str, random_share: float | None, size: int, language: str
) -> str:
    """What a person should read into the quotient."""
    english = language.startswith("en")
    if lq is None or why:
        start = "Specialisation is not graded: " if english else "La especialización no se califica: "
        return f"{start}{_noise_of(why, LEVEL_WORDS, language)}{reason(why, language)}."
    # Two decimals near the thresholds, where one would hide on which side the quotient lies
    shown, people = number(lq, 1 if lq >= 2 else 2, language), number(jobs, 0, language)
    luck = "" if random_share is None else percent(random_share, 1, language)
    if english:
        text = f"Specialisation {shown}: these jobs weigh {shown} times what they weigh in the country ({people} people in 2022)"
        tail = f"; {luck} of random families of {size} classes do as well or better."
    else:
        text = f"Especialización {shown}: este empleo pesa {shown} veces lo que pesa en el país ({people} personas en 2022)"
        tail = f"; {luck} de las familias al azar de {size} clases llegan a tanto o más."
    return text + (tail if luck else ".")


def growth_sentence(
    slope: float | None,
    se: float | None,
    national: float,
    one_to_one: float | None,
    grade: int | None,
    why: str,
    language: str,
) -> str:
    """How it grew from 2012 to 2017, beside the country."""
    english = language.startswith("en")
    if slope is None or se is None:
        start = "Growth is not graded: " if english else "El crecimiento no se califica: "
        return f"{start}{_noise_of(why, GROWTH_WORDS, language)}{reason(why, language)}."
    yearly, margin = percent(math.expm1(slope), 1, language), number(100 * se, 1, language)
    country, kept = percent(math.expm1(national), 1, language), percent(one_to_one or 0.0, 0, language)
    word = (
        _noise_of(why, GROWTH_WORDS, language) + reason(why, language)
        if why
        else chosen(GRADES[grade], language)
    )
    if english:
        return (
            f"From 2012 to 2017 its jobs changed by {yearly} a year (± {margin} points), the country's by "
            f"{country}: {word}; {kept} of them pass one to one between CIIU Rev. 3 and Rev. 4."
        )
    return (
        f"De 2012 a 2017 su empleo varió {yearly} al año (± {margin} puntos) y el del país {country}: {word}; "
        f"el {kept} de ese empleo pasa uno a uno entre CIIU Rev. 3 y Rev. 4."
    )


def missing_sentence(met: int, evaluable: int, lq: float | None, language: str) -> str:
    """What is known, what is missing, and up to which threshold the density light would hold."""
    flip = "" if lq is None else number(math.floor(lq * 100) / 100, 2, language)
    if language.startswith("en"):
        text = f"Meets {met} of {evaluable} criteria that can be graded; firms, technology and market are missing"
        tail = f"; density would be met under any threshold up to {flip}."
    else:
        text = f"Cumple {met} de {evaluable} criterios evaluables; faltan datos de empresas, tecnología y mercado"
        tail = f"; la densidad cumpliría con cualquier umbral hasta {flip}."
    return text + (tail if flip else ".")
