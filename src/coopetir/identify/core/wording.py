"""With which words are verdicts, criteria and measures told, in Spanish and English?"""

from __future__ import annotations

Words = dict[str, dict[str, str]]

VERDICT_WORDS: Words = {
    "es": {
        "qualifies": "califica",
        "candidate": "candidata",
        "not_now": "todavía no",
        "insufficient_data": "faltan datos",
    },
    "en": {
        "qualifies": "qualifies",
        "candidate": "candidate",
        "not_now": "not yet",
        "insufficient_data": "insufficient data",
    },
}

CRITERION_NAMES: Words = {
    "es": {"density": "densidad", "growth": "crecimiento", "technology": "tecnología", "market": "mercado"},
    "en": {"density": "density", "growth": "growth", "technology": "technology", "market": "market"},
}

LIGHTS = {2: "●", 1: "◐", 0: "○", None: "▨"}

GRADE_WORDS: dict[str, dict[int | None, str]] = {
    "es": {2: "cumple", 1: "en el límite", 0: "no cumple", None: "sin dato"},
    "en": {2: "meets", 1: "borderline", 0: "fails", None: "no data"},
}

LABEL_WORDS: Words = {
    "es": {"firm": "firme", "moderate": "intermedio", "fragile": "frágil"},
    "en": {"firm": "firm", "moderate": "moderate", "fragile": "fragile"},
}

MEASURE_WORDS: Words = {
    "es": {
        "lq": "Especialización del empleo (LQ)",
        "lq_shrunk_low": "Especialización en empresas, límite inferior",
        "lq_shrunk": "Especialización en empresas, estimada",
        "lq_shrunk_high": "Especialización en empresas, límite superior",
        "firms": "Empresas (media del periodo)",
        "top_firm": "Peso de la empresa más grande",
        "top_firm_bound": "Peso de la empresa más grande: cota mínima",
        "top_firm_weighted": "Peso de la empresa más grande de cada industria, en promedio",
        "jobs": "Empleos (media del periodo)",
        "slope": "Crecimiento anual del empleo",
        "z": "Certeza del crecimiento (z)",
        "slope_se": "Error estándar del crecimiento",
        "national_slope": "Crecimiento anual de toda la economía",
        "regional_term": "Empleos ganados frente al ritmo de la familia en el país",
        "entry_exit": "Empleos de entrada o salida",
        "percentile": "Percentil entre familias",
    },
    "en": {
        "lq": "Employment specialisation (LQ)",
        "lq_shrunk_low": "Specialisation in firms, lower bound",
        "lq_shrunk": "Specialisation in firms, estimate",
        "lq_shrunk_high": "Specialisation in firms, upper bound",
        "firms": "Firms (mean of the window)",
        "top_firm": "Share of the largest firm",
        "top_firm_bound": "Share of the largest firm: lower bound",
        "top_firm_weighted": "Share of the largest firm of each industry, on average",
        "jobs": "Jobs (mean of the window)",
        "slope": "Yearly growth of jobs",
        "z": "Certainty of growth (z)",
        "slope_se": "Standard error of growth",
        "national_slope": "Yearly growth of the whole economy",
        "regional_term": "Jobs gained against the pace of the family in the country",
        "entry_exit": "Jobs of entry or exit",
        "percentile": "Percentile among families",
    },
}

CONDITIONS: Words = {
    "es": {
        "lq": "especialización {value} y se pide {limit}",
        "lq_shrunk_low": "la especialización en empresas es al menos {value} y se pide más de {limit}",
        "firms": "empresas: {value}, y se piden {limit}",
        "top_firm": "la empresa más grande pesa {value} y se admite {limit}",
        "slope": "el empleo crece {value} al año frente a {limit} de toda la economía",
        "z": "certeza z = {value} y se pide {limit}",
        "technology_percentile": "percentil {value} entre familias y se pide {limit}",
        "market_percentile": "percentil {value} entre familias y se pide {limit}",
    },
    "en": {
        "lq": "specialisation {value} against {limit} asked for",
        "lq_shrunk_low": "specialisation in firms is at least {value} against more than {limit} asked for",
        "firms": "firms: {value} against {limit} asked for",
        "top_firm": "the largest firm holds {value} against {limit} allowed",
        "slope": "jobs grow {value} a year against {limit} of the whole economy",
        "z": "certainty z = {value} against {limit} asked for",
        "technology_percentile": "percentile {value} among families against {limit} asked for",
        "market_percentile": "percentile {value} among families against {limit} asked for",
    },
}

SETTING_WORDS: Words = {
    "es": {
        "density.lq_meets": "la especialización que se pide",
        "density.lq_borderline": "la especialización que se pide para el límite",
        "density.lower_bound": "el mínimo de la especialización en empresas",
        "density.firms_meets": "el número de empresas que se pide",
        "density.firms_borderline": "el número de empresas que se pide para el límite",
        "density.top_firm_max": "el peso admitido de la empresa más grande",
        "growth.z_meets": "la certeza del crecimiento (z) que se pide",
        "technology.percentile_meets": "el percentil de tecnología que se pide",
        "technology.percentile_borderline": "el percentil de tecnología que se pide para el límite",
        "market.percentile_meets": "el percentil de mercado que se pide",
        "market.percentile_borderline": "el percentil de mercado que se pide para el límite",
        "all": "todos los umbrales",
    },
    "en": {
        "density.lq_meets": "the specialisation asked for",
        "density.lq_borderline": "the specialisation asked for at the borderline",
        "density.lower_bound": "the minimum specialisation in firms",
        "density.firms_meets": "the number of firms asked for",
        "density.firms_borderline": "the number of firms asked for at the borderline",
        "density.top_firm_max": "the share allowed to the largest firm",
        "growth.z_meets": "the certainty of growth (z) asked for",
        "technology.percentile_meets": "the technology percentile asked for",
        "technology.percentile_borderline": "the technology percentile asked for at the borderline",
        "market.percentile_meets": "the market percentile asked for",
        "market.percentile_borderline": "the market percentile asked for at the borderline",
        "all": "all thresholds",
    },
}

BORDERLINE_WORDS: Words = {
    "es": {
        "start": "en el límite porque {why}",
        "lq": "la especialización alcanza {limit}",
        "lower": "el límite inferior de la especialización en empresas pasa de {limit}",
        "firms": "hay {limit} empresas o más",
        "faster": "el empleo crece más que toda la economía, sin la certeza que se pide",
        "percentile": "el percentil alcanza {limit}",
    },
    "en": {
        "start": "borderline because {why}",
        "lq": "specialisation reaches {limit}",
        "lower": "the lower bound of specialisation in firms exceeds {limit}",
        "firms": "there are {limit} firms or more",
        "faster": "jobs grow more than the whole economy, without the certainty asked for",
        "percentile": "the percentile reaches {limit}",
    },
}

HINGE_WORDS: Words = {
    "es": {
        "threshold": "con {detail} sería «{verdict}»",
        "largest_firm": "sin la empresa más grande sería «{verdict}»",
        "year": "sin el año {detail} sería «{verdict}»",
        "suppressed": "con los datos reservados en su {detail} sería «{verdict}»",
    },
    "en": {
        "threshold": "with {detail} it would be “{verdict}”",
        "largest_firm": "without the largest firm it would be “{verdict}”",
        "year": "without the year {detail} it would be “{verdict}”",
        "suppressed": "with the withheld data at their {detail} it would be “{verdict}”",
    },
}

UNKNOWN_WORDS: Words = {
    "es": {
        "no_recent_years": "la región no tiene datos en los últimos años",
        "one_region": "hay una sola región y no hay con qué comparar",
        "jobs_unknown": "hay celdas sin empleo ni empresas",
        "no_firms_column": "la tabla no trae número de empresas",
        "survey_no_interval": "es una encuesta y no cuenta empresas",
        "firms_unknown": "hay celdas sin número de empresas",
        "no_top_share_column": "la tabla no trae el peso de la empresa más grande",
        "top_share_unknown": "el peso de la empresa más grande está reservado",
        "too_few_years": "hay muy pocos años para una tendencia",
        "years_unknown": "faltan años de empleo para una tendencia",
        "no_column": "no hay datos de {detail}",
        "no_value": "la familia no tiene {detail}",
        "too_few_families": "hay muy pocas familias para comparar",
    },
    "en": {
        "no_recent_years": "the region has no data in the last years",
        "one_region": "there is a single region and nothing to compare with",
        "jobs_unknown": "some cells have neither jobs nor firms",
        "no_firms_column": "the table has no number of firms",
        "survey_no_interval": "it is a survey and does not count firms",
        "firms_unknown": "some cells lack the number of firms",
        "no_top_share_column": "the table lacks the share of the largest firm",
        "top_share_unknown": "the share of the largest firm is withheld",
        "too_few_years": "there are too few years for a trend",
        "years_unknown": "years of jobs are missing for a trend",
        "no_column": "there are no data on {detail}",
        "no_value": "the family has no {detail}",
        "too_few_families": "there are too few families to compare",
    },
}

NOTE_WORDS: Words = {
    "es": {
        "years_missing": "A la tabla le faltan los años {detail}.",
        "regions_without_some_year": "Estas regiones no tienen datos en algún año y ese año no cuenta en su tendencia: {detail}.",
        "suppressed_values_ignored": "{detail} filas marcadas como reservadas traían valores; no se usaron.",
    },
    "en": {
        "years_missing": "The table lacks the years {detail}.",
        "regions_without_some_year": "These regions lack data in some year, which does not count in their trend: {detail}.",
        "suppressed_values_ignored": "{detail} rows marked as withheld carried values; these were not used.",
    },
}
