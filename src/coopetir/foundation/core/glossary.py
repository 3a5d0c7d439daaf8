"""What does a term of art mean, in plain words?

One place for the explanation shown beside a number, in Ayuda and in reports. A sentence says what the figure
tells a director, then how to read a value; the formula stays on the method's page.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from coopetir.foundation.core.errors import CoopetirError


class TermUnknown(CoopetirError):
    code = "glossary.unknown"
    es = "El glosario no tiene el término «{key}». Están: {known}."
    en = "The glossary has no term “{key}”. It has: {known}."


@dataclass(frozen=True)
class Term:
    """A word and its plain explanation in both languages; ``read_*`` says how to read a value."""

    key: str
    es: str
    en: str
    text_es: str
    text_en: str
    read_es: str = ""
    read_en: str = ""

    def in_language(self, language: str) -> dict[str, str]:
        """``key``, ``word``, ``text``, ``read`` for one language ("es…" or "en…")."""
        if language.startswith("en"):
            return {"key": self.key, "word": self.en, "text": self.text_en, "read": self.read_en}
        return {"key": self.key, "word": self.es, "text": self.text_es, "read": self.read_es}


_TERMS = (
    Term(
        "lq",
        "Especialización (LQ)",
        "Specialisation (LQ)",
        "Cuántas veces más pesa la industria en el empleo de la región que en el del país. Se llama también cociente de localización.",
        "How many times heavier the industry weighs in the region’s employment than in the country’s. Also called location quotient.",
        "1 es igual que el país; 2,8 es 2,8 veces más; 0,5 es la mitad.",
        "1 is the same as the country; 2.8 is 2.8 times as much; 0.5 is half.",
    ),
    Term(
        "lq_shrunk",
        "Especialización prudente",
        "Cautious specialisation",
        "La especialización acercada al promedio cuando se basa en pocos empleos, para no premiar una casualidad.",
        "Specialisation pulled towards the average when it rests on few jobs, so that chance is not rewarded.",
        "Si difiere mucho de la especialización simple, hay pocos casos detrás.",
        "If it differs much from plain specialisation, few cases stand behind it.",
    ),
    Term(
        "stability",
        "Estabilidad",
        "Stability",
        "En qué parte de las repeticiones del cálculo, moviendo los datos y los umbrales dentro de su margen, sale el mismo veredicto.",
        "In what share of repeated calculations, with data and thresholds moved within their margin, the verdict is the same.",
        "95 % o más: firme. Menos de 80 %: en la frontera.",
        "95% or more: firm. Below 80%: on the border.",
    ),
    Term(
        "criterion",
        "Criterio",
        "Criterion",
        "Cada uno de los cuatro requisitos de un clúster: densidad, crecimiento, tecnología y mercado. Se califican aparte; uno bueno no tapa uno malo.",
        "Each of the four requirements of a cluster: density, growth, technology and market. They are graded apart; a good one does not hide a bad one.",
        "● cumple · ◐ en el límite (alcanza un umbral menor) · ○ no cumple · ▨ sin dato.",
        "● met · ◐ borderline (reaches a lower threshold) · ○ not met · ▨ no data.",
    ),
    Term(
        "density",
        "Densidad",
        "Density",
        "Si la región concentra esta industria más que el país y con suficientes empresas y empleos.",
        "Whether the region concentrates this industry more than the country does, with enough firms and jobs.",
        "En el límite: especialización de 1,25 o más, o límite inferior de la especialización en empresas mayor que 1; y en ambos casos 3 empresas o más.",
        "Borderline: specialisation of 1.25 or more, or a lower bound of specialisation in firms above 1; in both cases with 3 firms or more.",
    ),
    Term(
        "growth",
        "Crecimiento",
        "Growth",
        "Si el empleo de la industria en la región crece, y si crece más de lo que explican el país y la industria.",
        "Whether the industry’s employment in the region grows, and by more than country and industry explain.",
    ),
    Term(
        "technology",
        "Sofisticación tecnológica",
        "Technological sophistication",
        "Si la industria exige conocimiento poco común o está cerca de otras que lo exigen.",
        "Whether the industry needs uncommon knowledge or is close to others that need it.",
    ),
    Term(
        "market",
        "Oportunidad de mercado",
        "Market opportunity",
        "Si la demanda que la industria puede atender, dentro y fuera del país, es amplia y crece.",
        "Whether the demand the industry can serve, at home and abroad, is wide and growing.",
    ),
    Term(
        "verdict",
        "Veredicto",
        "Verdict",
        "La conclusión sobre la industria: califica, candidata, todavía no, o faltan datos.",
        "The conclusion on the industry: qualifies, candidate, not yet, or insufficient data.",
        "El veredicto lo propone el método; la decisión la toma la entidad.",
        "The method proposes the verdict; the organisation takes the decision.",
    ),
    Term(
        "threshold",
        "Umbral",
        "Threshold",
        "El valor desde el cual un criterio se da por cumplido. Cada tamizaje guarda los suyos.",
        "The value from which a criterion counts as met. Every screening keeps its own.",
    ),
    Term(
        "interval",
        "Intervalo",
        "Interval",
        "Entre qué valores está la cifra, con la confianza indicada, si los conteos varían por azar.",
        "Between which values the figure lies, at the stated confidence, if counts vary by chance.",
        "Entre más ancho, menos segura la cifra.",
        "The wider, the less sure the figure.",
    ),
    Term(
        "shift_share",
        "Descomposición del crecimiento",
        "Shift-share",
        "Reparte el crecimiento en tres: lo que creció el país, lo que creció la industria y lo propio de la región.",
        "Splits growth in three: what the country grew, what the industry grew, and what is the region’s own.",
    ),
    Term(
        "eci",
        "Complejidad de la región (ECI)",
        "Regional complexity (ECI)",
        "Qué tan diversa y poco común es la mezcla de industrias en que la región es fuerte.",
        "How diverse and uncommon the mix of industries is in which the region is strong.",
        "0 es el promedio de las regiones; es positivo por encima.",
        "0 is the average of regions; positive is above.",
    ),
    Term(
        "pci",
        "Complejidad de la industria (PCI)",
        "Industry complexity (PCI)",
        "Qué tanto conocimiento poco común pide la industria, según qué regiones son fuertes en ella.",
        "How much uncommon knowledge the industry needs, judging by which regions are strong in it.",
    ),
    Term(
        "relatedness",
        "Cercanía productiva",
        "Relatedness",
        "Cuánto de lo que la industria necesita ya existe en las otras fortalezas de la región.",
        "How much of what the industry needs already exists in the region’s other strengths.",
        "Va de 0 (nada) a 1 (todo).",
        "From 0 (nothing) to 1 (everything).",
    ),
    Term(
        "protected",
        "Protegido",
        "Protected",
        "La cifra existe, pero mostrarla dejaría adivinar la de una empresa. Se cubre con un punto.",
        "The figure exists, but showing it would let readers guess that of one firm. A dot covers it.",
        "No es cero ni falta de dato.",
        "It is neither zero nor missing.",
    ),
    Term(
        "unknown",
        "Sin dato",
        "No data",
        "Nadie ha medido esta cifra con las fuentes cargadas. No cuenta a favor ni en contra.",
        "Nobody has measured this figure with the sources loaded. It counts neither for nor against.",
    ),
    Term(
        "survey_noise",
        "Ruido de encuesta",
        "Survey noise",
        "La cifra viene de una encuesta por muestra y descansa en pocas respuestas; puede moverse sola de un año a otro.",
        "The figure comes from a sample survey and rests on few answers; it may move by itself from year to year.",
    ),
    Term(
        "footprint",
        "Huella",
        "Footprint",
        "Qué parte de las empresas, ventas, empleos y exportaciones del territorio son de los miembros del clúster.",
        "What share of the territory’s firms, sales, jobs and exports belongs to the cluster’s members.",
    ),
    Term(
        "ciiu",
        "CIIU",
        "CIIU (ISIC)",
        "El código con que Colombia clasifica la actividad de cada empresa. La Rev. 3 y la Rev. 4 no se comparan directamente.",
        "The code by which Colombia classifies each firm’s activity. Rev. 3 and Rev. 4 do not compare directly.",
    ),
    Term(
        "family",
        "Familia de industrias",
        "Family of industries",
        "Grupo de códigos CIIU que se estudian juntos porque se compran, venden o comparten conocimiento.",
        "A group of CIIU codes studied together because they buy, sell or share knowledge with each other.",
    ),
    Term(
        "driver",
        "Empresa o municipio determinante",
        "Driver",
        "La empresa o el municipio sin el cual el veredicto cambiaría.",
        "The firm or municipality without which the verdict would change.",
    ),
)
_BY_KEY = {term.key: term for term in _TERMS}


def term(key: str) -> Term:
    """:raises TermUnknown: when nobody wrote an explanation for ``key``."""
    try:
        return _BY_KEY[key]
    except KeyError:
        raise TermUnknown(key=key, known=sorted(_BY_KEY)) from None


def terms() -> Iterator[Term]:
    """Every term, in the order in which a reader meets them."""
    return iter(_TERMS)
