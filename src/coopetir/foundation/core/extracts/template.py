"""What does an empty registry sheet look like, ready to be filled in?

First sheet: Spanish headers, a hidden row of column codes, and lists to choose from. Second sheet: what each column
means, its form and an example. The reader skips the row of codes, so a filled template is an ordinary upload.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from coopetir.foundation.core.catalogues import registry_codes
from coopetir.foundation.core.tables import replacing

ROWS_WITH_LISTS = 2000

# Canonical column → (header, form, example).
COLUMNS: dict[str, tuple[str, str, str]] = {
    "year": ("año de corte", "cuatro dígitos", "2024"),
    "chamber": ("código cámara", "código RUES, 01 a 57", "08"),
    "registration": ("matrícula", "número, con o sin ceros iniciales", "0001763070"),
    "nit": ("NIT", "solo dígitos, sin el de verificación; vacío para personas naturales", "900000001"),
    "nit_dv": ("dígito de verificación", "un dígito", "2"),
    "name": ("razón social", "texto", "EMPRESA SINTETICA DE EJEMPLO SAS"),
    "legal_form": ("organización jurídica", "código de la lista", "16"),
    "category": ("categoría", "00 persona natural, 01 persona jurídica; sin establecimientos", "01"),
    "status": ("estado de la matrícula", "código de la lista", "01"),
    "activity_1": ("CIIU principal", "cuatro dígitos, Rev. 4 A.C.", "1071"),
    "activity_2": ("CIIU secundario", "cuatro dígitos o vacío", ""),
    "top_income_activity": ("CIIU mayores ingresos", "cuatro dígitos o vacío", "1071"),
    "municipality": ("municipio", "DIVIPOLA, cinco dígitos", "76001"),
    "registered_on": ("fecha matrícula", "AAAA-MM-DD", "2015-03-02"),
    "renewed_on": ("fecha renovación", "AAAA-MM-DD", "2024-03-15"),
    "cancelled_on": ("fecha cancelación", "AAAA-MM-DD o vacío", ""),
    "last_renewed_year": ("último año renovado", "cuatro dígitos", "2024"),
    "assets_cop": ("activos total", "pesos, sin separadores; vacío si no se sabe", "250000000"),
    "income_cop": (
        "ingresos actividad ordinaria",
        "pesos, sin separadores; vacío si no se sabe",
        "480000000",
    ),
    "jobs": ("empleados", "número; vacío si no se sabe, 0 solo si es cero", "12"),
}
_LISTS = {
    "legal_form": "codigo_organizacion_juridica",
    "category": "codigo_categoria_matricula",
    "status": "codigo_estado_matricula",
}


def write_template(path: Path | str) -> None:
    """Write the template as XLSX, whole or not at all. :raises OutputNotWritten:"""
    import xlsxwriter

    with (
        replacing(Path(path)) as temporary,
        xlsxwriter.Workbook(temporary, {"strings_to_formulas": False, "strings_to_urls": False}) as book,
    ):
        _registry_sheet(book)
        _help_sheet(book)


def _registry_sheet(book: Any) -> None:
    sheet = book.add_worksheet("Registro")
    bold, text = book.add_format({"bold": True, "bottom": 1}), book.add_format({"num_format": "@"})
    sheet.freeze_panes(1, 0)
    for place, (name, (header, form, _)) in enumerate(COLUMNS.items()):
        # Text format: a spreadsheet must not eat the zeros of 05001.
        sheet.set_column(place, place, max(14, len(header) + 2), text)
        sheet.write_string(0, place, header, bold)
        sheet.write_comment(0, place, form)
        sheet.write_string(1, place, name)
        if name in _LISTS:
            codes = registry_codes().filter(registry_codes()["list"] == _LISTS[name])["code"].to_list()
            sheet.data_validation(2, place, ROWS_WITH_LISTS, place, {"validate": "list", "source": codes})
    sheet.set_row(1, None, None, {"hidden": True})


def _help_sheet(book: Any) -> None:
    sheet = book.add_worksheet("Ayuda")
    bold = book.add_format({"bold": True, "bottom": 1})
    sheet.set_column(0, 2, 34)
    for place, title in enumerate(("Columna", "Forma", "Ejemplo inventado")):
        sheet.write_string(0, place, title, bold)
    for row, (header, form, example) in enumerate(COLUMNS.values(), start=1):
        for place, cell in enumerate((header, form, example)):
            sheet.write_string(row, place, cell)
    row = len(COLUMNS) + 2
    for name, listed in _LISTS.items():
        sheet.write_string(row, 0, COLUMNS[name][0], bold)
        for code, label in (
            registry_codes().filter(registry_codes()["list"] == listed).select("code", "label").iter_rows()
        ):
            row += 1
            sheet.write_string(row, 0, code)
            sheet.write_string(row, 1, label)
        row += 2
