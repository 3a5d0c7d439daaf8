"""Whatever the cells hold, the answer is a sound reading or a named refusal, never a traceback or half a folder."""

import tempfile
from pathlib import Path

import polars as pl
from hypothesis import given, settings
from hypothesis import strategies as st

from coopetir.foundation.core.errors import CoopetirError
from coopetir.foundation.core.extracts.reading import read_extract
from coopetir.foundation.core.extracts.registry import CANONICAL
from coopetir.foundation.core.industries import classes
from coopetir.foundation.core.places import find_department

HEADERS = (
    "MATRICULA", "RAZON_SOCIAL", "NUMERO_IDENTIFICACION", "CODIGO_ORGANIZACION_JURIDICA", "CODIGO_CATEGORIA_MATRICULA",
    "CODIGO_ESTADO_MATRICULA", "MUNICIPIO_COMERCIAL", "COD_CIIU_ACT_ECON_PRI", "FECHA_MATRICULA", "FECHA_RENOVACION",
    "ULTIMO_ANO_RENOVADO", "ACTIVOS_TOTAL", "INGRESOS_ACTIVIDAD_ORDINARIA", "EMPLEADOS",
)  # fmt: skip
NORMAL = (
    "17",
    "EMPRESA SINTETICA 017 SAS",
    "900100017",
    "16",
    "01",
    "01",
    "76001",
    "1071",
    "20150302",
    "20240315",
    "2024",
    "250000000",
    "480000000",
    "12",
)
odd = st.one_of(
    st.text(max_size=8),
    st.sampled_from(
        [
            "",
            "0",
            "NA",
            "-1",
            "1.5",
            "1,5",
            "1.234",
            "99991231",
            "=1+1",
            "Ã‘",
            "5001",
            "NULL",
            "1e5",
            "inf",
            "NaN",
            '"',
            "'",
            "٣",
        ]
    ),
    st.integers(-(10**12), 10**12).map(str),
)
rows = st.lists(
    st.tuples(st.integers(1, 9999), st.dictionaries(st.integers(1, 13), odd, max_size=4)),
    min_size=1,
    max_size=25,
)


@given(
    rows, st.sampled_from(["|", ";", ",", "\t"]), st.sampled_from(["utf-8", "latin-1", "utf-8-sig", "utf-16"])
)
@settings(max_examples=60, deadline=None)
def test_any_cells(given_rows, mark, encoding):
    lines = [mark.join(HEADERS)]
    for number, changes in given_rows:
        cells = [str(number), *NORMAL[1:]]
        for place, value in changes.items():
            cells[place] = value.replace("\n", " ").replace("\r", " ").replace("\x00", "")
        lines.append(mark.join(cells))
    with tempfile.TemporaryDirectory() as folder:
        path, out = Path(folder) / "registro_2024.txt", Path(folder) / "out"
        path.write_bytes("\n".join(lines).encode(encoding, errors="replace"))
        try:
            done = read_extract(path, out=out)
        except CoopetirError:
            assert [item.name for item in Path(folder).iterdir()] == ["registro_2024.txt"]
            return
        _sound(done, len(given_rows))


def _sound(done, sent):
    firms = pl.read_parquet(done.firms)
    assert dict(firms.schema) == CANONICAL
    assert not firms.select("year", "chamber", "registration").is_duplicated().any()
    assert done.quality.firms == len(firms)
    assert done.quality.rows_read <= sent
    assert done.quality.rows_read == len(firms) + done.quality.branches + done.quality.rows_dropped
    assert set(firms["activity_1"].drop_nulls()) <= classes("4")
    assert all(find_department(code[:2]).note == "ok" for code in firms["municipality"].drop_nulls())
    for name in ("assets_cop", "income_cop", "jobs"):
        known = firms[name].drop_nulls()
        assert known.is_finite().all()
        assert (known >= 0).all()
    dropped = sum(int(issue["count"]) for issue in done.quality.issues if issue["severity"] == "dropped")
    assert dropped >= done.quality.rows_dropped
