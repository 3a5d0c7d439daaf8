"""Which columns and rows speak about natural persons, and what is kept of them?

Most registrants are natural persons. Names of representatives, surnames, identity numbers, telephones, e-mail and
addresses are dropped before anything is stored; the name of a natural person becomes ``PERSONA NATURAL`` and the
number is not kept, unless a profile states a purpose. Nothing known about the holder means: masked.
"""

from __future__ import annotations

import re

import polars as pl

from coopetir.foundation.core.extracts.registry import header_keys
from coopetir.foundation.core.nit import looks_company

MASK = "PERSONA NATURAL"

_PERSONAL = re.compile(
    r"apellido|primer_nombre|segundo_nombre|prinom|segnom|nombres?_(rep|propietario|contacto)|representante|_rl$|^rl_"
    r"|^rep_legal|contacto|cedula|c_dula|^cc$|documento_rep|num_identificacion_rep|celular|^cel_?|m_vil|movil|tel"
    r"|^fax|mail|correo|direcc|^dir_|^dir$|dircom|^barrio|genero|g_nero|^sexo|fecha_nac|nacimiento|propietario_nombre"
    r"|suplente|gerente|revisor|^url|pagina_web|sitio_web"
)  # fmt: skip
_COMPANY_NAME = (
    r"\b(S\.?\s?A\.?\s?S|LTDA|LIMITADA|S\.?\s?A\.?|SOCIEDAD|E\.?\s?S\.?\s?P|COOPERATIVA|FUNDACION|CORPORACION|ASOCIACION"
    r"|S\.?\s?EN\s?C|Y\s+CIA|E\.?\s?U)\b\.?"
)


def is_personal_header(header: str) -> bool:
    """True when a header names data of a natural person (or where she lives)."""
    return any(_PERSONAL.search(key) for key in header_keys(header))


def looks_personal(values: pl.Series) -> bool:
    """True when a third or more of the values are e-mail addresses or mobile numbers."""
    given = values.drop_nulls().str.strip_chars().head(2000)
    given = given.filter(given != "")
    if len(given) < 3:
        return False
    mail = given.str.contains(r"^[^@\s]+@[^@\s]+\.[^@\s]+$")
    mobile = given.str.contains(r"^(\+?57)?[\s-]?3\d{2}[\s-]?\d{3}[\s-]?\d{4}(\.0)?$")
    return float((mail | mobile).cast(pl.Float64).mean() or 0) >= 1 / 3  # type: ignore[arg-type]


def natural_person() -> pl.Expr:
    """True unless a cleaned row is known to be a legal person's.

    Needs legal_form, category, _id_class, nit, name. The legal form decides; then the category; then the class of
    identification; then the form of the NIT; then a legal suffix in the name; else the row counts as a person's.
    """
    form, category, identified = pl.col("legal_form"), pl.col("category"), pl.col("_id_class")
    company = pl.col("name").str.to_uppercase().str.contains(_COMPANY_NAME)
    return (
        pl.when(form.is_not_null() & (form != "00"))
        .then(form == "01")
        .when(category.is_in(["00", "01"]))
        .then(category == "00")
        .when(identified.is_not_null())
        .then(identified != "02")
        .when(looks_company(pl.col("nit")))
        .then(pl.lit(value=False))
        .when(company)
        .then(pl.lit(value=False))
        .otherwise(pl.lit(value=True))
    )


def mask(frame: pl.DataFrame, keep: tuple[str, ...] = ()) -> pl.DataFrame:
    """Cleaned rows with the names and numbers of natural persons (column ``_natural``) masked."""
    natural = pl.col("_natural")
    masked = []
    if "name" not in keep:
        masked.append(pl.when(natural).then(pl.lit(MASK)).otherwise(pl.col("name")).alias("name"))
    if "nit" not in keep:
        masked += [pl.when(~natural).then(pl.col(column)).alias(column) for column in ("nit", "nit_dv")]
    return frame.with_columns(masked)


def redacted(
    raw: pl.DataFrame,
    numbers: pl.Series,
    rows: pl.DataFrame,
    columns: dict[str, str],
    harmless: list[str],
    keep: tuple[str, ...],
) -> pl.DataFrame:
    """The copy that may be kept: recognised columns as sent, the name and numbers of natural persons masked."""
    kept = rows.select("_row", "_natural")
    headers = {header: name for name, header in columns.items()}
    chosen = [header for header in raw.columns if header in headers or header in harmless]
    frame = (
        raw.select(chosen)
        .with_columns(numbers.alias("_row"))
        .join(kept, on="_row", how="inner", maintain_order="left")
    )
    natural = pl.col("_natural")
    masked = []
    for header in chosen:
        name = headers.get(header)
        if name == "name" and "name" not in keep:
            masked.append(pl.when(natural).then(pl.lit(MASK)).otherwise(pl.col(header)).alias(header))
        if name in ("nit", "nit_dv", "id_number") and "nit" not in keep:
            masked.append(pl.when(~natural).then(pl.col(header)).alias(header))
    return frame.with_columns(masked).rename({"_row": "fila"}).drop("_natural")
