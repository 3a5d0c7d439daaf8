"""What do the shipped reference tables say? One function per table, in English columns, cached.

The files live in ``foundation/catalogues/`` with their own notice; codes are text and keep their zeros.
Each function returns the same frame every time (Polars frames are immutable in use; do not write into them).
Show :data:`ATTRIBUTION` wherever the data are displayed.
"""

from __future__ import annotations

import gzip
import json
import re
from functools import cache
from importlib.resources import files
from importlib.resources.abc import Traversable
from typing import Any, Literal

import polars as pl

from coopetir.foundation.core.isic_equivalents import ISIC_OF, OWN_TITLES

ATTRIBUTION = (
    "Fuentes: DANE (DIVIPOLA, MGN, GEIH, RELAB, IPC, proyecciones de población), RUES–Confecámaras, "
    "Superfinanciera (TRM), Banco de la República, DIAN (UVT), Datlas Colombia – Growth Lab, "
    "Universidad de Harvard"
)

Revision = Literal["4", "3"]
Level = Literal["section", "division", "group", "class"]

_LEVELS = {"seccion": "section", "division": "division", "grupo": "group", "clase": "class"}


def _file(name: str) -> Traversable:
    return files("coopetir.foundation") / "catalogues" / name


def _bytes(name: str) -> bytes:
    raw = _file(name).read_bytes()
    return gzip.decompress(raw) if name.endswith(".gz") else raw


_TYPES: dict[str, pl.DataType] = {"f": pl.Float64(), "i": pl.Int64(), "y": pl.Int32()}


def _table(name: str, columns: str) -> pl.DataFrame:
    """The file with its columns renamed. ``columns``: words ``as_sent=name``, text unless ``:f`` (Float64),
    ``:i`` (Int64), ``:y`` (Int32) or ``:d`` (Date) follows."""
    frame = pl.read_csv(_bytes(name), infer_schema=False)
    return frame.select(_column(*re.split("[=:]", word)) for word in columns.split())


def _column(sent: str, name: str, kind: str = "") -> pl.Expr:
    column = pl.col(sent).alias(name)
    if kind == "d":
        return column.str.to_date()
    return column.cast(_TYPES[kind]) if kind else column


@cache
def departments() -> pl.DataFrame:
    """33 rows: department (2 digits), name, official_name, planning_region, area_km2, lon, lat,
    population_2024, municipalities. Planning regions are unverified labels."""
    return _table(
        "departamentos.csv",
        "cod_dpto=department nombre=name nombre_oficial=official_name region_dnp=planning_region "
        "area_km2=area_km2:f lon=lon:f lat=lat:f poblacion_2024=population_2024:i "
        "n_municipios=municipalities:y",
    )


@cache
def municipalities() -> pl.DataFrame:
    """1,122 rows: municipality (DIVIPOLA 5), name, official_name, department, department_name, kind
    ("municipio" or "área no municipalizada"), area_km2, seat_lon, seat_lat, lon, lat (an interior point),
    metropolitan_area, population_2024. Cut of 2018: later municipalities are missing."""
    return _table(
        "municipios.csv",
        "cod_mpio=municipality nombre=name nombre_oficial=official_name cod_dpto=department "
        "departamento=department_name tipo=kind area_km2=area_km2:f lon_cabecera=seat_lon:f "
        "lat_cabecera=seat_lat:f lon_punto=lon:f lat_punto=lat:f "
        "area_metropolitana=metropolitan_area poblacion_2024=population_2024:i",
    )


@cache
def population() -> pl.DataFrame:
    """14,586 rows: municipality, year (2012–2024), population."""
    return _table(
        "poblacion_municipal_2012_2024.csv.gz", "cod_mpio=municipality anio=year:y poblacion=population:i"
    )


@cache
def boundaries(level: Literal["departments", "municipalities"]) -> dict[str, Any]:
    """A GeoJSON FeatureCollection (WGS84); the ``id`` of each feature is its DIVIPOLA code."""
    name = "departamentos.geojson" if level == "departments" else "municipios.geojson.gz"
    collection: dict[str, Any] = json.loads(_bytes(name))
    return collection


@cache
def chambers() -> pl.DataFrame:
    """57 rows: chamber (RUES 2 digits), name, seat_name, seat (municipality), department, website, open_set."""
    return _table(
        "camaras_comercio.csv",
        "codigo_rues=chamber nombre=name municipio_sede=seat_name cod_mpio_sede=seat "
        "cod_dpto_sede=department sitio_web=website conjunto_datos_gov_co=open_set",
    )


@cache
def municipality_chambers() -> pl.DataFrame:
    """1,122 rows: municipality, chamber, method, km. An approximation by distance, not the legal jurisdiction;
    ``method`` says which rows are verified."""
    return _table(
        "municipio_camara_aprox.csv",
        "cod_mpio=municipality codigo_camara=chamber metodo=method km_a_la_sede=km:f",
    )


@cache
def industries(revision: Revision = "4") -> pl.DataFrame:
    """Every section, division, group and class of CIIU A.C.: level, code, parent, section, title, title_en
    (of the ISIC code of the same activity; null for classes that only Colombia has), in_2012, in_current (both True for Rev. 3)."""
    if revision == "4":
        return _table(
            "ciiu_rev4_ac.csv",
            "nivel=level codigo=code padre=parent seccion=section titulo_es=title "
            "titulo_isic4_en_mismo_codigo=title_en en_2012=in_2012 en_vigente=in_current",
        ).with_columns(
            pl.col("level").replace_strict(_LEVELS),
            pl.col("in_2012", "in_current") == "1",
            title_en=_english_titles(),
        )
    frame = _table("ciiu_rev3_ac.csv", "nivel=level codigo=code padre=parent titulo_es=title")
    frame = frame.with_columns(pl.col("level").replace_strict(_LEVELS))
    parent = dict(frame.select("code", "parent").iter_rows())
    sections = [_top(code, parent) for code in frame["code"]]
    return frame.select(
        "level",
        "code",
        "parent",
        pl.Series("section", sections),
        "title",
        pl.lit(None, pl.String).alias("title_en"),
        pl.lit(value=True).alias("in_2012"),
        pl.lit(value=True).alias("in_current"),
    )


def _top(code: str, parent: dict[str, str | None]) -> str:
    above = parent.get(code)
    while above:
        code, above = above, parent.get(above)
    return code


@cache
def vintage_changes() -> pl.DataFrame:
    """12 rows: code_2012, code_current (null 2012 = new class), note. What the current update changed."""
    return _table(
        "ciiu_rev4_ac_cambios_2012_vigente.csv", "codigo_2012=code_2012 codigo_vigente=code_current nota=note"
    )


@cache
def revision_correspondence() -> pl.DataFrame:
    """874 rows: rev3, rev4 (2012 classes), targets (of that rev3), inherited. Many to many, no weights."""
    return _table(
        "ciiu_rev3_a_rev4_ac.csv",
        "ciiu_rev3_ac=rev3 ciiu_rev4_ac_2012=rev4 n_destinos=targets:y heredado_de_fila_anterior=inherited",
    ).with_columns(pl.col("inherited") == "1")


def _english_titles() -> pl.Expr:
    """``title_en`` by activity, not by code alone: Colombia gave some ISIC codes another meaning."""
    isic = dict(isic4_titles().iter_rows())
    titles = {code: isic[same] if same else OWN_TITLES[code] for code, same in ISIC_OF.items()}
    found = pl.col("code").replace_strict(titles, default=None, return_dtype=pl.String)
    return pl.when(pl.col("code").is_in(list(titles))).then(found).otherwise(pl.col("title_en"))


@cache
def isic4_titles() -> pl.DataFrame:
    """766 rows of ISIC Rev. 4: code, title_en."""
    return _table("isic_rev4_estructura_en.csv", "code=code title_en=title_en")


@cache
def technology_intensity() -> pl.DataFrame:
    """93 rows: code (2 digits, or 3 for exceptions), eurostat_manufacturing (verified), eurostat_services and
    oecd_2016 (unverified): low, medium_low, medium, medium_high, high."""
    return _table(
        "intensidad_tecnologica.csv",
        "ciiu_division_o_grupo=code eurostat_manufactura=eurostat_manufacturing "
        "eurostat_servicios=eurostat_services ocde_2016=oecd_2016",
    ).with_columns(
        pl.col("eurostat_manufacturing", "oecd_2016").replace(
            {
                "baja": "low",
                "media_baja": "medium_low",
                "media": "medium",
                "media_alta": "medium_high",
                "alta": "high",
            }
        )
    )


@cache
def families() -> pl.DataFrame:
    """79 rows, the nine clusters of Plataforma Clúster as families: family, cluster, start_year, role
    (nucleo, proveedor, comercio, apoyo), industry (CIIU Rev. 4 class), title. Written for this project."""
    return _table(
        "familias_clusteres_cali.csv",
        "familia=family cluster=cluster anio_de_inicio=start_year:y rol=role ciiu_rev4=industry titulo=title",
    )


@cache
def employment_rev4() -> pl.DataFrame:
    """GEIH 2022, 10,091 rows: year, department, industry (Rev. 4 class), jobs (monthly mean), income_mass_cop
    (a month), schooling_years. A survey: cells under about 100 people are noise."""
    return _table(
        "empleo_dpto_ciiu4_2022.csv",
        "cod_dpto=department ciiu_rev4_ac=industry ocupados_promedio_mes=jobs:f "
        "masa_ingreso_mensual_cop=income_mass_cop:f anios_educacion_promedio=schooling_years:f",
    ).select(pl.lit(2022, pl.Int32).alias("year"), pl.all())


@cache
def employment_rev3() -> pl.DataFrame:
    """GEIH 2012–2017, 51,255 rows: year, department, industry (Rev. 3 class), jobs, income_mass_cop (a month).
    No San Andrés. Never on one line with :func:`employment_rev4`."""
    return _table(
        "empleo_dpto_ciiu3_2012_2017.csv",
        "anio=year:y cod_dpto=department ciiu_rev3_ac=industry ocupados=jobs:f "
        "masa_ingreso_mensual_cop=income_mass_cop:f",
    )


@cache
def consumer_prices() -> pl.DataFrame:
    """853 rows: month ("2018-12"), index (December 2018 = 100), to July 2025."""
    return _table("ipc_mensual.csv", "mes=month ipc_base_dic2018=index:f")


@cache
def exchange_rates() -> pl.DataFrame:
    """8,098 rows: valid_from, valid_to (both included), cop_per_usd (TRM)."""
    return _table(
        "trm_diaria.csv.gz", "vigencia_desde=valid_from:d vigencia_hasta=valid_to:d cop_por_usd=cop_per_usd:f"
    )


@cache
def tax_units() -> pl.DataFrame:
    """20 rows: year (2007–2026), uvt_cop."""
    return _table("uvt.csv", "anio=year:y uvt_cop=uvt_cop:i")


@cache
def size_limits() -> pl.DataFrame:
    """3 rows of Decreto 957 de 2019: macro_sector (manufactura, servicios, comercio), micro_max, small_max,
    medium_max in UVT, inclusive."""
    return _table(
        "tamano_empresa_decreto_957.csv",
        "macrosector=macro_sector micro_max_uvt=micro_max:i pequena_max_uvt=small_max:i "
        "mediana_max_uvt=medium_max:i",
    )


@cache
def registry_columns() -> pl.DataFrame:
    """190 rows: source, order, column, type, note. The columns of nine real inputs, as their publishers name them."""
    return _table(
        "diccionario_fuentes_registro.csv", "fuente=source orden=order:y columna=column tipo=type nota=note"
    )


@cache
def registry_codes() -> pl.DataFrame:
    """73 rows: list, code, label. The code lists of RUES (status, legal form, category, identification, size)."""
    return _table("listas_codigos_rues.csv", "lista=list codigo=code descripcion=label")


@cache
def fabric_parameters() -> pl.DataFrame:
    """35 rows: parameter, value, unit, note, date, source. Figures for a realistic synthetic registry."""
    return _table(
        "parametros_tejido_empresarial.csv",
        "parametro=parameter valor=value:f unidad=unit nota=note fecha=date fuente=source",
    )


@cache
def check_digit_vectors() -> pl.DataFrame:
    """12 rows: nit, check_digit, origin."""
    return _table("nit_dv_vectores.csv", "nit_sin_dv=nit dv=check_digit origen=origin")


@cache
def products() -> pl.DataFrame:
    """1,346 rows of HS 1992: level (seccion_atlas, capitulo, partida as published), code, parent, name,
    short_name, short_name_en."""
    return _table(
        "hs92_codigos_es.csv.gz",
        "nivel=level codigo=code padre=parent nombre_es=name nombre_corto_es=short_name "
        "nombre_corto_en=short_name_en",
    )


@cache
def product_industries() -> pl.DataFrame:
    """24,279 rows: product (HS 6 digits), industry (ISIC Rev. 4 class), targets, weight (1/targets). Many to
    many: use at two digits."""
    return _table("hs6_isic4.csv.gz", "hs6=product isic4=industry n_destinos=targets:y peso=weight:f")


@cache
def product_industries_rev3() -> pl.DataFrame:
    """5,388 rows: product (HS 2017, 6 digits), industry (ISIC Rev. 3 class). One to one."""
    return _table("hs2017_isic3.csv", "hs2017=product isic3=industry")


@cache
def product_technology() -> pl.DataFrame:
    """5,387 rows: product (HS 2017, 6 digits), sitc2, lall (PP, RB1 … HT2, OTRO). The Lall list is unverified."""
    return _table("hs2017_lall.csv.gz", "hs6=product sitc2_3d=sitc2 lall=lall")
