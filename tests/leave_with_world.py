"""A small computed screening over an invented registry, made through the product's own job.

Two families in the department 76: ``azucar`` (12 firms of similar size, safe to show) and ``hoteles`` (one firm of
900 jobs beside two small ones: not safe). Every firm has a name nobody else has.
"""

from datetime import date
from pathlib import Path

import polars as pl
from django.conf import settings

from coopetir.foundation.core.progress import silent
from coopetir.foundation.models import Job
from coopetir.identify.jobs import compute_screening
from factories import a_dataset, a_screening

YEARS = (2019, 2020, 2021, 2022, 2023)
GIANT = "HOTEL GIGANTE UNICO SAS"
SCHEMA = {
    "year": pl.Int32,
    "chamber": pl.String,
    "registration": pl.String,
    "nit": pl.String,
    "nit_dv": pl.String,
    "name": pl.String,
    "category": pl.String,
    "status": pl.String,
    "activity_1": pl.String,
    "top_income_activity": pl.String,
    "municipality": pl.String,
    "registered_on": pl.Date,
    "renewed_on": pl.Date,
    "last_renewed_year": pl.Int32,
    "income_cop": pl.Float64,
    "jobs": pl.Float64,
}


def firms() -> list[dict]:
    """Firms of 2023: in 76 sugar, hotels and the rest of the economy; in 05 the rest and a little of each."""
    rows = []

    def add(department, activity, jobs, name, **more):
        number = len(rows) + 1
        rows.append(
            {
                "chamber": "08",
                "registration": str(number),
                "nit": f"9{number:08d}",
                "name": name,
                "category": "01",
                "activity_1": activity,
                "municipality": department,
                "income_cop": jobs * 50e6,
                "jobs": float(jobs),
                **more,
            }
        )

    for at in range(12):
        add("76001" if at < 7 else "76520", "1071", 20 + at, f"AZUCARERA {at:02d} SAS")
    add("76001", "1072", 15, "PERSONA NATURAL", category="00", nit=None)
    add("76001", "5511", 900, GIANT)
    add("76520", "5511", 6, "HOTEL PEQUENO SAS")
    add("76001", "5511", 4, "=HYPERLINK(1) HOTEL SAS")
    for at in range(30):
        add("76001", "4711", 25, f"TIENDA VALLE {at} SAS")
        add("05001", "4711", 60, f"TIENDA PAISA {at} SAS")
    for at in range(3):
        add("05001", "1071", 10, f"PANELERA {at} SAS")
        add("05001", "5511", 30, f"HOTEL PAISA {at} SAS")
    return rows


def registry() -> pl.DataFrame:
    """The firms in every year, with sugar growing."""
    rows = []
    for year in YEARS:
        for firm in firms():
            grown = 1 + 0.075 * (year - 2019) if firm["activity_1"] == "1071" else 1
            rows.append(
                firm
                | {
                    "year": year,
                    "nit_dv": None,
                    "status": "01",
                    "top_income_activity": firm["activity_1"],
                    "registered_on": date(2010, 1, 1),
                    "renewed_on": date(year, 3, 1),
                    "last_renewed_year": year,
                    "jobs": round(firm["jobs"] * grown),
                }
            )
    return pl.DataFrame(rows, schema=SCHEMA)


def write_dataset(entity, user):
    """A dataset row with its file of firms."""
    dataset = a_dataset(entity, user)
    path = Path(settings.MEDIA_ROOT) / dataset.path
    path.parent.mkdir(parents=True, exist_ok=True)
    registry().write_parquet(path)
    return dataset


def computed(entity, analyst):
    """A computed screening of the two families."""
    screening = a_screening(entity, analyst, datasets=[write_dataset(entity, analyst)])
    screening.resamples = 40
    screening.save()
    job = Job.objects.create(
        kind="identify.screening.requested", subject_id=screening.pk, label="x", owner=analyst, entity=entity
    )
    compute_screening(job, silent)
    Job.objects.filter(pk=job.pk).update(state=Job.State.DONE)
    screening.refresh_from_db()
    return screening
