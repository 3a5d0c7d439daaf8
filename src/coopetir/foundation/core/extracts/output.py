"""How is a reading written: a folder whole or not at all, one row per firm and year?"""

from __future__ import annotations

import shutil
from pathlib import Path

import polars as pl
import pyarrow as pa
import pyarrow.parquet as parquet

from coopetir.foundation.core import engines

OUTPUTS = ("firms.parquet", "issues.parquet", "issues.csv", "profile.toml", "reading.json", "redacted")
MEMORY = "400MB"
HOLDER_LIMIT = 12  # a number on more registrations than this is a placeholder, not a holder


class ParquetAppender:
    """Appends frames of one schema to a Parquet file."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.writer: parquet.ParquetWriter | None = None

    def __enter__(self) -> ParquetAppender:
        return self

    def write(self, frame: pl.DataFrame) -> None:
        """Add rows; the first frame fixes the schema."""
        table: pa.Table = frame.to_arrow()
        if self.writer is None:
            self.writer = parquet.ParquetWriter(self.path, table.schema, compression="zstd")
        self.writer.write_table(table.cast(self.writer.schema))

    def __exit__(self, *_: object) -> None:
        if self.writer is not None:
            self.writer.close()


_RANKED = """
with ranked as (
  select _file, _row, _holder, year, status, renewed_on, last_renewed_year,
    row_number() over (partition by year, chamber, registration order by {best}) as place
  from rows
), held as (
  select _file, _row, row_number() over (partition by year, _holder order by {best}) as place,
    count(*) over (partition by year, _holder) as many
  from ranked where place = 1 and _holder is not null
)
select _file, _row, 'key.duplicated' as code from ranked where place > 1
union all
select _file, _row, case when many > {limit} then 'holder.many' else 'holder.duplicated' end as code
from held where place > 1
"""
_BEST = "(status = '01') desc nulls last, renewed_on desc nulls last, last_renewed_year desc nulls last, _file, _row"


def losers_of(rows: Path, folder: Path) -> pl.DataFrame:
    """Rows beaten by another row of the same key or holder in the same year: active first, then latest renewal.

    Columns: _file, _row, code. ``holder.many`` marks rows that share a number with too many others to be believed;
    they are not beaten.
    """
    with engines.connect(memory=MEMORY, temporary=folder / "spill") as engine:
        assert isinstance(engine, engines.DuckDBEngine)  # noqa: S101  (the default engine)
        found = engine.query(_RANKED.format(best=_BEST, limit=HOLDER_LIMIT), {"rows": rows})
    shutil.rmtree(folder / "spill", ignore_errors=True)
    return found.with_columns(pl.col("_file").cast(pl.Int32), pl.col("_row").cast(pl.Int64))
