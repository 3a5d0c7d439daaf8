"""How does a plain table of jobs or exports become region × industry × year?

For what a registry lacks: employment by class, or the monthly export files of DANE (``fech`` = AAMM, ``posar``,
``fobdol``) and DIAN. Columns are found by header, then by content; rows are added up in batches; whatever cannot be
placed is counted and left out. A cell is unknown (null) when any of its rows has no readable value.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Literal

import polars as pl

from coopetir.foundation.core.errors import CoopetirError
from coopetir.foundation.core.extracts.issues import IssueLog
from coopetir.foundation.core.extracts.plan import Lookup
from coopetir.foundation.core.extracts.reading import activity_counts, batches_of
from coopetir.foundation.core.extracts.registry import header_keys
from coopetir.foundation.core.extracts.sniffing import Sniff, sniff
from coopetir.foundation.core.extracts.values import DecimalMark, as_number, bare_number, decimal_mark_of
from coopetir.foundation.core.industries import RevisionUnclear, find_activity, guess_revision
from coopetir.foundation.core.places import find_department, find_municipality
from coopetir.foundation.core.progress import Progress, silent
from coopetir.foundation.core.tables import KeysDuplicated

Classification = Literal["ciiu4", "ciiu3", "hs"]
PlainField = Literal["region", "industry", "value", "period", "firms"]

SYNONYMS: dict[PlainField, tuple[str, ...]] = {
    "region": (
        "dpto1", "dptor", "cod_mpio", "codigo_municipio", "municipio", "cod_dpto", "codigo_departamento", "departamento",
        "region_de_origen", "dpto", "depto", "divipola", "region", "región",
    ),
    "industry": (
        "posar", "posara", "posicion_arancelaria", "posición arancelaria", "subpartida", "subpartida_arancelaria",
        "partida", "hs", "hs6", "hs4", "ciiu_rev4_ac", "ciiu_rev3_ac", "ciiu", "cod_ciiu", "codigo_ciiu", "ciiu_rev4",
        "ciiu_rev3", "clase", "rama", "actividad", "industry", "product",
    ),
    "value": (
        "fobdol", "valor_fob_usd", "exportaciones_usd", "fob_usd", "fob", "ocupados", "ocupados_promedio_mes", "empleo",
        "empleos", "empleados", "trabajadores", "jobs", "valor", "value", "exportaciones",
    ),
    "period": ("fech", "anio", "año", "periodo", "vigencia", "year", "period", "fecha_declaracion_exportacion", "fecha", "mes"),
    "firms": ("empresas", "num_empresas", "numero_empresas", "establecimientos", "firms"),
}  # fmt: skip
PRODUCT_HEADERS = frozenset(key for name in SYNONYMS["industry"][:8] for key in header_keys(name))
MINING_ENERGY = ("27", "7108", "7112")


class PlainColumnsUnknown(CoopetirError):
    code = "plain.columns_unknown"
    es = (
        "En «{file}» no se reconoce la columna de {missing}. Tiene: {found}. Diga cuál es o cambie su nombre."
    )
    en = (
        "No column of “{file}” is recognised as {missing}. It has: {found}. Say which one it is or rename it."
    )


class PlainMarkUnclear(CoopetirError):
    code = "plain.decimal_unclear"
    es = "En la columna {column} de «{file}» no se sabe si la coma o el punto separa los decimales (p. ej. «{example}»). Dígalo."
    en = "In column {column} of “{file}” it is not known whether comma or point separates decimals (e.g. “{example}”). Say which."


@dataclass(frozen=True, slots=True)
class PlainReading:
    """``table``: period (year as text, "" without one), region (DIVIPOLA 2 or 5), industry, value, firms (if sent).

    ``columns``: field → header used. ``issues``: counts by code and column, with their sentences.
    """

    table: pl.DataFrame
    classification: Classification
    columns: dict[PlainField, str]
    rows_read: int
    rows_added: int
    issues: list[dict[str, str | int]]


@dataclass(slots=True)
class _Plan:
    columns: dict[PlainField, str]
    classification: Classification
    digits: int
    marks: dict[PlainField, DecimalMark]
    lookups: dict[str, Lookup] = field(default_factory=dict)


def read_plain(
    path: Path | str,
    columns: dict[PlainField, str] | None = None,
    *,
    decimal: DecimalMark | None = None,
    product_digits: Literal[2, 4, 6] = 4,
    add_up: bool | None = None,
    progress: Progress = silent,
) -> PlainReading:
    """Read a table of any size into region × industry × year.

    :param columns: field → header, for what the headers do not tell.
    :param decimal: the decimal mark of the values, when they do not prove it.
    :param product_digits: how many digits of a tariff code are kept (it is padded to ten first).
    :param add_up: whether rows of one key are added up; by default only for exports, which come by declaration.
    :raises PlainColumnsUnknown: :raises PlainMarkUnclear: :raises KeysDuplicated: :raises RevisionUnclear:
    """
    seen = sniff(Path(path))
    found = propose_plain(seen, columns)
    plan = _Plan(
        found, _classification(seen, found["industry"]), product_digits, _marks(seen, found, decimal)
    )
    log = IssueLog()
    size = max(Path(path).stat().st_size, 1)
    pieces, read = [], 0
    for batch in batches_of(seen):
        read += len(batch.frame) + len(batch.ragged)
        numbers = pl.Series([row for row, _ in batch.ragged], dtype=pl.Int64)
        log.add(seen.file, "", "row.ragged", numbers)
        pieces.append(_added(_placed(batch.frame, batch.numbers, plan, log, seen.file)))
        progress(min(batch.bytes_read, size - 1), size, "read")
    table = pl.concat(pieces)
    rows = int(table["rows"].sum())
    table = _together(table).sort("period", "region", "industry")
    _check_keys(table, seen.file, add_up if add_up is not None else plan.classification == "hs")
    progress(size, size, "read")
    kept = ["period", "region", "industry", "value", *(["firms"] if "firms" in found else [])]
    return PlainReading(table.select(kept), plan.classification, found, read, rows, log.summary())


def propose_plain(seen: Sniff, given: dict[PlainField, str] | None = None) -> dict[PlainField, str]:
    """Field → header of a plain table: as given, else by header, else by content. :raises PlainColumnsUnknown:"""
    found: dict[PlainField, str] = dict(given or {})
    for name, written in SYNONYMS.items():
        if name not in found and (header := _by_header(seen.headers, written, set(found.values()))):
            found[name] = header
    tests: dict[PlainField, Callable[[str], bool]] = {
        "region": lambda text: find_municipality(text).note in ("ok", "zero_restored"),
        "industry": lambda text: find_activity(text).code is not None,
    }
    for name, test in tests.items():
        if name not in found and (header := _by_values(seen, test, set(found.values()))):
            found[name] = header
    missing = [name for name in ("region", "industry", "value") if name not in found]
    missing += [header for header in found.values() if header not in seen.headers]
    if missing:
        raise PlainColumnsUnknown(file=seen.file, missing=missing, found=seen.headers)
    return found


def _by_header(headers: list[str], written: tuple[str, ...], used: set[str]) -> str | None:
    """The header of the earliest synonym; a year's digit at its end (``fobdol4``) is forgiven."""
    for strip in ("", r"\d+$"):
        for name in written:
            for header in headers:
                keys = {re.sub(strip, "", key) if strip else key for key in header_keys(header)}
                if header not in used and keys & header_keys(name):
                    return header
    return None


def _by_values(seen: Sniff, test: Callable[[str], bool], used: set[str]) -> str | None:
    for header in seen.headers:
        values = seen.sample[header].drop_nulls().head(1000)
        if header in used or values.n_unique() < 3:
            continue
        if sum(1 for text in values if test(text)) >= 0.9 * len(values):
            return header
    return None


def _classification(seen: Sniff, header: str) -> Classification:
    values = seen.sample[header].drop_nulls().str.strip_chars()
    long = values.str.contains(r"^\d{5,10}$").mean()
    if header_keys(header) & PRODUCT_HEADERS or (isinstance(long, float) and long > 0.9):
        return "hs"
    guess = guess_revision(activity_counts(values))
    if guess.revision is None:
        examples = values.unique(maintain_order=True).head(5).to_list()
        raise RevisionUnclear(
            rev4=f"{guess.valid_rev4:.0%}", rev3=f"{guess.valid_rev3:.0%}", examples=examples
        )
    return "ciiu4" if guess.revision == "4" else "ciiu3"


def _marks(
    seen: Sniff, columns: dict[PlainField, str], decimal: DecimalMark | None
) -> dict[PlainField, DecimalMark]:
    marks: dict[PlainField, DecimalMark] = {}
    numeric: tuple[PlainField, ...] = ("value", "firms")
    for name in numeric:
        if name not in columns:
            continue
        values = seen.sample[columns[name]]
        mark = decimal or decimal_mark_of(values)
        if mark in ("ambiguous", "mixed"):
            example = next(text for text in values.drop_nulls() if re.search(r"[.,]", text)).strip()
            raise PlainMarkUnclear(file=seen.file, column=columns[name], example=example)
        marks[name] = mark  # type: ignore[assignment]
    return marks


def _placed(raw: pl.DataFrame, numbers: pl.Series, plan: _Plan, log: IssueLog, file: str) -> pl.DataFrame:
    """Rows with their keys and numbers; rows without a place, an industry or a period are logged and left out."""
    columns: dict[str, pl.Series] = {}
    readers: dict[PlainField, Callable[[str], tuple[str | None, str]]] = {
        "region": _region,
        "industry": partial(_industry, classification=plan.classification, digits=plan.digits),
        "period": _period_reader(plan.columns.get("period", "")),
    }
    right = pl.repeat(value=True, n=len(raw), eager=True)
    for name, read in readers.items():
        if name not in plan.columns:
            columns[name] = pl.repeat("", len(raw), dtype=pl.String, eager=True)
            continue
        texts = raw[plan.columns[name]].str.strip_chars(' "')
        columns[name], _ = plan.lookups.setdefault(name, Lookup(read, pl.String())).apply(texts)
        lost = columns[name].is_null()
        log.add(file, name, f"plain.{name}_unknown", numbers.filter(lost), texts.filter(lost))
        right = right & ~lost
    for measure, mark in plan.marks.items():
        columns[measure] = _numbers(raw[plan.columns[measure]], mark, measure, numbers, log, file)
    return pl.DataFrame(columns).filter(right)


def _numbers(
    texts: pl.Series, mark: DecimalMark, name: str, numbers: pl.Series, log: IssueLog, file: str
) -> pl.Series:
    read = texts.to_frame("t").select(
        value=as_number(pl.col("t"), mark), given=bare_number(pl.col("t")).is_not_null()
    )
    bad = read["value"].is_null() & read["given"]
    negative = (read["value"] < 0).fill_null(value=False)
    log.add(file, name, "number.unreadable", numbers.filter(bad), texts.filter(bad))
    log.add(file, name, "number.negative", numbers.filter(negative), texts.filter(negative))
    return read["value"].set(negative, None)


def _region(text: str) -> tuple[str | None, str]:
    digits = re.sub(r"\.0+$", "", text)
    if digits.isdecimal() and len(digits) > 2:
        return find_municipality(text)
    found = find_department(text)
    return found if found.code else find_municipality(text)


def _industry(text: str, classification: Classification, digits: int) -> tuple[str | None, str]:
    if classification != "hs":
        return find_activity(text, "4" if classification == "ciiu4" else "3")
    code = re.sub(r"\.0$", "", text).replace(".", "")
    if not code.isdecimal() or not code.strip("0"):
        return None, "unknown"
    # National codes have ten digits and lose one leading zero in a spreadsheet; shorter ones are international.
    width = 10 if len(code) > 6 else 6 if len(code) > 4 else 4 if len(code) > 2 else 2
    padded = code.zfill(width)
    return (padded[:digits], "ok") if len(padded) >= digits else (None, "unknown")


def _period_reader(header: str) -> Callable[[str], tuple[str | None, str]]:
    """``fech`` of DANE holds AAMM (2508) or AMM (508); anything else holds a year somewhere."""
    if any(key.startswith("fech") and len(key) <= 5 for key in header_keys(header)):
        return _year_month
    return _year


def _year_month(text: str) -> tuple[str | None, str]:
    match = re.fullmatch(r"(\d{1,2})(0[1-9]|1[0-2])(?:\.0)?", text)
    return (str(2000 + int(match.group(1))), "ok") if match else (None, "unknown")


def _year(text: str) -> tuple[str | None, str]:
    match = re.search(r"(?<!\d)((?:19|20)\d\d)(?=\D|$|\d{2}(?!\d)|\d{4}(?!\d))", text) or re.search(
        r"[/-]((?:19|20)\d\d)", text
    )
    return (match.group(1), "ok") if match else (None, "unknown")


def _added(rows: pl.DataFrame) -> pl.DataFrame:
    firms = pl.col("firms") if "firms" in rows.columns else pl.lit(None, pl.Float64)
    return _together(rows.with_columns(firms=firms, rows=pl.lit(1, pl.Int64)))


def _together(rows: pl.DataFrame) -> pl.DataFrame:
    """One row per key; a sum with an unknown part is unknown."""

    def total(name: str) -> pl.Expr:
        return pl.when(pl.col(name).null_count() == 0).then(pl.col(name).sum()).alias(name)

    keys = ["period", "region", "industry"]
    return rows.group_by(keys).agg(total("value"), total("firms"), pl.col("rows").sum())


def _check_keys(table: pl.DataFrame, file: str, add_up: bool) -> None:
    twice = table.filter(pl.col("rows") > 1)
    if add_up or twice.is_empty():
        return
    keys = [" / ".join(row) for row in twice.select("period", "region", "industry").head(20).iter_rows()]
    raise KeysDuplicated(
        source=file, keys=", ".join(keys), rows=[f"{count}×" for count in twice["rows"].head(20)]
    )


def without_mining_energy(table: pl.DataFrame) -> pl.DataFrame:
    """Exports without coal, oil, gas and gold (chapter 27, headings 7108 and 7112), which hide the rest."""
    return table.filter(
        ~pl.any_horizontal(pl.col("industry").str.starts_with(code) for code in MINING_ENERGY)
    )


def share_placed(reading: PlainReading) -> float:
    """The share of rows that found a place, an industry and a period."""
    return reading.rows_added / reading.rows_read if reading.rows_read else 0.0


def count_of(reading: PlainReading) -> Counter[str]:
    """Findings by code, over all columns."""
    counts: Counter[str] = Counter()
    for issue in reading.issues:
        counts[str(issue["code"])] += int(issue["count"])
    return counts
