"""What may a table of one's own say about industries that a registry does not: technology and demand?"""

from __future__ import annotations

import polars as pl

from coopetir.foundation.core.errors import CoopetirError
from coopetir.foundation.core.tables import as_codes, as_measure, require_columns, unique_keys

ATTRIBUTES = ("tech_intensity", "world_demand_growth", "world_imports_usd")
"""Technology on any scale where more is more; yearly growth of world imports (0.05 = 5 %); world imports in USD."""


class AttributesMissing(CoopetirError):
    code = "attributes.missing"
    es = "«{source}» no trae ninguna de las columnas {columns}. Agregue al menos una, con los códigos CIIU en industry."
    en = "“{source}” has none of the columns {columns}. Add at least one, with the CIIU codes in industry."


def checked_attributes(table: pl.DataFrame, *, source: str) -> pl.DataFrame:
    """``industry`` and those of :data:`ATTRIBUTES` the table has, one row per industry, empty = unknown.

    :raises AttributesMissing: :raises CoopetirError: a value or key is refused, by row.
    """
    require_columns(table, ["industry"], source=source)
    given = [name for name in ATTRIBUTES if name in table.columns]
    if not given:
        raise AttributesMissing(source=source, columns=list(ATTRIBUTES))
    table = as_codes(table, "industry", source=source)
    unique_keys(table, ["industry"], source=source)
    for name in given:
        table = as_measure(table, name, source=source, negative=True)
    return table.select("industry", *given)
