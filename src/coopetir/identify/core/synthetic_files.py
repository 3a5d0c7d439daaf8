"""How is the invented registry written down, in each shape that a chamber or a portal delivers?

One file per year, all of them appearing together at the end: ``registro_2014.txt`` … Shapes: ``delivered`` (``|``,
Windows-1252, headers in capitals with spaces), ``national`` (36 columns, quoted UTF-8, no place, jobs or money),
``open`` (a chamber's own set: ``;``, UTF-8 with BOM, names as a portal writes them) and ``canonical`` (Parquet, always
clean). Beside them: truth.csv, industries.csv, regions.csv, dirt.csv and a README that says it is all invented.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path
from typing import Any, BinaryIO, Literal

import numpy as np
import polars as pl

from coopetir.foundation.core import catalogues
from coopetir.foundation.core.extracts.registry import CANONICAL
from coopetir.foundation.core.progress import Progress, silent
from coopetir.foundation.core.tables import replacing, write_table
from coopetir.identify.core.synthetic import Plan, Recipe, industry_table, plan
from coopetir.identify.core.synthetic_dirt import Dirt
from coopetir.identify.core.synthetic_firms import CHUNK, registry, roster_size
from coopetir.identify.core.synthetic_truth import truth

Shape = Literal["delivered", "open", "national", "canonical"]

README = """# Registro inventado · Invented registry

**Todo lo de esta carpeta es inventado.** Las empresas, sus números, su empleo y sus ventas no existen; los
códigos (DIVIPOLA, CIIU, cámaras) y las proporciones generales son reales. No saque de aquí conclusiones sobre
ninguna región. Números de identificación: NIT desde 990000000 y personales desde 1900000000, rangos que se
creen sin usar.

**Everything in this folder is invented.** Firms, numbers, jobs and sales do not exist; codes and overall shares
are real. Draw no conclusion about any region from it.

| Archivo / file | Contenido / content |
|---|---|
| registro_AAAA.* | extracto de cada año, forma «{shape}» · one extract per year |
| truth.csv | qué es verdad de cada departamento y familia · what is true of each department and family |
| industries.csv | clases, familias y evidencia inventada para `coopetir screen` · families and invented evidence |
| regions.csv | departamentos · departments |
| dirt.csv | cuántas celdas (o filas, o archivos) se dañaron y cómo · how many cells (or rows, or files) were spoiled, and how |

Receta / recipe: region {region}, firms {firms}, country_firms {country_firms}, years {first_year}-{last_year},
planted {planted}, seed {seed}. {scale}
"""

SAMPLED = (
    "El resto del país está submuestreado: los cocientes de la región se acercan a 1. / "
    "The rest of the country is under-sampled: quotients of the region are drawn towards 1."
)


def write_registry(
    recipe: Recipe,
    seed: int,
    out: Path,
    *,
    shape: Shape = "delivered",
    dirty: bool = True,
    progress: Progress = silent,
) -> dict[str, Any]:
    """Invent a registry and write it to a folder; returns a summary (files, rows per year, spoiled cells).

    The same recipe, seed, shape and dirt give the same bytes. Memory: one chunk of firms.

    :raises RecipeImpossible: :raises OutputNotWritten:
    """
    rng = np.random.default_rng(seed)
    drawn = plan(rng, recipe)
    dirt = Dirt(np.random.default_rng([seed, 1])) if dirty and shape != "canonical" else None
    rows = _write_years(rng, drawn, out, shape, dirt, progress)
    write_table(truth(drawn), out / "truth.csv")
    write_table(industry_table(drawn), out / "industries.csv")
    places = catalogues.departments().select(pl.col("department").alias("region"), "name", "population_2024")
    write_table(places, out / "regions.csv")
    spoiled = {} if dirt is None else dict(dirt.tally)
    counts = {"fault": list(spoiled), "count": list(spoiled.values())}
    write_table(pl.DataFrame(counts, schema={"fault": pl.String, "count": pl.Int64}), out / "dirt.csv")
    fields = {name: getattr(recipe, name) for name in recipe.__dataclass_fields__}
    scale = "" if recipe.country_firms is None else SAMPLED
    with replacing(out / "README.md") as temporary:
        temporary.write_text(README.format(shape=shape, seed=seed, scale=scale, **fields), encoding="utf-8")
    return {
        "out": str(out),
        "shape": shape,
        "files": sorted(_name(year, shape) for year in rows),
        "rows": rows,
        "spoiled": spoiled,
    }


def _name(year: int, shape: Shape) -> str:
    return f"registro_{year}.{ {'delivered': 'txt', 'canonical': 'parquet'}.get(shape, 'csv') }"


def _write_years(
    rng: np.random.Generator, drawn: Plan, out: Path, shape: Shape, dirt: Dirt | None, progress: Progress
) -> dict[int, int]:
    years = drawn.recipe.years
    rows = dict.fromkeys(years, 0)
    total = max(1, -(-roster_size(drawn) // CHUNK))
    with ExitStack() as stack:
        temporary = {year: stack.enter_context(replacing(out / _name(year, shape))) for year in years}
        with ExitStack() as open_files:
            # One year was saved from another program: no two extracts of a real series agree on this.
            foreign = years[1] if dirt is not None and shape == "delivered" else None
            writers = {
                year: _writer(open_files, temporary[year], shape, "utf-8" if year == foreign else None)
                for year in years
            }
            if dirt is not None and foreign is not None:
                dirt.tally["file.utf8"] = 1
            for done, chunk in enumerate(registry(rng, drawn), start=1):
                progress(min(done, total - 1), total, "write")
                frame = chunk if dirt is None else dirt.rows(chunk)
                for (year, *_), part in frame.partition_by("year", as_dict=True, maintain_order=True).items():
                    writers[int(year)](part, dirt)
                    rows[int(year)] += part.height
        progress(total, total, "write")
    return rows


Write = Callable[[pl.DataFrame, Dirt | None], None]


def _writer(stack: ExitStack, path: Path, shape: Shape, encoding: str | None) -> Write:
    if shape == "canonical":
        return _parquet_writer(stack, path)
    return _text_writer(stack.enter_context(path.open("wb")), shape, encoding)


def _parquet_writer(stack: ExitStack, path: Path) -> Write:
    import pyarrow.parquet as pq

    schema = pl.DataFrame(schema=CANONICAL).to_arrow().schema
    writer = stack.enter_context(pq.ParquetWriter(path, schema, compression="zstd"))

    def write(frame: pl.DataFrame, dirt: Dirt | None) -> None:
        writer.write_table(frame.select(list(CANONICAL)).to_arrow().cast(schema))

    return write


def _text_writer(stream: BinaryIO, shape: Shape, encoding: str | None) -> Write:
    separator, usual, quote = FORMATS[shape]
    encoding = encoding or usual
    header = HEADERS[shape]

    def write(frame: pl.DataFrame, dirt: Dirt | None) -> None:
        first = stream.tell() == 0
        texts = as_text(frame)
        texts = texts if dirt is None else dirt.texts(texts)
        shaped = texts.select(pl.col(column).alias(name) for name, column in header.items())
        lines = shaped.write_csv(separator=separator, include_header=first, quote_style=quote)
        if first and encoding == "utf-8-sig":
            stream.write(b"\xef\xbb\xbf")
        stream.write(lines.encode("utf-8" if encoding.startswith("utf") else encoding))

    return write


def as_text(frame: pl.DataFrame) -> pl.DataFrame:
    """Canonical rows as clean text, with the labels and empty columns that the shapes need."""
    codes = catalogues.registry_codes()

    def label(column: str, listed: str) -> pl.Expr:
        mine = codes.filter(pl.col("list") == listed)
        return pl.col(column).replace_strict(mine["code"], mine["label"], default=None)

    chambers = catalogues.chambers()
    towns = catalogues.municipalities()
    department = pl.col("municipality").replace_strict(
        towns["municipality"], towns["department_name"], default=None
    )
    chamber = pl.col("chamber").replace_strict(chambers["chamber"], chambers["seat_name"], default=None)
    whole = [pl.col(column).cast(pl.Int64).cast(pl.String) for column in ("assets_cop", "income_cop", "jobs")]
    dates = [
        pl.col(column).dt.strftime("%Y%m%d") for column in ("registered_on", "renewed_on", "cancelled_on")
    ]
    natural = pl.col("category") == "00"
    return frame.with_columns(
        *whole,
        *dates,
        pl.col("year", "last_renewed_year").cast(pl.String),
        # One company in ten carries an Ñ, so that encodings have something to break.
        pl.col("name").str.replace(r"^EMPRESA (DEMO \d*7)\b", "COMPAÑIA $1"),
        chamber_name=_capitals(chamber),
        department_name=_capitals(department),
        legal_label=label("legal_form", "codigo_organizacion_juridica"),
        category_label=label("category", "codigo_categoria_matricula"),
        status_label=label("status", "codigo_estado_matricula"),
        id_class=pl.when(natural).then(pl.lit("01")).otherwise(pl.lit("02")),
        id_label=pl.when(natural).then(pl.lit("CEDULA DE CIUDADANIA")).otherwise(pl.lit("NIT")),
        id_number=pl.col("nit"),
        company_nit=pl.when(~natural).then(pl.col("nit")),
        society=pl.when(natural).then(pl.lit("00")).otherwise(pl.lit("02")),
        society_label=pl.when(natural).then(pl.lit("NO APLICA")).otherwise(pl.lit("SOCIEDAD COMERCIAL")),
        no_end=pl.lit("99991231"),
        updated=pl.concat_str(pl.col("year").cast(pl.String), pl.lit("/12/31 00:00:00")),
        representative=pl.concat_str(pl.lit("REPRESENTANTE DEMO "), pl.col("registration").str.tail(6)),
        representative_id=pl.concat_str(pl.lit("19"), pl.col("registration").str.tail(8)),
        no_proponent=pl.lit("000000000000"),
        blank=pl.lit(None, pl.String),
    )


def _capitals(name: pl.Expr) -> pl.Expr:
    plain = name.str.to_uppercase().str.replace_many(
        ["Á", "É", "Í", "Ó", "Ú", "Ü"], ["A", "E", "I", "O", "U", "U"]
    )
    return plain.str.replace(r", D\.C\.$", "")


FORMATS: dict[str, tuple[str, str, Literal["never", "always", "necessary"]]] = {
    "delivered": ("|", "cp1252", "never"),
    "national": (",", "utf-8", "always"),
    "open": (";", "utf-8-sig", "necessary"),
}

_DELIVERED = {
    "MATRICULA": "registration",
    "RAZON_SOCIAL": "name",
    "CODIGO_CLASE_IDENTIFICACION": "id_class",
    "NUMERO_IDENTIFICACION": "nit",
    "FECHA_RENOVACION": "renewed_on",
    "ULTIMO_ANO_RENOVADO": "last_renewed_year",
    "FECHA_MATRICULA": "registered_on",
    "FECHA_CANCELACION": "cancelled_on",
    "CODIGO_ORGANIZACION_JURIDICA": "legal_form",
    "DESC_ORGANIZACION_JURIDICA": "legal_label",
    "CODIGO_TIPO_SOCIEDAD": "society",
    "DESC_TIPO_SOCIEDAD": "society_label",
    "CODIGO_CATEGORIA_MATRICULA": "category",
    "DESC_CATEGORIA_MATRICULA": "category_label",
    "CODIGO_ESTADO_MATRICULA": "status",
    "MUNICIPIO_COMERCIAL": "municipality",
    "DPTO_COMERCIAL": "department_name",
    "COD_CIIU_ACT_ECON_PRI": "activity_1",
    "ACTIVOS_TOTAL": "assets_cop",
    "COD_CIIU_ACT_ECON_SEC": "activity_2",
    "CIIU3": "activity_3",
    "CIIU4": "activity_4",
    "FECHA_INICIO_ACT_ECON_PRI": "registered_on",
    "CIIU_MAYORES_INGRESOS": "top_income_activity",
    "INGRESOS_ACTIVIDAD_ORDINARIA": "income_cop",
    "UTILIDAD_PERDIDA_OPERACIONAL": "blank",
    "RESULTADO_DEL_PERIODO": "blank",
    "EMPLEADOS": "jobs",
}

HEADERS: dict[str, dict[str, str]] = {
    "delivered": {f" {name} ": column for name, column in _DELIVERED.items()},
    "national": {
        "codigo_camara": "chamber",
        "camara_comercio": "chamber_name",
        "matricula": "registration",
        "inscripcion_proponente": "no_proponent",
        "razon_social": "name",
        "primer_apellido": "blank",
        "segundo_apellido": "blank",
        "primer_nombre": "blank",
        "segundo_nombre": "blank",
        "sigla": "blank",
        "codigo_clase_identificacion": "id_class",
        "clase_identificacion": "id_label",
        "numero_identificacion": "id_number",
        "nit": "company_nit",
        "digito_verificacion": "nit_dv",
        "cod_ciiu_act_econ_pri": "activity_1",
        "cod_ciiu_act_econ_sec": "activity_2",
        "ciiu3": "activity_3",
        "ciiu4": "activity_4",
        "fecha_matricula": "registered_on",
        "fecha_renovacion": "renewed_on",
        "ultimo_ano_renovado": "last_renewed_year",
        "fecha_vigencia": "no_end",
        "fecha_cancelacion": "cancelled_on",
        "codigo_tipo_sociedad": "society",
        "tipo_sociedad": "society_label",
        "codigo_organizacion_juridica": "legal_form",
        "organizacion_juridica": "legal_label",
        "codigo_categoria_matricula": "category",
        "categoria_matricula": "category_label",
        "codigo_estado_matricula": "status",
        "estado_matricula": "status_label",
        "clase_identificacion_rl": "id_label",
        "num_identificacion_representante_legal": "representative_id",
        "representante_legal": "representative",
        "fecha_actualizacion": "updated",
    },
    "open": {
        "matricula": "registration",
        "nit": "company_nit",
        "dv": "nit_dv",
        "raz_n_social": "name",
        "organizaci_n_jur_dica": "legal_form",
        "categor_a": "category",
        "estado": "status",
        "ciiu_1": "activity_1",
        "ciiu_2": "activity_2",
        "mun_comercial": "municipality",
        "fecha_de_matricula": "registered_on",
        "fecha_de_renovaci_n": "renewed_on",
        "ultimo_a_o_renovado": "last_renewed_year",
        "activo_total": "assets_cop",
        "ingresos": "income_cop",
        "personal": "jobs",
        "representante_legal": "representative",
    },
}
"""Header → column of :func:`as_text`, in file order, per text shape."""
