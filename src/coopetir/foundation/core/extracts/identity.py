"""Who holds each registration, under which key, and is the holder a natural person?

The number of a natural person leaves this module only as a hash whose key is thrown away.
"""

from __future__ import annotations

import polars as pl

from coopetir.foundation.core.extracts import redact
from coopetir.foundation.core.extracts.issues import IssueLog
from coopetir.foundation.core.extracts.plan import Plan, log_notes, nulls
from coopetir.foundation.core.extracts.registry import ACTIVE, CANONICAL, FIRM_CATEGORIES
from coopetir.foundation.core.nit import PLACEHOLDERS, check_digit_of

_DIGITS_WITH_DV = r"^([\d.\s,]*\d)\s*[-–/]\s*(\d)$"


def identified(
    frame: pl.DataFrame, cells: dict[str, pl.Series], plan: Plan, log: IssueLog, file: str
) -> pl.DataFrame:
    """Tax number, holder and mask. The identity of a person leaves this function only as a keyed hash."""
    rows = frame["_row"]
    sent = cells.get("nit", nulls(rows, pl.String()))
    other = cells.get("id_number", nulls(rows, pl.String()))
    kind = cells.get("id_class", nulls(rows, pl.String()))
    digit = cells.get("nit_dv", nulls(rows, pl.String()))
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
    log_notes(log, file, "nit", read["note"], frame["_row"], shown, "nit")


def keyed(frame: pl.DataFrame, log: IssueLog, file: str) -> pl.DataFrame:
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
