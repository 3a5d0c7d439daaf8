"""What is a firm's row, by contract, and under which names do sources write its columns?

The canonical table has one row per firm and cut year; a firm is (chamber, registration), never the registration
alone. Unknown is null. Synonyms below are names seen in real sources; a portal that replaces ``ñ`` and accents by
``_`` is understood too (see :func:`header_keys`).
"""

from __future__ import annotations

import re
import unicodedata
from typing import Literal

import polars as pl

Shape = Literal["delivered", "national", "establishments", "chamber", "supersociedades", "unknown"]

CANONICAL: dict[str, pl.DataType] = {
    "year": pl.Int32(),
    "chamber": pl.String(),
    "registration": pl.String(),
    "nit": pl.String(),
    "nit_dv": pl.String(),
    "name": pl.String(),
    "legal_form": pl.String(),
    "category": pl.String(),
    "status": pl.String(),
    "activity_1": pl.String(),
    "activity_2": pl.String(),
    "activity_3": pl.String(),
    "activity_4": pl.String(),
    "top_income_activity": pl.String(),
    "municipality": pl.String(),
    "registered_on": pl.Date(),
    "renewed_on": pl.Date(),
    "cancelled_on": pl.Date(),
    "last_renewed_year": pl.Int32(),
    "assets_cop": pl.Float64(),
    "income_cop": pl.Float64(),
    "jobs": pl.Float64(),
}
"""Column → type. COP amounts are Float64: exact to the peso up to 9 × 10¹⁵."""

NUMBERS = ("assets_cop", "income_cop", "jobs")
DATES = ("registered_on", "renewed_on", "cancelled_on")
ACTIVITIES = ("activity_1", "activity_2", "activity_3", "activity_4", "top_income_activity")
HELPERS = ("id_number", "id_class", "department", "branch_code")
"""Columns read to understand a row but not kept: identity, its class, the department beside a town's name."""

FIRM_CATEGORIES = ("00", "01")
ACTIVE = "01"
NATURAL_PERSON = "01"

SYNONYMS: dict[str, tuple[str, ...]] = {
    "year": ("anio_corte", "año corte", "año de corte", "año", "anio", "vigencia", "periodo", "year", "fecha_corte"),
    "chamber": (
        "codigo_camara", "cod_camara", "camara", "camara_comercio", "camara de comercio", "nombre_camara", "chamber",
    ),
    "registration": (
        "matricula", "matrícula", "num_matricula", "numero_matricula", "nro_matricula", "no_matricula", "inscripcion",
        "matricula_mercantil", "registration",
    ),
    "nit": ("nit", "nit_empresa", "numero_nit", "num_nit", "nit_propietario", "nit_sin_dv"),
    "nit_dv": ("digito_verificacion", "dígito verificación", "dv", "digito", "dig_verificacion", "nit_dv"),
    "name": (
        "razon_social", "razón social", "nombre", "nombre_empresa", "nombre o razon social", "empresa", "name",
        "nombre_comercial", "razon_social_o_nombre",
    ),
    "legal_form": (
        "codigo_organizacion_juridica", "organizacion_juridica", "organización jurídica", "org_juridica",
        "cod_organizacion", "tipo_organizacion", "desc_organizacion_juridica", "naturaleza_juridica", "tipo_persona",
        "organizacion",
    ),
    "category": (
        "codigo_categoria_matricula", "categoria_matricula", "categoria", "categoría", "cod_categoria",
        "desc_categoria_matricula", "tipo_matricula",
    ),
    "status": (
        "codigo_estado_matricula", "estado_matricula", "estado", "estado de la matricula", "cod_estado", "est_matricula",
    ),
    "activity_1": (
        "cod_ciiu_act_econ_pri", "ciiu_principal", "ciiu_1", "ciiu1", "ciiu", "codigo_ciiu", "cod_ciiu",
        "actividad_principal", "ciiu_ppal", "actividad_economica", "act_econ_pri", "código ciiu",
    ),
    "activity_2": ("cod_ciiu_act_econ_sec", "ciiu_2", "ciiu2", "ciiu_secundario", "actividad_secundaria"),
    "activity_3": ("ciiu3", "ciiu_3", "otra_actividad_1", "cod_ciiu_otra_1"),
    "activity_4": ("ciiu4", "otra_actividad_2", "cod_ciiu_otra_2"),
    "top_income_activity": ("ciiu_mayores_ingresos", "ciiu_mayor_ingreso", "actividad_mayores_ingresos"),
    "municipality": (
        "municipio_comercial", "mun_comercial", "muncomercial", "municipio", "cod_mpio", "codigo_municipio",
        "cod_municipio", "ciudad", "ciudad_domicilio", "mpio", "divipola", "municipio_com", "cod_dane",
    ),
    "department": ("dpto_comercial", "departamento", "departamento_domicilio", "dpto", "cod_dpto", "depto"),
    "registered_on": ("fecha_matricula", "fecha de matrícula", "fec_matricula", "fecha_mat", "fecha_constitucion"),
    "renewed_on": ("fecha_renovacion", "fecha de renovación", "fec_renovacion", "fecha_ren", "ultima_renovacion"),
    "cancelled_on": ("fecha_cancelacion", "fecha de cancelación", "fec_cancelacion"),
    "last_renewed_year": (
        "ultimo_ano_renovado", "último año renovado", "ult_ano_ren", "ano_renovacion", "año_renovacion",
        "ultimo_ano_ren", "ult_año_renovado",
    ),
    "assets_cop": ("activos_total", "activo_total", "total_activos", "activos", "activos_totales", "valor_activos"),
    "income_cop": (
        "ingresos_actividad_ordinaria", "ingresos_operacionales", "ingresos", "ingresos_act_ordinaria",
        "ventas", "ingresos_ordinarios", "ingresos de actividades ordinarias",
    ),
    "jobs": (
        "empleados", "personal", "numero_empleados", "num_empleados", "personal_ocupado", "empleos", "trabajadores",
        "cantidad_empleados", "no_empleados", "total_empleados", "ocupados", "jobs",
    ),
    "id_number": ("numero_identificacion", "número identificación", "num_identificacion", "identificacion", "documento"),
    "id_class": ("codigo_clase_identificacion", "clase_identificacion", "tipo_identificacion", "tipo_documento"),
    "branch_code": ("codigo_tipo_propietario", "matricula_propietario", "matrícula_propietario"),
}  # fmt: skip

# Known columns that say nothing about a person; they stay in the redacted copy but are not canonical.
HARMLESS = (
    "desc_organizacion_juridica", "codigo_tipo_sociedad", "desc_tipo_sociedad", "tipo_sociedad", "organizacion_juridica",
    "desc_categoria_matricula", "categoria_matricula", "estado_matricula", "camara_comercio", "fecha_vigencia",
    "fecha_actualizacion", "fecha_inicio_act_econ_pri", "utilidad_perdida_operacional", "resultado_del_periodo",
    "tamaño", "tam_empresa", "tamaño_empresa", "codigo_tamano_empresa", "cantidad_establecimientos",
    "cantidad_mujeres_empleadas", "cantidad_mujeres_en_cargos_direc", "supervisor", "región", "macrosector", "sector",
    "ganancia_pérdida", "total_pasivos", "total_patrimonio", "patrimonio", "desc_ciiu", "descripcion_ciiu",
    "descripcion_actividad", "codigo_camara_propietario", "codigo_tipo_propietario", "tipo_propietario",
    "inscripcion_proponente",
)  # fmt: skip

LABELS: dict[str, tuple[str, str]] = {
    "year": ("año de corte", "cut year"),
    "chamber": ("cámara", "chamber"),
    "registration": ("matrícula", "registration"),
    "nit": ("NIT", "tax number"),
    "nit_dv": ("dígito de verificación", "check digit"),
    "name": ("razón social", "name"),
    "legal_form": ("organización jurídica", "legal form"),
    "category": ("categoría", "category"),
    "status": ("estado de la matrícula", "status"),
    "activity_1": ("actividad principal (CIIU)", "main activity (CIIU)"),
    "activity_2": ("segunda actividad", "second activity"),
    "activity_3": ("tercera actividad", "third activity"),
    "activity_4": ("cuarta actividad", "fourth activity"),
    "top_income_activity": ("actividad de mayores ingresos", "activity with the highest income"),
    "municipality": ("municipio", "municipality"),
    "department": ("departamento", "department"),
    "registered_on": ("fecha de matrícula", "registered on"),
    "renewed_on": ("fecha de renovación", "renewed on"),
    "cancelled_on": ("fecha de cancelación", "cancelled on"),
    "last_renewed_year": ("último año renovado", "last renewed year"),
    "assets_cop": ("activos (COP)", "assets (COP)"),
    "income_cop": ("ingresos (COP)", "income (COP)"),
    "jobs": ("empleados", "jobs"),
    "id_number": ("número de identificación", "identity number"),
    "id_class": ("clase de identificación", "class of identification"),
    "branch_code": ("propietario", "owner"),
}
"""Spanish and English label of each field, for pages and messages."""


def header_keys(text: str) -> frozenset[str]:
    """The ways a header compares: lower case, without accents, spaces or marks; and as a portal would write it."""
    lowered = " ".join(text.replace("\ufeff", " ").lower().split())
    plain = unicodedata.normalize("NFD", lowered)
    plain = "".join(letter for letter in plain if not unicodedata.combining(letter))
    portal = re.sub(r"[^a-z0-9]+", "_", lowered).strip("_")
    joined = re.sub(r"[^a-z0-9]+", "_", plain).strip("_")
    short = re.sub(r"_(del?|la|el)(?=_)", "", joined)
    return frozenset({joined, portal, short, joined.replace("_", "")})


def _index(names: dict[str, tuple[str, ...]]) -> dict[str, tuple[str, int]]:
    """Header key → (field, rank of the synonym); the earliest synonym of the earliest field wins."""
    index: dict[str, tuple[str, int]] = {}
    for field, written in names.items():
        # A canonical table is itself a valid extract, so a field's own name is its first synonym.
        for rank, name in enumerate((field, *written)):
            for key in header_keys(name):
                index.setdefault(key, (field, rank))
    return index


FIELD_OF_KEY = _index(SYNONYMS)
HARMLESS_KEYS = frozenset(key for name in HARMLESS for key in header_keys(name))


def field_of_header(header: str) -> tuple[str, int] | None:
    """The field a header names, with the rank of the synonym (0 = best), or null."""
    found = [FIELD_OF_KEY[key] for key in header_keys(header) if key in FIELD_OF_KEY]
    return min(found, key=lambda pair: pair[1]) if found else None


def shape_of(headers: list[str]) -> Shape:
    """Which of the known shapes a header row is."""
    keys = {key for header in headers for key in header_keys(header)}
    if {"a_o_de_corte", "ano_de_corte"} & keys and {"ingresos_operacionales", "macrosector"} & keys:
        return "supersociedades"
    if {"matr_cula_propietario", "matricula_propietario"} & keys:
        return "establishments"
    if "municipio_comercial" in keys and "activos_total" in keys and "codigo_categoria_matricula" in keys:
        return "delivered"
    if "codigo_camara" in keys and "cod_ciiu_act_econ_pri" in keys:
        return "national"
    known = {field for header in headers if (found := field_of_header(header)) for field in [found[0]]}
    return (
        "chamber" if {"registration", "activity_1"} <= known or {"nit", "activity_1"} <= known else "unknown"
    )
