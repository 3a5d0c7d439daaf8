"""What does a batch of sent rows say in canonical columns, and what had to be mended?

Each column is read by its own rule; every repair, loss and doubt goes to the issue log with its row. Columns that
hold few different values (codes, towns, dates) are read once per value.
"""

from __future__ import annotations

from functools import partial

import polars as pl

from coopetir.foundation.core.catalogues import Revision
from coopetir.foundation.core.extracts.identity import identified, keyed
from coopetir.foundation.core.extracts.issues import IssueLog
from coopetir.foundation.core.extracts.plan import Lookup, Plan, Reader, log_notes, nulls
from coopetir.foundation.core.extracts.profile import FILLERS
from coopetir.foundation.core.extracts.registry import (
    ACTIVITIES,
    DATES,
    NUMBERS,
)
from coopetir.foundation.core.extracts.values import (
    as_number,
    bare_number,
    code_reader,
    mend_double_encoding,
    read_date,
)
from coopetir.foundation.core.industries import find_activity
from coopetir.foundation.core.places import chamber_near, find_chamber, find_department, find_municipality


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
    frame = identified(frame, cells, plan, log, file)
    return keyed(frame, log, file)


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
            columns[name] = nulls(columns["_row"], pl.String())
            continue
        values, notes = _lookup(plan, name, code_reader(name), pl.String()).apply(texts)
        log_notes(log, file, name, notes, columns["_row"], texts, name)
        columns[name] = values


def _read_places(
    cells: dict[str, pl.Series], columns: dict[str, pl.Series], plan: Plan, log: IssueLog, file: str
) -> None:
    rows = columns["_row"]
    towns = cells.get("municipality")
    if towns is None:
        columns["municipality"] = nulls(rows, pl.String())
    else:
        inside = cells.get("department")
        pairs = towns if inside is None else towns.fill_null("") + "\x1f" + inside.fill_null("")
        values, notes = _lookup(plan, "municipality", _town, pl.String()).apply(pairs)
        log_notes(log, file, "municipality", notes, rows, towns, "municipality")
        columns["municipality"] = values
    chambers = cells.get("chamber")
    if chambers is not None:
        values, notes = _lookup(plan, "chamber", find_chamber, pl.String()).apply(chambers)
        log_notes(log, file, "chamber", notes, rows, chambers, "chamber")
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
            columns[name] = nulls(columns["_row"], pl.String())
            continue
        values, notes = _lookup(plan, "activity", read, pl.String()).apply(texts)
        if name in ("activity_1", "top_income_activity"):
            log_notes(log, file, name, notes, columns["_row"], texts, "activity")
        columns[name] = values


def _activity(text: str, revision: Revision) -> tuple[str | None, str]:
    return find_activity(text, revision)


def _read_dates(
    cells: dict[str, pl.Series], columns: dict[str, pl.Series], plan: Plan, log: IssueLog, file: str
) -> None:
    for name in DATES:
        texts = cells.get(name)
        if texts is None:
            columns[name] = nulls(columns["_row"], pl.Date())
            continue
        read = partial(read_date, order=plan.date_orders.get(name, "dmy"), latest=(plan.year or 2099) + 1)
        values, notes = _lookup(plan, name, read, pl.Date()).apply(texts)
        log_notes(log, file, name, notes, columns["_row"], texts, "date")
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
        return nulls(rows, pl.Int32())
    return texts.str.extract(r"((?:19|20)\d\d)").cast(pl.Int32)


def _read_names_and_keys(cells: dict[str, pl.Series], columns: dict[str, pl.Series]) -> None:
    rows = columns["_row"]
    name = cells.get("name")
    tidy = nulls(rows, pl.String()) if name is None else name.str.replace_all(r"\s+", " ")
    columns["name"] = tidy.set(tidy == "", None)
    columns["_sent_key"] = cells.get("registration", nulls(rows, pl.String()))


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
