"""The Excel of firms to call: one sheet to work with, one that says where it comes from and what it is for."""

from __future__ import annotations

import io
from dataclasses import dataclass
from datetime import date
from typing import Any

import polars as pl

from coopetir import __version__
from coopetir.foundation.core.firm_size import LABELS
from coopetir.foundation.core.formats import date_long, number
from coopetir.foundation.core.nit import check_digit

HEADS = {
    "es": ["NIT", "Nombre", "Municipio", "CIIU", "Actividad", "Empleos", "Ingresos (COP)", "Tamaño", "Última renovación"],
    "en": ["NIT", "Name", "Municipality", "CIIU", "Activity", "Jobs", "Income (COP)", "Size", "Last renewal"],
}  # fmt: skip
WIDTHS = (15, 44, 22, 7, 44, 9, 18, 19, 16)
SHEETS = {"es": ("Empresas", "Notas"), "en": ("Firms", "Notes")}
NATURAL = {
    "es": "Persona natural (nombre y número no guardados)",
    "en": "Natural person (name and number not kept)",
}
NOTES = {
    "es": [
        ("Qué es", "{count} empresas activas de «{label}» en {place}, {year}, de más a menos empleos."),
        ("Finalidad", "Invitar a las empresas a conversar sobre su clúster. No sirve para ofertas comerciales ni para otro fin."),
        ("Datos personales", "La Ley 1581 de 2012 protege los datos de personas naturales: sus nombres y números no están aquí. Si agrega personas de contacto, pida su autorización, diga la finalidad y permita que se retiren."),
        ("Reserva", "Empleos, ingresos y tamaño de cada empresa son reservados: no reenvíe este libro fuera de la dirección y el análisis de {entity}."),
        ("Celdas vacías", "El registro no trae el dato: no es cero."),
        ("Empleos e ingresos", "Los que la empresa declaró a la cámara en {year}; los ingresos son del año anterior, en pesos corrientes."),
        ("Tamaño", "Decreto 957 de 2019, por ingresos y macrosector, con la UVT de {year}; sin ingresos no hay tamaño."),
        ("Fuente", "Registro mercantil de {entity}, corte {year}; «{screening}»; evidencia sha256 {hash}."),
        ("Hecho", "Coopetir {version}, {today}, por {who}."),
    ],
    "en": [
        ("What it is", "{count} active firms of “{label}” in {place}, {year}, most jobs first."),
        ("Purpose", "To invite the firms to talk about their cluster. Not for commercial offers or any other end."),
        ("Personal data", "Ley 1581 of 2012 protects the data of natural persons: their names and numbers are not here. If you add contact persons, ask for their authorisation, state the purpose and let them withdraw."),
        ("Reserve", "Jobs, income and size of each firm are reserved: do not send this book beyond the director and analysts of {entity}."),
        ("Empty cells", "The registry does not have the value: it is not zero."),
        ("Jobs and income", "As the firm stated to the chamber in {year}; income is of the year before, in current pesos."),
        ("Size", "Decreto 957 of 2019, by income and macro-sector, with the UVT of {year}; without income there is no size."),
        ("Source", "Business registry of {entity}, cut of {year}; “{screening}”; evidence sha256 {hash}."),
        ("Made", "Coopetir {version}, {today}, by {who}."),
    ],
}  # fmt: skip
INVENTED = {
    "es": ("Datos inventados", "Estas empresas y cifras no existen: son de la demostración."),
    "en": ("Invented data", "These firms and figures do not exist: they are of the demonstration."),
}


@dataclass(frozen=True)
class CallBook:
    """What the workbook says beside its rows. ``rows``: columns of ``core.call_list.call_list``."""

    rows: pl.DataFrame
    label: str
    place: str
    year: int
    entity: str
    screening: str
    evidence_sha256: str
    invented: bool
    towns: dict[str, str]
    titles: dict[str, str]
    who: str


def call_workbook(book: CallBook, *, language: str, today: date) -> bytes:
    """The XLSX: header frozen and filtered, text as text (nothing that starts with "=" can run)."""
    import xlsxwriter

    target = io.BytesIO()
    safely = {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
    with xlsxwriter.Workbook(target, safely) as workbook:
        firms, notes = (workbook.add_worksheet(name) for name in SHEETS[language])
        _write_firms(workbook, firms, book, language)
        _write_notes(workbook, notes, book, language, today)
        workbook.set_properties({"title": f"{SHEETS[language][0]} · {book.label}", "author": "Coopetir"})
    return target.getvalue()


def _write_firms(workbook: Any, sheet: Any, book: CallBook, language: str) -> None:
    head = workbook.add_format({"bold": True, "bottom": 1, "text_wrap": True, "valign": "top"})
    formats = {
        "text": workbook.add_format({"num_format": "@"}),
        "whole": workbook.add_format({"num_format": "#,##0"}),
        "date": workbook.add_format({"num_format": "yyyy-mm-dd"}),
    }
    sheet.write_row(0, 0, HEADS[language], head)
    for at, row in enumerate(book.rows.iter_rows(named=True), start=1):
        for column, (kind, value) in enumerate(_cells(row, book, language)):
            _write(sheet, at, column, kind, value, formats)
    for column, width in enumerate(WIDTHS):
        sheet.set_column(column, column, width)
    sheet.freeze_panes(1, 2)
    sheet.autofilter(0, 0, max(1, book.rows.height), len(WIDTHS) - 1)
    sheet.repeat_rows(0)
    sheet.set_landscape()
    sheet.set_paper(9)
    sheet.fit_to_pages(1, 0)


def _cells(row: dict[str, Any], book: CallBook, language: str) -> list[tuple[str, Any]]:
    natural = row["category"] != "01"
    size = LABELS[row["size"]][1 if language == "en" else 0] if row["size"] else None
    renewed = row["renewed_on"] or row["last_renewed_year"]
    return [
        ("text", None if natural or not row["nit"] else f"{row['nit']}-{check_digit(row['nit'])}"),
        ("text", NATURAL[language] if natural else row["name"]),
        ("text", book.towns.get(row["municipality"], row["municipality"])),
        ("text", row["activity"]),
        ("text", book.titles.get(row["activity"] or "", None)),
        ("whole", row["jobs"]),
        ("whole", row["income_cop"]),
        ("text", size),
        ("date" if isinstance(renewed, date) else "text", renewed),
    ]


def _write(sheet: Any, row: int, column: int, kind: str, value: Any, formats: dict[str, Any]) -> None:
    if value is None:
        return
    if kind == "whole":
        sheet.write_number(row, column, value, formats[kind])
    elif kind == "date":
        sheet.write_datetime(row, column, value, formats[kind])
    else:
        sheet.write_string(row, column, str(value), formats[kind])


def _write_notes(workbook: Any, sheet: Any, book: CallBook, language: str, today: date) -> None:
    wrap = workbook.add_format({"text_wrap": True, "valign": "top"})
    bold = workbook.add_format({"bold": True, "valign": "top"})
    facts = {
        "count": number(book.rows.height, 0, language),
        "label": book.label,
        "place": book.place,
        "year": book.year,
        "entity": book.entity,
        "screening": book.screening,
        "hash": book.evidence_sha256,
        "version": __version__,
        "today": date_long(today, language),
        "who": book.who,
    }
    lines = [(name, text.format(**facts)) for name, text in NOTES[language]]
    for at, (name, text) in enumerate([INVENTED[language], *lines] if book.invented else lines):
        sheet.write_string(at, 0, name, bold)
        sheet.write_string(at, 1, text, wrap)
    sheet.set_column(0, 0, 20)
    sheet.set_column(1, 1, 90)
