"""Which exports by firm does a table hold? ``nit, product (HS), fob_usd`` however the headers call them."""

from __future__ import annotations

from pathlib import Path

import polars as pl

from coopetir.foundation.core.extracts.plain import SYNONYMS, PlainMarkUnclear
from coopetir.foundation.core.extracts.registry import header_keys
from coopetir.foundation.core.extracts.values import as_number, decimal_mark_of
from coopetir.foundation.core.nit import parse_nit
from coopetir.foundation.core.tables import ColumnMissing
from coopetir.identify.core.member_list import check_small_table, small_table

NAMES = {
    "nit": ("nit", "nit_exportador", "exportador", "id_exportador"),
    "product": ("product", "producto", "hs", "hs6", "posar", "subpartida", "posicion_arancelaria", "partida"),
    "fob_usd": ("fob_usd", "fobdol", "valor_fob_usd", "fob", *SYNONYMS["value"][:3]),
}


def read_exports(path: Path, *, name: str = "") -> tuple[pl.DataFrame, int]:
    """Rows ``nit, product, fob_usd``, and how many rows were left out for lack of a readable one of them.

    An odd number of digits has lost its zero; six to ten digits are read, the first six decide the class.

    :raises ColumnMissing: :raises PlainMarkUnclear: :raises CoopetirError: the file is refused.
    """
    shown = name or path.name
    check_small_table(path, shown)
    table = small_table(path, shown)
    columns = {wanted: _find(table, names) for wanted, names in NAMES.items()}
    missing = [wanted for wanted, header in columns.items() if header is None]
    if missing:
        raise ColumnMissing(source=shown, columns=missing, found=list(table.columns))
    text = table.select(**{wanted: pl.col(str(header)) for wanted, header in columns.items()})
    mark = decimal_mark_of(text["fob_usd"])
    if mark == "ambiguous" or mark == "mixed":
        example = next((value for value in text["fob_usd"] if value and ("," in value or "." in value)), "")
        raise PlainMarkUnclear(column="fob_usd", file=shown, example=example)
    digits = pl.col("product").str.replace_all(r"[.\s]", "")
    odd = digits.str.len_chars() % 2 == 1
    rows = text.with_columns(
        nit=pl.Series([parse_nit(value).number for value in text["nit"]], dtype=pl.String),
        product=pl.when(odd).then(pl.concat_str(pl.lit("0"), digits)).otherwise(digits),
        fob_usd=as_number(pl.col("fob_usd"), mark),
    )
    readable = pl.col("product").str.contains(r"^\d{6,10}$") & (pl.col("fob_usd") >= 0)
    kept = rows.filter(readable & pl.col("nit").is_not_null())
    return kept, rows.height - kept.height


def _find(table: pl.DataFrame, names: tuple[str, ...]) -> str | None:
    for name in names:
        for header in table.columns:
            if name in header_keys(header):
                return header
    return None
