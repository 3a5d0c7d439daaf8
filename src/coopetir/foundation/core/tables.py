"""How does a table get in and out, and what may it contain?

Files are CSV (comma, semicolon, tab or bar; UTF-8 with or without BOM), Parquet or XLSX, told by their
suffix. Text columns stay text, so codes keep their leading zeros. Three things are never mixed: a missing
row, an unknown value (null) and a zero. Every refusal names the rows (1 = first row of data) and the remedy.
"""

from __future__ import annotations

import os
import re
import tempfile
from collections.abc import Sequence
from pathlib import Path

import polars as pl

from coopetir.foundation.core.archives import SourceUnreadable
from coopetir.foundation.core.errors import CoopetirError
from coopetir.foundation.core.sheets import check_sheet

_COMMA = re.compile(r"[+-]?(\d+|\d{1,3}(\.\d{3})+),\d+")
WRITTEN = (".csv", ".parquet", ".xlsx")
SUFFIXES = (".csv", ".csv.gz", ".parquet", ".xlsx", ".txt", ".tsv")


class TableMissing(CoopetirError):
    code = "table.missing"
    es = "No existe el archivo «{source}». Revise la ruta."
    en = "There is no file “{source}”. Check the path."


class TableUnreadable(CoopetirError):
    code = "table.unreadable"
    es = "No se pudo leer «{source}» como tabla ({why}). Use CSV en UTF-8, Parquet o XLSX."
    en = "“{source}” could not be read as a table ({why}). Use UTF-8 CSV, Parquet or XLSX."


class TableEmpty(CoopetirError):
    code = "table.empty"
    es = "«{source}» no tiene filas de datos. Revise que el archivo traiga algo bajo el encabezado."
    en = "“{source}” has no rows of data. Check that there is something under the header."


class ColumnMissing(CoopetirError):
    code = "table.column_missing"
    es = "A «{source}» le faltan columnas: {columns}. Tiene: {found}. Renómbrelas o indique cuáles son."
    en = "“{source}” lacks columns: {columns}. It has: {found}. Rename them or say which they are."


class ValueNotNumber(CoopetirError):
    code = "table.not_a_number"
    es = "En «{source}», la columna {column} tiene texto que no es número en las filas {rows} (p. ej. «{example}»). Deje la celda vacía si no se conoce el dato."
    en = "In “{source}”, column {column} holds text that is not a number in rows {rows} (e.g. “{example}”). Leave the cell empty if the value is unknown."

    def sentence(self, language: str = "es") -> str:
        """With one remedy more when the example looks like a number with a decimal comma."""
        base = super().sentence(language)
        if not _COMMA.fullmatch(str(self.data["example"]).strip()):
            return base
        if language.startswith("en"):
            return f"{base} Write decimals with a point (1.5) and no thousands mark."
        return f"{base} Escriba los decimales con punto (1.5) y sin separador de miles."


class ValueNotFinite(CoopetirError):
    code = "table.not_finite"
    es = "En «{source}», la columna {column} tiene valores infinitos en las filas {rows}. Corríjalos o deje la celda vacía."
    en = "In “{source}”, column {column} holds infinite values in rows {rows}. Mend them or leave the cell empty."


class ValueNegative(CoopetirError):
    code = "table.negative"
    es = "En «{source}», la columna {column} tiene valores negativos en las filas {rows}; una actividad no puede ser menor que cero."
    en = "In “{source}”, column {column} holds negative values in rows {rows}; an activity cannot be less than zero."


class KeyEmpty(CoopetirError):
    code = "table.key_empty"
    es = "En «{source}», la columna {column} está vacía en las filas {rows}. Complete el código o quite la fila."
    en = "In “{source}”, column {column} is empty in rows {rows}. Fill in the code or take the row out."


class KeysDuplicated(CoopetirError):
    code = "table.keys_duplicated"
    es = "En «{source}» se repite la clave {keys} en las filas {rows}. Deje una sola fila por clave (o sume antes)."
    en = "In “{source}” the key {keys} repeats in rows {rows}. Keep one row per key (or add them up first)."


class KeyNotText(CoopetirError):
    code = "table.key_not_text"
    es = "En «{source}», la columna {column} es de tipo {kind}, que no sirve como código. Guárdela como texto o como número entero."
    en = "In “{source}”, column {column} is of type {kind}, which cannot be a code. Save it as text or as a whole number."


class OutputSuffix(CoopetirError):
    code = "output.suffix"
    es = "«{target}» no termina en {suffixes}; la terminación del nombre dice en qué formato se escribe. Cámbiela."
    en = "“{target}” does not end in {suffixes}; the end of the name says in which format it is written. Change it."


class OutputNotWritten(CoopetirError):
    code = "output.not_written"
    es = "No se pudo escribir «{target}» ({why}). Revise el espacio en disco y los permisos; el archivo anterior quedó intacto."
    en = "“{target}” could not be written ({why}). Check disk space and permissions; the earlier file is untouched."


def read_table(path: str | Path) -> pl.DataFrame:
    """The table in a file, every CSV column as text, typed columns of Parquet and XLSX as they are.

    :raises TableMissing: :raises TableUnreadable: :raises TableEmpty: :raises SheetTooSparse:
    """
    path = Path(path)
    if not path.is_file():
        raise TableMissing(source=str(path))
    try:
        frame = _read(path)
    except SourceUnreadable as error:
        raise TableUnreadable(source=path.name, why=error.data["why"]) from error
    except (pl.exceptions.PolarsError, OSError, EOFError, ValueError, UnicodeError) as error:
        raise TableUnreadable(source=path.name, why=_first_line(error)) from error
    frame = frame.rename({name: name.strip().lstrip("\ufeff") for name in frame.columns})
    if frame.is_empty():
        raise TableEmpty(source=path.name)
    return frame


def _read(path: Path) -> pl.DataFrame:
    name = path.name.lower()
    if name.endswith(".parquet"):
        return pl.read_parquet(path)
    if name.endswith(".xlsx"):
        return _read_sheet(path)
    if name.endswith(SUFFIXES):
        return pl.read_csv(path, separator=_separator(path), infer_schema=False)
    raise ValueError(f"suffix not among {', '.join(SUFFIXES)}")


def _read_sheet(path: Path) -> pl.DataFrame:
    import fastexcel

    check_sheet(path)
    try:
        return pl.read_excel(path, engine="calamine", infer_schema_length=0)
    except fastexcel.FastExcelError as error:
        raise ValueError(_first_line(error)) from error


def _separator(path: Path) -> str:
    import gzip

    opener = gzip.open if path.name.lower().endswith(".gz") else Path.open
    with opener(path, "rb") as stream:
        head = stream.readline(1 << 16)
    return max((",", ";", "\t", "|"), key=lambda mark: head.count(mark.encode()))


def write_table(frame: pl.DataFrame, path: str | Path) -> None:
    """Write CSV, Parquet or XLSX by suffix: either the whole file appears or the earlier one stays.

    CSV goes out as it is, for programs; in XLSX, text that starts with "=" stays text.

    :raises OutputSuffix: :raises OutputNotWritten:
    """
    path = Path(path)
    name = path.name.lower()
    if not name.endswith(WRITTEN):
        raise OutputSuffix(target=path.name, suffixes=WRITTEN)
    with replacing(path) as temporary:
        _write(frame, temporary, name)


def _write(frame: pl.DataFrame, path: Path, name: str) -> None:
    """What Polars and XlsxWriter say of a full disk in words of their own goes on as OSError."""
    from xlsxwriter.exceptions import FileCreateError

    try:
        if name.endswith(".parquet"):
            frame.write_parquet(path)
        elif name.endswith(".xlsx"):
            _write_excel(frame, path)
        else:
            frame.write_csv(path)
    except (pl.exceptions.PolarsError, FileCreateError) as error:
        raise OSError(_first_line(error)) from error


def _write_excel(frame: pl.DataFrame, path: Path) -> None:
    import xlsxwriter

    # strings_to_formulas stays off: a cell that starts with "=" in the data must not run on opening.
    with xlsxwriter.Workbook(path, {"strings_to_formulas": False, "strings_to_urls": False}) as book:
        frame.write_excel(book, autofit=True, header_format={"bold": True})


class replacing:  # noqa: N801  (used as a function: ``with replacing(path) as temporary``)
    """Give a temporary path beside ``path``; on success it takes its place, on failure it is gone."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def __enter__(self) -> Path:
        try:
            self.path.parent.mkdir(parents=True, exist_ok=True)
            handle, name = tempfile.mkstemp(dir=self.path.parent, suffix=self.path.suffix, prefix=".partial-")
        except OSError as error:
            raise OutputNotWritten(target=str(self.path), why=_first_line(error)) from error
        os.close(handle)
        self.temporary = Path(name)
        return self.temporary

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: object) -> None:
        try:
            if error is None:
                with self.temporary.open("rb") as stream:
                    os.fsync(stream.fileno())
                self.temporary.chmod(0o644)
                self.temporary.replace(self.path)
                return
        except OSError as failure:
            raise OutputNotWritten(target=str(self.path), why=_first_line(failure)) from failure
        finally:
            self.temporary.unlink(missing_ok=True)
        if isinstance(error, OSError):
            raise OutputNotWritten(target=str(self.path), why=_first_line(error)) from error


def require_columns(frame: pl.DataFrame, columns: Sequence[str], *, source: str) -> None:
    """:raises ColumnMissing: naming what is missing and what is there."""
    missing = [column for column in columns if column not in frame.columns]
    if missing:
        raise ColumnMissing(source=source, columns=missing, found=frame.columns)


def as_codes(frame: pl.DataFrame, column: str, *, source: str) -> pl.DataFrame:
    """The column as trimmed text; no cell may be empty. Digits keep whatever zeros they arrived with.

    :raises KeyNotText: lists, structures and bytes are no codes :raises KeyEmpty:
    """
    kind = frame.schema[column]
    if kind.is_nested() or kind in (pl.Binary, pl.Object):
        raise KeyNotText(source=source, column=column, kind=str(kind))
    coded = frame.with_columns(pl.col(column).cast(pl.String).str.strip_chars())
    empty = rows_where(coded, pl.col(column).is_null() | (pl.col(column) == ""))
    if empty:
        raise KeyEmpty(source=source, column=column, rows=empty)
    return coded


def as_measure(frame: pl.DataFrame, column: str, *, source: str, negative: bool = False) -> pl.DataFrame:
    """The column as Float64, empty and NaN as null (unknown); text, infinity and negatives are refused by row."""
    raw = pl.col(column)
    if frame.schema[column] == pl.String:
        text = raw.str.strip_chars()
        blank = raw.is_null() | text.str.to_lowercase().is_in(["", "na", "nan", "null"])
        value = pl.when(blank).then(None).otherwise(text).cast(pl.Float64, strict=False)
        bad = rows_where(frame, ~blank & value.is_null())
        if bad:
            example = frame[column][bad[0] - 1]
            raise ValueNotNumber(source=source, column=column, rows=bad, example=example)
    elif frame.schema[column].is_numeric() or frame.schema[column] == pl.Null:
        value = raw.cast(pl.Float64).fill_nan(None)
    else:
        raise ValueNotNumber(source=source, column=column, rows=[1], example=frame[column][0])
    measured = frame.with_columns(value.alias(column))
    infinite = rows_where(measured, pl.col(column).is_infinite())
    if infinite:
        raise ValueNotFinite(source=source, column=column, rows=infinite)
    below = [] if negative else rows_where(measured, pl.col(column) < 0)
    if below:
        raise ValueNegative(source=source, column=column, rows=below)
    return measured


def unique_keys(frame: pl.DataFrame, keys: Sequence[str], *, source: str) -> None:
    """:raises KeysDuplicated: naming the rows, when two rows share ``keys``."""
    if frame.select(keys).is_duplicated().any():
        rows = rows_where(frame, pl.struct(keys).is_duplicated())
        raise KeysDuplicated(source=source, keys=" + ".join(keys), rows=rows)


def rows_where(frame: pl.DataFrame, condition: pl.Expr) -> list[int]:
    """Row numbers, 1 = first row of data, where ``condition`` holds."""
    found = frame.select(pl.arg_where(condition.fill_null(value=False))).to_series()
    return [int(index) + 1 for index in found]


def long_table(
    frame: pl.DataFrame,
    *,
    region: str,
    industry: str,
    value: str,
    period: str | None = None,
    firms: str | None = None,
    source: str,
) -> pl.DataFrame:
    """The checked table of a region's industries, one row per key.

    Columns out: ``period`` (text; "" when the table has none), ``region``, ``industry`` (text), ``value``
    (Float64 >= 0, null = unknown) and, if asked, ``firms``. Other columns are left out.
    """
    names = {"region": region, "industry": industry, "value": value, "period": period, "firms": firms}
    given = {new: old for new, old in names.items() if old is not None}
    require_columns(frame, list(given.values()), source=source)
    table = frame.select(pl.col(old).alias(new) for new, old in given.items())
    if period is None:
        table = table.with_columns(period=pl.lit(""))
    for key in ("period", "region", "industry"):
        if key != "period" or period is not None:
            table = as_codes(table, key, source=source)
    for measure in ("value", "firms"):
        if measure in table.columns:
            table = as_measure(table, measure, source=source)
    if table.is_empty():
        raise TableEmpty(source=source)
    unique_keys(table, ["period", "region", "industry"], source=source)
    return table.select("period", "region", "industry", "value", *(["firms"] if firms else []))


def _first_line(error: BaseException) -> str:
    return (str(error).strip().splitlines() or [type(error).__name__])[0][:200]
