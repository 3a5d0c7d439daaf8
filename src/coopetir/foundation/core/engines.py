"""Which engine adds up millions of rows, and how does pure code ask it to?

DuckDB, embedded, is the default. Work that must also run on Spark is written once as an Ibis expression
over unbound tables (:func:`table`); an engine turns it into SQL of its own dialect and runs that SQL itself.
So nothing but this module knows DuckDB, Ibis or Spark, no Ibis connection is opened, and Ibis is imported only
when an expression is built. Spark is an optional extra and needs Java.

A source is a Parquet path, a list of Parquet paths with the same columns, or a Polars frame.
"""

from __future__ import annotations

import os
import re
from abc import ABC, abstractmethod
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Any, Literal, Protocol

import polars as pl

from coopetir.foundation.core.errors import CoopetirError
from coopetir.foundation.core.tables import TableMissing, replacing

if TYPE_CHECKING:
    import duckdb
    from ibis.expr.types import BooleanColumn, StringColumn, Table

    __all__ = ["BooleanColumn", "StringColumn", "Table"]

Source = Path | str | Sequence[Path | str] | pl.DataFrame
Name = Literal["duckdb", "spark"]


class EngineMissing(CoopetirError):
    code = "engine.missing"
    es = "El motor {engine} no está disponible ({why}). Instale el extra «coopetir[spark]» y Java 17, o use DuckDB, que viene incluido."
    en = "The engine {engine} is not available ({why}). Install the extra “coopetir[spark]” and Java 17, or use DuckDB, which is included."


class EngineOutOfMemory(CoopetirError):
    code = "engine.out_of_memory"
    es = "El cálculo no cupo en {memory} de memoria ({why}). Suba el límite de memoria o libere disco para los archivos temporales."
    en = "The computation did not fit in {memory} of memory ({why}). Raise the memory limit or free disk for temporary files."


class SourceUnusable(CoopetirError):
    code = "engine.source_unusable"
    es = "El motor no pudo leer o combinar las tablas ({why}). Revise que todos los archivos sean Parquet y tengan las mismas columnas."
    en = "The engine could not read or combine the tables ({why}). Check that all files are Parquet with the same columns."


class Engine(Protocol):
    """What every engine can do. ``sources`` maps each table name of the expression to its rows."""

    def run(self, expression: Table, sources: Mapping[str, Source]) -> pl.DataFrame:
        """The rows of an Ibis expression over unbound tables (order: whatever the expression states)."""
        ...

    def close(self) -> None: ...

    def __enter__(self) -> Engine: ...

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None: ...


def table(name: str, schema: Mapping[str, str]) -> Table:
    """An unbound Ibis table to build an expression on, e.g. ``table("registry", {"year": "int32"})``."""
    import ibis

    return ibis.table(dict(schema), name=name)


def to_sql(expression: Table, dialect: Name) -> str:
    """The expression as SQL of one engine. Needs no connection; ``spark`` needs PySpark to be installed."""
    import ibis

    if dialect == "duckdb":
        return str(ibis.to_sql(expression, dialect="duckdb"))
    # Naming the backend loads it, and with it the options that its compiler reads.
    return str(ibis.to_sql(expression, dialect=ibis.pyspark.name))


def parquet_schema(source: Source) -> dict[str, pl.DataType]:
    """Column names and types of a source, read from the header of its first file."""
    if isinstance(source, pl.DataFrame):
        return dict(source.schema)
    path = _paths(source)[0]
    try:
        # From an open file: Polars would take marks such as * in a path for a pattern.
        with path.open("rb") as stream:
            return dict(pl.read_parquet_schema(stream))
    except (pl.exceptions.PolarsError, OSError) as error:
        raise SourceUnusable(why=f"{path.name}: {_first_line(error)}") from error


def connect(
    engine: Name = "duckdb",
    *,
    memory: str = "2GB",
    threads: int | None = None,
    temporary: Path | str | None = None,
) -> DuckDBEngine | SparkEngine:
    """Open an engine. Close it, or use it in a ``with`` block.

    :param memory: what the engine may use, e.g. ``"2GB"``; DuckDB then spills to ``temporary``.
    :param threads: processor cores; None = those of the machine.
    :param temporary: folder for spilled data; None = the system's.
    :raises EngineMissing: Spark was asked for and PySpark or Java is absent.
    """
    if engine == "duckdb":
        return DuckDBEngine(memory=memory, threads=threads, temporary=temporary)
    return SparkEngine(memory=memory, threads=threads, temporary=temporary)


class _Closing(ABC):
    @abstractmethod
    def close(self) -> None:
        """Let go of what the engine holds."""

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


class DuckDBEngine(_Closing):
    """DuckDB in memory: no file of its own, no network, no extension fetched."""

    def __init__(self, *, memory: str, threads: int | None, temporary: Path | str | None) -> None:
        import tempfile

        import duckdb

        self._memory = memory
        self._failures = duckdb.Error
        self._out_of_memory = duckdb.OutOfMemoryException
        config: dict[str, str | bool | int | float | list[str]] = {
            "memory_limit": memory,
            "threads": threads or os.cpu_count() or 1,
            "temp_directory": str(temporary or Path(tempfile.gettempdir()) / f"coopetir-{os.getpid()}"),
            "preserve_insertion_order": False,
            "autoinstall_known_extensions": False,
            "autoload_known_extensions": False,
        }
        self._connection: duckdb.DuckDBPyConnection = duckdb.connect(":memory:", config=config)

    def __enter__(self) -> DuckDBEngine:
        return self

    def close(self) -> None:
        self._connection.close()

    def run(self, expression: Table, sources: Mapping[str, Source]) -> pl.DataFrame:
        """The rows of an Ibis expression; see :class:`Engine`."""
        return self.query(to_sql(expression, "duckdb"), sources)

    def query(self, sql: str, sources: Mapping[str, Source], parameters: Sequence[Any] = ()) -> pl.DataFrame:
        """The rows of one DuckDB statement over named sources, with ``?`` parameters.

        For work that never leaves DuckDB; what Spark must repeat is an expression given to :meth:`run`.

        :raises EngineOutOfMemory: :raises SourceUnusable: :raises TableMissing:
        """
        with self._translated():
            self._name(sources)
            rows = self._connection.sql(sql, params=list(parameters)).to_arrow_table()
        frame = pl.from_arrow(rows)
        assert isinstance(frame, pl.DataFrame)  # noqa: S101  (an Arrow table is never a Series)
        return frame

    def write(self, expression: Table | str, sources: Mapping[str, Source], target: Path) -> None:
        """Run and stream the rows into one Parquet file: the whole file or none."""
        sql = expression if isinstance(expression, str) else to_sql(expression, "duckdb")
        with replacing(target) as temporary, self._translated():
            self._name(sources)
            self._connection.execute(f"COPY ({sql}) TO {_literal(str(temporary))} (FORMAT parquet)")

    def _name(self, sources: Mapping[str, Source]) -> None:
        for name, source in sources.items():
            self._connection.unregister(name)
            self._connection.execute(f"DROP VIEW IF EXISTS {_identifier(name)}")
            if isinstance(source, pl.DataFrame):
                self._connection.register(name, source.to_arrow())
                continue
            files = ", ".join(_literal(_no_glob(path)) for path in _paths(source))
            rows = f"read_parquet([{files}], union_by_name = true)"
            self._connection.execute(f"CREATE TEMP VIEW {_identifier(name)} AS SELECT * FROM {rows}")  # noqa: S608

    @contextmanager
    def _translated(self) -> Iterator[None]:
        try:
            yield
        except self._out_of_memory as error:
            raise EngineOutOfMemory(memory=self._memory, why=_first_line(error)) from error
        except self._failures as error:
            raise SourceUnusable(why=_first_line(error)) from error


class SparkEngine(_Closing):
    """A local Spark session. It takes 15 s or more to start: never for one small table."""

    def __init__(self, *, memory: str, threads: int | None, temporary: Path | str | None) -> None:
        try:
            from pyspark.sql import SparkSession
        except ImportError as error:
            raise EngineMissing(engine="Spark", why=_first_line(error)) from error
        self._session = _spark_session(SparkSession, memory, threads or os.cpu_count() or 1, temporary)

    def __enter__(self) -> SparkEngine:
        return self

    def close(self) -> None:
        self._session.stop()

    def run(self, expression: Table, sources: Mapping[str, Source]) -> pl.DataFrame:
        """The rows of an Ibis expression; see :class:`Engine`."""
        from pyspark.errors import PySparkException

        try:
            for name, source in sources.items():
                self._frame(source).createOrReplaceTempView(name)
            rows = self._session.sql(to_sql(expression, "spark")).toArrow()
        except PySparkException as error:
            raise SourceUnusable(why=_first_line(error)) from error
        frame = pl.from_arrow(rows)
        assert isinstance(frame, pl.DataFrame)  # noqa: S101  (an Arrow table is never a Series)
        return frame

    def _frame(self, source: Source) -> Any:
        if isinstance(source, pl.DataFrame):
            return self._session.createDataFrame(source.to_arrow())
        return self._session.read.parquet(*(_spark_path(path) for path in _paths(source)))


def _spark_session(builder: Any, memory: str, threads: int, temporary: Path | str | None) -> Any:
    settings = {
        "spark.driver.memory": re.sub(r"(?i)b$", "", memory).lower(),
        "spark.ui.enabled": "false",
        "spark.sql.shuffle.partitions": str(2 * threads),
        "spark.driver.bindAddress": "127.0.0.1",
        "spark.driver.host": "127.0.0.1",
        "spark.sql.session.timeZone": "UTC",
        "spark.sql.execution.arrow.pyspark.enabled": "true",
        "spark.log.level": "ERROR",
    }
    if temporary is not None:
        settings["spark.local.dir"] = str(temporary)
    session = builder.builder.master(f"local[{threads}]").appName("coopetir")
    for key, value in settings.items():
        session = session.config(key, value)
    try:
        return session.getOrCreate()
    except Exception as error:  # a missing or wrong Java surfaces as many kinds of error
        raise EngineMissing(engine="Spark", why=_first_line(error)) from error


def _paths(source: Path | str | Sequence[Path | str]) -> list[Path]:
    given = [source] if isinstance(source, Path | str) else list(source)
    paths = [Path(path) for path in given]
    for path in paths:
        if not path.is_file():
            raise TableMissing(source=str(path))
    if not paths:
        raise TableMissing(source="")
    return paths


def _no_glob(path: Path) -> str:
    return re.sub(r"([*?\[])", r"[\1]", str(path))


def _spark_path(path: Path) -> str:
    return re.sub(r"([*?\[\]{}\\])", r"\\\1", str(path.resolve()))


def _literal(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"


def _identifier(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'


def _first_line(error: BaseException) -> str:
    return (str(error).strip().splitlines() or [type(error).__name__])[0][:200]
