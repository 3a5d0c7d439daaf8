"""What was wrong in a file, row by row, and what was done about it?

Every finding has a code, a severity and one sentence in Spanish and English. All findings are counted; the list
that is kept is capped, so that a very dirty file does not become a very large report.

Severities: ``repaired`` (read another way, value kept), ``unknown`` (the value became null), ``dropped`` (the row was
left out), ``warning`` (kept as it came).
"""

from __future__ import annotations

from collections import Counter
from typing import Literal, NamedTuple

import polars as pl

Severity = Literal["repaired", "unknown", "dropped", "warning"]

KEPT_PER_CODE = 5_000
KEPT_REPAIRS = 500
SCHEMA: dict[str, pl.DataType] = {
    "file": pl.String(),
    "row": pl.Int64(),
    "column": pl.String(),
    "value": pl.String(),
    "code": pl.String(),
    "severity": pl.String(),
}


class Kind(NamedTuple):
    """How serious a finding is, and the sentence with its remedy."""

    severity: Severity
    es: str
    en: str


KINDS: dict[str, Kind] = {
    "row.ragged": Kind("dropped", "La fila tiene más o menos celdas que el encabezado; quite separadores sobrantes dentro de los textos.", "The row has more or fewer cells than the header; remove stray separators inside texts."),
    "row.no_key": Kind("dropped", "La fila no trae matrícula ni NIT; complete la matrícula.", "The row has neither registration nor tax number; fill in the registration."),
    "row.other_year": Kind("dropped", "El año de corte no se lee; escríbalo con cuatro dígitos.", "The cut year cannot be read; write it with four digits."),
    "row.branch": Kind("dropped", "Es un establecimiento, sucursal o agencia, no una empresa; se cuenta aparte.", "It is an establishment, branch or agency, not a firm; counted apart."),
    "key.duplicated": Kind("dropped", "La matrícula se repite en el año; se conservó la fila activa de renovación más reciente.", "The registration repeats in the year; the active row with the latest renewal was kept."),
    "holder.duplicated": Kind("dropped", "El mismo NIT o identificación tiene otra matrícula en el año; se conservó la activa de renovación más reciente.", "The same holder has another registration in the year; the active one with the latest renewal was kept."),
    "holder.many": Kind("warning", "El mismo número aparece en más de doce matrículas: parece un relleno; las filas se conservaron.", "The same number appears in more than twelve registrations: it looks like a filler; the rows were kept."),
    "text.other_encoding": Kind("repaired", "Hay líneas en otra codificación; se leyeron como cp1252.", "Some lines are in another encoding; they were read as cp1252."),
    "text.double_encoded": Kind("repaired", "El texto venía codificado dos veces (Ã‘, Ã³); se recuperó.", "The text was encoded twice (Ã‘, Ã³); it was recovered."),
    "chamber.unknown": Kind("unknown", "La cámara no está en la lista RUES; use el código de 01 a 57.", "The chamber is not in the RUES list; use the code from 01 to 57."),
    "chamber.derived": Kind("repaired", "La cámara se dedujo del municipio (aproximación); indíquela en el perfil.", "The chamber was derived from the municipality (an approximation); state it in the profile."),
    "registration.zeros": Kind("repaired", "Se quitaron ceros a la izquierda de la matrícula para comparar entre años.", "Leading zeros of the registration were stripped to compare years."),
    "registration.from_nit": Kind("repaired", "La fuente no trae matrícula; se usó el NIT como clave.", "The source has no registration; the tax number serves as key."),
    "nit.check_digit_wrong": Kind("warning", "El dígito de verificación no corresponde al NIT; revíselo.", "The check digit does not match the tax number; check it."),
    "nit.split": Kind("repaired", "El NIT traía el dígito de verificación pegado; se separó.", "The tax number carried its check digit; they were split."),
    "nit.unclear": Kind("warning", "Diez dígitos que no son NIT con dígito de verificación; revíselo.", "Ten digits that are not a tax number with its check digit; check it."),
    "nit.unreadable": Kind("unknown", "No es un NIT: use solo dígitos, con el de verificación aparte.", "Not a tax number: use digits only, with the check digit apart."),
    "activity.zero_restored": Kind("repaired", "El código CIIU perdió el cero inicial (111 → 0111); se repuso.", "The CIIU code lost its leading zero (111 → 0111); it was restored."),
    "activity.trimmed": Kind("repaired", "El código CIIU traía letra, texto o decimales; se conservaron los cuatro dígitos.", "The CIIU code carried a letter, text or decimals; the four digits were kept."),
    "activity.unclassified": Kind("unknown", "El código significa «sin actividad»; va a sin clasificar.", "The code means “no activity”; it goes to unclassified."),
    "activity.not_a_class": Kind("unknown", "El código no es una clase CIIU de cuatro dígitos; corríjalo.", "The code is not a four-digit CIIU class; mend it."),
    "municipality.zero_restored": Kind("repaired", "El código perdió el cero inicial (5001 → 05001); se repuso.", "The code lost its leading zero (5001 → 05001); it was restored."),
    "municipality.centre_stripped": Kind("repaired", "El código traía tres dígitos de centro poblado; se conservó el municipio.", "The code carried three digits of a populated centre; the municipality was kept."),
    "municipality.from_name": Kind("repaired", "El municipio venía con nombre; se usó su código DIVIPOLA.", "The municipality came as a name; its DIVIPOLA code was used."),
    "municipality.not_listed": Kind("warning", "El código no está en la lista de 2018; se conservó porque su departamento existe.", "The code is not in the list of 2018; kept because its department exists."),
    "municipality.ambiguous": Kind("unknown", "Varios municipios se llaman así; agregue el departamento o use el código.", "Several municipalities have this name; add the department or use the code."),
    "municipality.unknown": Kind("unknown", "No es un municipio de DIVIPOLA; use el código de cinco dígitos.", "Not a municipality of DIVIPOLA; use the five-digit code."),
    "date.unreadable": Kind("unknown", "La fecha no se lee; use AAAAMMDD o AAAA-MM-DD.", "The date cannot be read; use YYYYMMDD or YYYY-MM-DD."),
    "date.out_of_range": Kind("unknown", "La fecha está fuera de 1900 y el año de corte más uno; corríjala.", "The date is outside 1900 and the cut year plus one; mend it."),
    "date.serial": Kind("repaired", "La fecha venía como número de hoja de cálculo; se convirtió.", "The date came as a spreadsheet number; it was converted."),
    "date.indefinite": Kind("repaired", "99991231 significa indefinida; quedó sin fecha.", "99991231 means indefinite; it has no date now."),
    "number.unreadable": Kind("unknown", "No es un número con la marca decimal de la columna; corríjalo.", "Not a number with the decimal mark of its column; mend it."),
    "number.negative": Kind("unknown", "Un valor negativo no es posible aquí; quedó sin dato.", "A negative value is not possible here; it is unknown now."),
    "number.filler": Kind("unknown", "Es un relleno (0, 1 o 999999999), no un dato; quedó sin dato.", "It is a filler (0, 1 or 999999999), not a figure; it is unknown now."),
    "jobs.zero": Kind("warning", "Declara cero empleados; se conservó el cero.", "It states zero jobs; the zero was kept."),
    "status.unknown": Kind("unknown", "El estado no está en la lista RUES.", "The status is not in the RUES list."),
    "legal_form.unknown": Kind("unknown", "La organización jurídica no está en la lista RUES.", "The legal form is not in the RUES list."),
    "category.unknown": Kind("warning", "La categoría no está en la lista RUES; la fila se conservó.", "The category is not in the RUES list; the row was kept."),
    "plain.region_unknown": Kind("dropped", "No es un departamento ni un municipio de DIVIPOLA; la fila no se sumó.", "Neither a department nor a municipality of DIVIPOLA; the row was not added up."),
    "plain.industry_unknown": Kind("dropped", "No es una clase CIIU ni una posición arancelaria; la fila no se sumó.", "Neither a CIIU class nor a tariff heading; the row was not added up."),
    "plain.period_unknown": Kind("dropped", "El periodo no se lee; la fila no se sumó.", "The period cannot be read; the row was not added up."),
    "category.derived": Kind("repaired", "La fuente no dice la categoría; se dedujo del titular (00 persona natural, 01 persona jurídica).", "The source does not state the category; it was derived from the holder (00 natural person, 01 legal person)."),
    "status.presumed": Kind("repaired", "La fuente no trae estado de la matrícula; se supuso activa.", "The source has no status of registration; it was presumed active."),
    "renewal.presumed": Kind("repaired", "La fuente no trae renovación; se supuso renovada en el año de corte.", "The source has no renewal; it was presumed renewed in the cut year."),
    "person.masked": Kind("repaired", "Titular persona natural: se ocultó el nombre y no se guardó la identificación.", "The holder is a natural person: the name was masked and the identity not kept."),
}  # fmt: skip


class IssueLog:
    """Counts every finding and keeps the first ones of each code."""

    def __init__(self) -> None:
        self.counts: Counter[tuple[str, str]] = Counter()
        self._kept: Counter[str] = Counter()
        self._frames: list[pl.DataFrame] = []

    def add(
        self, file: str, column: str, code: str, rows: pl.Series, values: pl.Series | None = None
    ) -> None:
        """Note that ``rows`` of ``file`` show ``code`` in ``column``; ``values`` must not identify a person."""
        count = len(rows)
        if not count:
            return
        self.counts[(code, column)] += count
        limit = KEPT_REPAIRS if KINDS[code].severity == "repaired" else KEPT_PER_CODE
        room = limit - self._kept[code]
        if room <= 0:
            return
        self._kept[code] += min(room, count)
        shown = rows.head(room)
        text = (
            pl.Series("value", [None] * len(shown), dtype=pl.String) if values is None else values.head(room)
        )
        self._frames.append(
            pl.DataFrame(
                {"row": shown.cast(pl.Int64), "value": text.cast(pl.String).str.slice(0, 80)}
            ).select(
                pl.lit(file).alias("file"),
                "row",
                pl.lit(column).alias("column"),
                "value",
                pl.lit(code).alias("code"),
                pl.lit(KINDS[code].severity).alias("severity"),
            )
        )

    def tally(self, column: str, code: str, count: int) -> None:
        """Count findings that have no single row."""
        if count:
            self.counts[(code, column)] += count

    def frame(self) -> pl.DataFrame:
        """The findings kept: file, row, column, value, code, severity, es, en, by file and row."""
        listed = pl.concat(self._frames) if self._frames else pl.DataFrame(schema=SCHEMA)
        return listed.sort("file", "row", maintain_order=True).with_columns(
            pl.col("code")
            .replace_strict({code: kind.es for code, kind in KINDS.items()}, return_dtype=pl.String)
            .alias("es"),
            pl.col("code")
            .replace_strict({code: kind.en for code, kind in KINDS.items()}, return_dtype=pl.String)
            .alias("en"),
        )

    def summary(self) -> list[dict[str, str | int]]:
        """One entry per code and column with its count, the most frequent first; every finding counted."""
        return [
            {
                "code": code,
                "column": column,
                "count": count,
                "severity": KINDS[code].severity,
                "es": KINDS[code].es,
                "en": KINDS[code].en,
            }
            for (code, column), count in self.counts.most_common()
        ]


def escape_formulas(frame: pl.DataFrame) -> pl.DataFrame:
    """Text cells that a spreadsheet would run (``= + - @``, tab, return) get a leading apostrophe."""
    return frame.with_columns(
        pl.when(pl.col(pl.String).str.contains(r"^[=+\-@\t\r]"))
        .then(pl.lit("'") + pl.col(pl.String))
        .otherwise(pl.col(pl.String))
        .name.keep()
    )
