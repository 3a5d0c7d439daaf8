"""What does a batch of sent rows say in canonical columns, and what had to be mended?

Each column is read by its own rule; every repair, loss and doubt goes to the issue log with its row. Columns that
hold few different values (codes, towns, dates) are read once per value.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial
from typing import Any

import polars as pl

from coopetir.foundation.core.catalogues import Revision
from coopetir.foundation.core.extracts import redact
from coopetir.foundation.core.extracts.issues import KINDS, IssueLog
from coopetir.foundation.core.extracts.profile import FILLERS
from coopetir.foundation.core.extracts.registry import (
    ACTIVE,
    ACTIVITIES,
    CANONICAL,
    DATES,
    FIRM_CATEGORIES,
    NUMBERS,
)
from coopetir.foundation.core.extracts.values import (
    DateOrder,
    DecimalMark,
    as_number,
    bare_number,
    code_reader,
    mend_double_encoding,
    read_date,
)
from coopetir.foundation.core.industries import find_activity
from coopetir.foundation.core.nit import PLACEHOLDERS, check_digit_of
from coopetir.foundation.core.places import chamber_near, find_chamber, find_department, find_municipality

Reader = Callable[[str], tuple[Any, str]]
CACHE_LIMIT = 500_000


class Lookup:
    """Reads each different text once: text → (value, note)."""

    def __init__(self, read: Reader, dtype: pl.DataType) -> None:
        self.read, self.dtype = read, dtype
        self.known: dict[str, tuple[Any, str]] = {}

    def apply(self, texts: pl.Series) -> tuple[pl.Series, pl.Series]:
        """The values and the notes of a column of texts (null reads as "")."""
        filled = texts.fill_null("")
        different = filled.unique()
        if len(self.known) > CACHE_LIMIT:
            self.known.clear()
        for text in different:
            if text not in self.known:
                self.known[text] = self.read(text)
        answers = [self.known[text] for text in different]
        values = pl.Series([answer[0] for answer in answers], dtype=self.dtype)
        notes = pl.Series([answer[1] for answer in answers], dtype=pl.String)
        return (
            filled.replace_strict(different, values, return_dtype=self.dtype),
            filled.replace_strict(different, notes, return_dtype=pl.String),
        )


@dataclass(slots=True)
class Plan:
    """How the columns of one file are read: settled before its first row."""

    columns: dict[str, str]
    constants: dict[str, str]
    year: int | None
    decimal: dict[str, DecimalMark]
    date_orders: dict[str, DateOrder]
    fillers: dict[str, tuple[float, ...]]
    scale: dict[str, float] = field(default_factory=dict)
    revision: Revision = "4"
    keep: tuple[str, ...] = ()
    hash_seed: int = 0
    lookups: dict[str, Lookup] = field(default_factory=dict)


def canonical_rows(
    raw: pl.DataFrame, numbers: pl.Series, plan: Plan, log: IssueLog, file: str
) -> pl.DataFrame:
    """Clean one batch: canonical columns plus _row, _holder (keyed hash of the holder), _natural, _branch.

    Rows without any key are left out and logged. Personal data are masked in what is returned.
    """
    cells = _cells(raw, plan, log, file, numbers)
    columns: dict[str, pl.Series] = {"_row": numbers}
    _read_codes(cells, columns, plan, log, file)
    _read_places(cells, columns, plan, log, file)
    _read_activities(cells, columns, plan, log, file)
    _read_dates(cells, columns, plan, log, file)
    _read_names_and_keys(cells, columns)
    frame = pl.DataFrame(columns)
    frame = _numbers(frame, cells, plan, log, file)
    frame = _identity(frame, cells, plan, log, file)
    return _keyed(frame, log, file)


def _cells(
    raw: pl.DataFrame, plan: Plan, log: IssueLog, file: str, numbers: pl.Series
) -> dict[str, pl.Series]:
    """The mapped columns by field, trimmed; a missing field is absent; constants fill what the file lacks."""
    cells: dict[str, pl.Series] = {}
    for name, header in plan.columns.items():
        text = raw[header].str.strip_chars(' \t\r\n"\u00a0')
        if name in ("name", "municipality", "department", "chamber", "status", "legal_form", "category"):
            text = _mended(text, name, numbers, log, file)
        cells[name] = text
    for name, value in plan.constants.items():
        cells.setdefault(name, pl.repeat(value, len(raw), dtype=pl.String, eager=True))
    return cells


def _mended(text: pl.Series, name: str, numbers: pl.Series, log: IssueLog, file: str) -> pl.Series:
    broken = text.str.contains("[ÂÃ][\u0080-\u00bf\u0152-\u02dc\u2013-\u2122]").fill_null(value=False)
    if not broken.any():
        return text
    different = text.filter(broken).unique()
    mended = pl.Series([mend_double_encoding(value) for value in different], dtype=pl.String)
    log.add(file, name, "text.double_encoded", numbers.filter(broken))
    return text.replace(different, mended)


def _note(
    log: IssueLog, file: str, column: str, notes: pl.Series, numbers: pl.Series, texts: pl.Series, group: str
) -> None:
    """Log every note that has a sentence (``ok`` and ``blank`` have none)."""
    for note in notes.unique().sort():
        code = f"{group}.{note}"
        if code in KINDS:
            hit = notes == note
            log.add(file, column, code, numbers.filter(hit), texts.filter(hit))


def _lookup(plan: Plan, key: str, read: Reader, dtype: pl.DataType) -> Lookup:
    if key not in plan.lookups:
        plan.lookups[key] = Lookup(read, dtype)
    return plan.lookups[key]


def _read_codes(
    cells: dict[str, pl.Series], columns: dict[str, pl.Series], plan: Plan, log: IssueLog, file: str
) -> None:
    for name in ("legal_form", "category", "status"):
        texts = cells.get(name)
        if texts is None:
            columns[name] = _nulls(columns["_row"], pl.String())
            continue
        values, notes = _lookup(plan, name, code_reader(name), pl.String()).apply(texts)
        _note(log, file, name, notes, columns["_row"], texts, name)
        columns[name] = values


def _read_places(
    cells: dict[str, pl.Series], columns: dict[str, pl.Series], plan: Plan, log: IssueLog, file: str
) -> None:
    rows = columns["_row"]
    towns = cells.get("municipality")
    if towns is None:
        columns["municipality"] = _nulls(rows, pl.String())
    else:
        inside = cells.get("department")
        pairs = towns if inside is None else towns.fill_null("") + "\x1f" + inside.fill_null("")
        values, notes = _lookup(plan, "municipality", _town, pl.String()).apply(pairs)
        _note(log, file, "municipality", notes, rows, towns, "municipality")
        columns["municipality"] = values
    chambers = cells.get("chamber")
    if chambers is not None:
        values, notes = _lookup(plan, "chamber", find_chamber, pl.String()).apply(chambers)
        _note(log, file, "chamber", notes, rows, chambers, "chamber")
        columns["chamber"] = values
        return
    near, _ = _lookup(plan, "near", lambda code: (chamber_near(code), ""), pl.String()).apply(
        columns["municipality"]
    )
    log.add(file, "chamber", "chamber.derived", rows.filter(near.is_not_null()))
    columns["chamber"] = near


def _town(pair: str) -> tuple[str | None, str]:
    town, _, inside = pair.partition("\x1f")
    return find_municipality(town, find_department(inside).code if inside else None)


def _read_activities(
    cells: dict[str, pl.Series], columns: dict[str, pl.Series], plan: Plan, log: IssueLog, file: str
) -> None:
    read = partial(_activity, revision=plan.revision)
    for name in ACTIVITIES:
        texts = cells.get(name)
        if texts is None:
            columns[name] = _nulls(columns["_row"], pl.String())
            continue
        values, notes = _lookup(plan, "activity", read, pl.String()).apply(texts)
        if name in ("activity_1", "top_income_activity"):
            _note(log, file, name, notes, columns["_row"], texts, "activity")
        columns[name] = values


def _activity(text: str, revision: Revision) -> tuple[str | None, str]:
    return find_activity(text, revision)


def _read_dates(
    cells: dict[str, pl.Series], columns: dict[str, pl.Series], plan: Plan, log: IssueLog, file: str
) -> None:
    for name in DATES:
        texts = cells.get(name)
        if texts is None:
            columns[name] = _nulls(columns["_row"], pl.Date())
            continue
        read = partial(read_date, order=plan.date_orders.get(name, "dmy"), latest=(plan.year or 2099) + 1)
        values, notes = _lookup(plan, name, read, pl.Date()).apply(texts)
        _note(log, file, name, notes, columns["_row"], texts, "date")
        columns[name] = values
    columns["last_renewed_year"] = _years(cells.get("last_renewed_year"), columns["_row"])
    if "year" in cells:
        columns["year"] = _years(cells["year"], columns["_row"])
        log.add(
            file,
            "year",
            "row.other_year",
            columns["_row"].filter(columns["year"].is_null()),
            cells["year"].filter(columns["year"].is_null()),
        )
    else:
        columns["year"] = pl.repeat(plan.year, len(columns["_row"]), dtype=pl.Int32(), eager=True)


def _years(texts: pl.Series | None, rows: pl.Series) -> pl.Series:
    """The four-digit year in each text (2023, 2023.0, 31/12/2023), null when there is none."""
    if texts is None:
        return _nulls(rows, pl.Int32())
    return texts.str.extract(r"((?:19|20)\d\d)").cast(pl.Int32)


def _read_names_and_keys(cells: dict[str, pl.Series], columns: dict[str, pl.Series]) -> None:
    rows = columns["_row"]
    name = cells.get("name")
    tidy = _nulls(rows, pl.String()) if name is None else name.str.replace_all(r"\s+", " ")
    columns["name"] = tidy.set(tidy == "", None)
    columns["_sent_key"] = cells.get("registration", _nulls(rows, pl.String()))


def _numbers(
    frame: pl.DataFrame, cells: dict[str, pl.Series], plan: Plan, log: IssueLog, file: str
) -> pl.DataFrame:
    for name in NUMBERS:
        texts = cells.get(name)
        if texts is None:
            frame = frame.with_columns(pl.lit(None, pl.Float64).alias(name))
            continue
        mark = plan.decimal.get(name, "none")
        read = texts.to_frame("t").select(
            value=as_number(pl.col("t"), mark), given=bare_number(pl.col("t")).is_not_null()
        )
        value = read["value"]
        rows = frame["_row"]
        filler = value.is_in([float(filler) for filler in plan.fillers.get(name, FILLERS[name])]).fill_null(
            value=False
        )
        negative = (value < 0).fill_null(value=False)
        for code, hit in (
            ("number.unreadable", value.is_null() & read["given"]),
            ("number.negative", negative),
            ("number.filler", filler),
        ):
            log.add(file, name, code, rows.filter(hit), texts.filter(hit))
        if name == "jobs":
            log.add(file, name, "jobs.zero", rows.filter((value == 0).fill_null(value=False)))
        known = value.set(filler | negative, None) * plan.scale.get(name, 1.0)
        frame = frame.with_columns(known.alias(name))
    return frame


_DIGITS_WITH_DV = r"^([\d.\s,]*\d)\s*[-–/]\s*(\d)$"


def _identity(
    frame: pl.DataFrame, cells: dict[str, pl.Series], plan: Plan, log: IssueLog, file: str
) -> pl.DataFrame:
    """Tax number, holder and mask. The identity of a person leaves this function only as a keyed hash."""
    rows = frame["_row"]
    sent = cells.get("nit", _nulls(rows, pl.String()))
    other = cells.get("id_number", _nulls(rows, pl.String()))
    kind = cells.get("id_class", _nulls(rows, pl.String()))
    digit = cells.get("nit_dv", _nulls(rows, pl.String()))
    read = pl.DataFrame({"sent": sent, "other": other, "kind": kind, "digit": digit})
    read = read.with_columns(
        pl.col("sent", "other")
        .str.to_uppercase()
        .str.replace(r"^N\.?I\.?T\.?[\s:.-]*", "")
        .str.replace(r"^(\d{6,11})\.0$", "$1"),
        _id_class=_id_class(pl.col("kind")),
    ).with_columns(_nulled("sent"), _nulled("other"))
    # A number in its own column is a tax number when its class says so, whatever the column is called.
    number = pl.coalesce("sent", "other")
    read = read.with_columns(
        bare=pl.coalesce(number.str.extract(_DIGITS_WITH_DV, 1), number)
        .str.replace_all(r"[.\s,–-]", "")
        .str.strip_chars_start("0"),
        dv=pl.coalesce(pl.col("digit").str.extract(r"^(\d)$"), number.str.extract(_DIGITS_WITH_DV, 2)),
    )
    read = _split_check_digit(read)
    frame = frame.with_columns(read["nit"], read["nit_dv"], read["_id_class"])
    natural = frame.select(redact.natural_person().fill_null(value=True)).to_series()
    branch = ~frame["category"].fill_null("01").is_in(list(FIRM_CATEGORIES))
    frame = frame.with_columns(_natural=natural, _branch=branch)
    frame = _presumed(frame, cells, log, file)
    _log_identity(frame, read, log, file)
    holder = pl.col("nit").hash(plan.hash_seed)
    frame = frame.with_columns(
        pl.when(pl.col("nit").is_not_null()).then(holder).alias("_holder"), pl.col("nit").alias("_number")
    )
    log.add(file, "name", "person.masked", rows.filter(natural & ~branch))
    return redact.mask(frame, plan.keep)


def _presumed(frame: pl.DataFrame, cells: dict[str, pl.Series], log: IssueLog, file: str) -> pl.DataFrame:
    """What a source leaves out because all its rows share it: counted, so that nobody takes it for a statement.

    The category follows from the holder; a source without a status column lists firms that live; one without any
    renewal column lists firms of its own year.
    """
    rows = frame["_row"]
    log.add(file, "category", "category.derived", rows.filter(frame["category"].is_null()))
    holder = pl.when(pl.col("_natural")).then(pl.lit("00")).otherwise(pl.lit("01"))
    frame = frame.with_columns(pl.coalesce("category", holder).alias("category"))
    if "status" not in cells:
        log.add(file, "status", "status.presumed", rows)
        frame = frame.with_columns(pl.lit(ACTIVE).alias("status"))
    if not {"last_renewed_year", "renewed_on"} & set(cells):
        log.add(file, "last_renewed_year", "renewal.presumed", rows)
        frame = frame.with_columns(pl.col("year").alias("last_renewed_year"))
    return frame


def _nulled(column: str) -> pl.Expr:
    return pl.when(~pl.col(column).is_in(list(PLACEHOLDERS))).then(pl.col(column)).alias(column)


def _id_class(kind: pl.Expr) -> pl.Expr:
    """The RUES class of identification: a code, or ``NIT`` and ``CEDULA…`` in words."""
    upper = kind.str.to_uppercase().str.strip_chars()
    return (
        pl.when(upper.str.contains(r"^\d{1,2}(\.0)?$"))
        .then(upper.str.replace(r"\.0$", "").str.pad_start(2, "0"))
        .when(upper.str.starts_with("NIT"))
        .then(pl.lit("02"))
        .when(upper.str.contains("CEDULA|CÉDULA|TARJETA|PASAPORTE|^CC|^CE|REGISTRO|DOCUMENTO"))
        .then(pl.lit("01"))
    )


def _split_check_digit(read: pl.DataFrame) -> pl.DataFrame:
    bare, digit = pl.col("bare"), pl.col("dv")
    valid = bare.str.contains(r"^\d{6,11}$")
    ten = valid & digit.is_null() & bare.str.contains(r"^[89]\d{9}$")
    joined = ten & (check_digit_of(bare.str.slice(0, 9)) == bare.str.slice(9, 1))
    return read.with_columns(
        nit=pl.when(joined).then(bare.str.slice(0, 9)).when(valid).then(bare),
        nit_dv=pl.when(joined).then(bare.str.slice(9, 1)).when(valid).then(digit),
        note=pl.when(bare.is_null() | (bare == "")).then(pl.lit("blank"))
        .when(~valid).then(pl.lit("unreadable"))
        .when(joined).then(pl.lit("split"))
        .when(ten).then(pl.lit("unclear"))
        .when(digit.is_not_null() & (check_digit_of(bare) != digit)).then(pl.lit("check_digit_wrong"))
        .otherwise(pl.lit("ok")),
    )  # fmt: skip


def _log_identity(frame: pl.DataFrame, read: pl.DataFrame, log: IssueLog, file: str) -> None:
    """Findings about numbers; the value is shown only for companies, never a person's number."""
    shown = pl.select(pl.when(~frame["_natural"]).then(read["bare"])).to_series()
    _note(log, file, "nit", read["note"], frame["_row"], shown, "nit")


def _keyed(frame: pl.DataFrame, log: IssueLog, file: str) -> pl.DataFrame:
    """Registration without leading zeros (``S0012`` → ``S12``); the tax number where the source has none."""
    sent = pl.col("_sent_key").str.replace(r"\.0$", "").str.replace_all(r"[\s.-]", "").str.to_uppercase()
    stripped = sent.str.replace(r"^([A-Z]?)0+(\w)", "$1$2")
    frame = frame.with_columns(
        registration=pl.when(~sent.is_in(["", "0", "NULL", "NA", "SINDATO"])).then(stripped), _sent=sent
    )
    zeros = frame["registration"].is_not_null() & (frame["registration"] != frame["_sent"])
    log.add(
        file, "registration", "registration.zeros", frame["_row"].filter(zeros), frame["_sent"].filter(zeros)
    )
    from_nit = frame["registration"].is_null() & frame["_number"].is_not_null() & ~frame["_natural"]
    log.add(file, "registration", "registration.from_nit", frame["_row"].filter(from_nit))
    frame = frame.with_columns(
        pl.when(from_nit).then(pl.col("_number")).otherwise(pl.col("registration")).alias("registration")
    )
    lost = frame["registration"].is_null()
    undated = frame["year"].is_null()
    log.add(file, "registration", "row.no_key", frame["_row"].filter(lost))
    return frame.filter(~lost & ~undated).select(*CANONICAL, "_row", "_holder", "_natural", "_branch")


def _nulls(rows: pl.Series, dtype: pl.DataType) -> pl.Series:
    return pl.repeat(None, len(rows), dtype=dtype, eager=True)
