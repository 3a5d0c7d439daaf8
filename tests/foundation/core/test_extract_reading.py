"""Whole extracts: the four shapes of invented files end to end, and what must never happen."""

import csv
import json
import re
from datetime import date
from pathlib import Path

import polars as pl
import pytest

from coopetir.foundation.core.catalogues import registry_columns
from coopetir.foundation.core.errors import Cancelled
from coopetir.foundation.core.extracts import rows as row_reader
from coopetir.foundation.core.extracts.detect import NotARegistry, propose_mapping
from coopetir.foundation.core.extracts.profile import Profile, read_profile
from coopetir.foundation.core.extracts.quality import answers, cautions
from coopetir.foundation.core.extracts.reading import (
    AnswersNeeded,
    EstablishmentsOnly,
    NothingKept,
    RevisionsMixed,
    RowsRagged,
    YearUnknown,
    read_extract,
)
from coopetir.foundation.core.extracts.redact import is_personal_header
from coopetir.foundation.core.extracts.registry import CANONICAL, HARMLESS_KEYS, field_of_header, header_keys
from coopetir.foundation.core.extracts.result import open_reading, what_it_answers
from coopetir.foundation.core.extracts.sniffing import HeaderMissing, sniff
from coopetir.foundation.core.industries import RevisionUnclear
from coopetir.foundation.core.tables import OutputNotWritten

DATA = Path(__file__).resolve().parents[2] / "data" / "extracts"
SHAPES = {
    "delivered": "delivered_2024.txt",
    "chamber": "chamber_open_2023.csv",
    "national": "national_2024.csv",
    "supersociedades": "supersociedades.csv",
}


def firms(done):
    return pl.read_parquet(done.firms)


@pytest.mark.parametrize(("shape", "name"), SHAPES.items())
def test_every_shape_arrives_in_canonical_columns(tmp_path, shape, name):
    done = read_extract(DATA / name, out=tmp_path / "out")
    assert done.sources[0].shape == shape
    assert dict(firms(done).schema) == CANONICAL
    assert done.quality.firms == len(firms(done)) > 0
    assert firms(done).select("year", "chamber", "registration").is_duplicated().sum() == 0
    assert done.quality.rows_read == done.quality.firms + done.quality.branches + done.quality.rows_dropped
    assert not re.search(r"\.partial-", " ".join(item.name for item in tmp_path.iterdir()))


@pytest.mark.parametrize("name", SHAPES.values())
def test_no_personal_datum_is_stored_anywhere(tmp_path, name):
    done = read_extract(DATA / name, out=tmp_path / "out")
    stored = []
    for path in done.folder.rglob("*"):
        if path.suffix == ".parquet":
            stored.append(pl.read_parquet(path).select(pl.all().cast(pl.String)).write_csv())
        elif path.is_file():
            stored.append(path.read_text("utf-8"))
    text = "\n".join(stored)
    assert not re.search(
        r"PERSONA SINT|APELLIDO SINT|REPRESENTANTE SINT|NOMBRE,INVENTADO|@example|\b3000000\d{3}\b", text
    )
    assert not re.search(r"\b1000[0-4]00\d{3}\b", text)
    assert "PERSONA NATURAL" in text or name == "supersociedades.csv"


def test_the_dirt_of_a_delivery_is_counted_and_mended(tmp_path):
    done = read_extract(DATA / "delivered_2024.txt", out=tmp_path / "out")
    rows = {row["registration"]: row for row in firms(done).iter_rows(named=True)}
    assert rows["31"]["municipality"] == "05001"
    assert rows["32"]["municipality"] == rows["33"]["municipality"] == "76001"
    assert rows["34"]["municipality"] is None
    assert rows["35"]["municipality"] is None
    assert [rows[n]["activity_1"] for n in ("36", "37", "38", "39", "40")] == [
        "0111",
        "2711",
        None,
        None,
        "4610",
    ]
    assert [rows[n]["jobs"] for n in ("41", "42", "43", "44")] == [None, None, None, None]
    assert rows["45"]["assets_cop"] is None
    assert rows["48"]["registered_on"] == date(2015, 3, 2)
    assert rows["48"]["renewed_on"] == date(2024, 1, 2)
    assert [rows[n]["registered_on"] for n in ("46", "47", "49")] == [None, None, None]
    assert rows["57"]["assets_cop"] == 2341172480.0
    assert rows["51"]["name"] == "EMPRESA SINTÉTICA ÑANDÚ 051 LTDA"
    assert rows["59"]["name"] == 'EMPRESA "SINTETICA" 059 SAS'
    assert rows["58"]["status"] == "03"
    assert rows["7"]["status"] == "01"
    assert rows["S61"]["legal_form"] == "32"
    assert {"52", "53", "54", "63", "64"} & set(rows) == set()
    count = done.quality.count
    assert done.quality.branches == count("row.branch") == 2
    assert (
        count("key.duplicated"),
        count("holder.duplicated"),
        count("row.no_key"),
        count("row.ragged"),
    ) == (1, 1, 1, 1)
    assert (
        count("municipality.zero_restored"),
        count("municipality.centre_stripped"),
        count("municipality.ambiguous"),
    ) == (1, 1, 1)
    assert (count("number.negative"), count("number.unreadable"), count("jobs.zero")) == (1, 1, 5)


def test_a_clean_value_is_never_changed(tmp_path):
    done = read_extract(DATA / "delivered_2024.txt", out=tmp_path / "out")
    lines = (DATA / "delivered_2024.txt").read_text("latin-1").splitlines()
    header = [cell.strip() for cell in lines[0].split("|")]
    sent = {row[0].lstrip("0"): row for line in lines[1:31] if (row := line.split("|"))}
    for row in firms(done).filter(pl.col("registration").is_in(list(sent))).iter_rows(named=True):
        cells = dict(zip(header, sent[row["registration"]], strict=True))
        assert row["municipality"] == cells["MUNICIPIO_COMERCIAL"]
        assert row["activity_1"] == cells["COD_CIIU_ACT_ECON_PRI"]
        assert row["jobs"] == float(cells["EMPLEADOS"])
        assert row["assets_cop"] == float(cells["ACTIVOS_TOTAL"].replace(".", "").replace(",", "."))


def test_issues_name_row_column_value_and_remedy(tmp_path):
    done = read_extract(DATA / "delivered_2024.txt", out=tmp_path / "out")
    issues = pl.read_parquet(done.issues)
    lost = issues.filter(pl.col("code") == "activity.not_a_class").row(0, named=True)
    assert (lost["row"], lost["column"], lost["value"], lost["severity"]) == (
        39,
        "activity_1",
        "9999",
        "unknown",
    )
    assert "CIIU" in lost["es"]
    assert "CIIU" in lost["en"]
    listed = issues.group_by("code").len()
    for code, rows in listed.iter_rows():
        assert rows == done.quality.count(code)
    text = (done.folder / "issues.csv").read_text("utf-8")
    assert not any(cell[:1] in "=+@" for row in csv.reader(text.splitlines()) for cell in row if cell)


def test_a_chamber_file_with_free_names_and_marks(tmp_path):
    seen = sniff(DATA / "chamber_open_2023.csv")
    mapping = propose_mapping(seen)
    headers = {name: proposal.header for name, proposal in mapping.columns.items()}
    assert headers["registration"] == "matr_cula"
    assert headers["name"] == "raz_n_social"
    assert headers["jobs"] == "personal"
    assert headers["municipality"] == "mun_comercial"
    assert set(mapping.personal) == {"correo_electronico", "tel_com_1", "representante_legal"}
    assert mapping.unrecognised == ["observaciones"]
    done = read_extract(
        DATA / "chamber_open_2023.csv", Profile(constants={"chamber": "08"}), out=tmp_path / "out"
    )
    frame = firms(done)
    assert frame["chamber"].unique().to_list() == ["08"]
    assert frame.filter(pl.col("registration") == "37")["assets_cop"].item() == 11_101_201.75
    assert "EMPRESA SINTÉTICA 005 S.A.S." in frame["name"]
    assert done.quality.count("text.double_encoded") == 6
    redacted = pl.read_parquet(done.folder / done.sources[0].redacted)
    assert "correo_electronico" not in redacted.columns
    assert "observaciones" not in redacted.columns


def test_the_third_activity_is_not_revision_three(tmp_path):
    mapping = propose_mapping(sniff(DATA / "national_2024.csv"))
    headers = {name: proposal.header for name, proposal in mapping.columns.items()}
    assert (headers["activity_1"], headers["activity_3"], headers["activity_4"]) == (
        "cod_ciiu_act_econ_pri",
        "ciiu3",
        "ciiu4",
    )
    done = read_extract(DATA / "national_2024.csv", out=tmp_path / "out")
    assert done.quality.count("nit.check_digit_wrong") > 0
    # The same registration number in three chambers is three firms.
    assert firms(done).filter(pl.col("registration") == "1").height == 3


def test_every_column_of_the_real_sources_has_a_place():
    """190 headers written down from public code and documentation; the ones of registries are all understood."""
    known = registry_columns().filter(~pl.col("source").str.contains("exportaciones"))
    lost = [
        header
        for header in known["column"].unique(maintain_order=True)
        if not (is_personal_header(header) or field_of_header(header) or header_keys(header) & HARMLESS_KEYS)
    ]
    assert lost == ["sigla", "camara_comercio_propitario"]
    personal = [header for header in known["column"] if is_personal_header(header)]
    assert {
        "representante_legal",
        "num_identificacion_representante_legal",
        "tel_com_1",
        "email_comercial",
    } <= set(personal)
    assert not {"razon_social", "EMPLEADOS", "nit", "cantidad_mujeres_empleadas"} & set(personal)


def delivered(path, rows, *, header=None, encoding="utf-8"):
    """A small delivery: matricula, razon, nit, categoria, estado, municipio, ciiu, empleados, ingresos."""
    head = (
        header
        or "MATRICULA|RAZON_SOCIAL|NIT|CODIGO_CATEGORIA_MATRICULA|CODIGO_ESTADO_MATRICULA|MUNICIPIO_COMERCIAL|COD_CIIU_ACT_ECON_PRI|EMPLEADOS|INGRESOS_ACTIVIDAD_ORDINARIA"
    )
    path.write_bytes(("\n".join([head, *("|".join(map(str, row)) for row in rows)]) + "\n").encode(encoding))
    return path


def plain(n, ciiu="1071", **other):
    row = {
        "m": n,
        "name": f"EMPRESA SINTETICA {n:03d} SAS",
        "nit": 900500000 + n,
        "cat": "01",
        "st": "01",
        "mun": "76001",
        "ciiu": ciiu,
        "emp": n,
        "inc": 10**8 + n,
    }
    return list((row | other).values())


def test_years_join_into_one_panel_and_come_from_the_file_name(tmp_path):
    files = [
        delivered(tmp_path / f"registro_{year}.txt", [plain(n, emp=n + year - 2020) for n in range(1, 11)])
        for year in (2021, 2022, 2023)
    ]
    done = read_extract(files, out=tmp_path / "out")
    assert done.quality.firms_by_year == {2021: 10, 2022: 10, 2023: 10}
    one = firms(done).filter(pl.col("registration") == "5").sort("year")
    assert one["jobs"].to_list() == [6.0, 7.0, 8.0]
    assert {a.criterion: a.grade for a in answers(done.quality)}["growth"] == "yes"
    with pytest.raises(YearUnknown, match="cut year"):
        read_extract(delivered(tmp_path / "registro.txt", [plain(1), plain(2)]), out=tmp_path / "other")
    again = read_extract(tmp_path / "registro.txt", out=tmp_path / "other", year=2024)
    assert again.quality.years == [2024]


def test_row_order_and_column_order_do_not_matter(tmp_path):
    rows = [plain(n, ciiu=["1071", "4641", "6201"][n % 3]) for n in range(1, 40)]
    one = read_extract(delivered(tmp_path / "a_2024.txt", rows), out=tmp_path / "a")
    head = "INGRESOS_ACTIVIDAD_ORDINARIA|EMPLEADOS|COD_CIIU_ACT_ECON_PRI|MUNICIPIO_COMERCIAL|CODIGO_ESTADO_MATRICULA|CODIGO_CATEGORIA_MATRICULA|NIT|RAZON_SOCIAL|MATRICULA"
    two = read_extract(
        delivered(tmp_path / "b_2024.txt", [row[::-1] for row in rows[::-1]], header=head), out=tmp_path / "b"
    )
    assert firms(one).sort("registration").equals(firms(two).sort("registration"))


def test_renamed_columns_are_found_by_their_content(tmp_path):
    rows = [
        plain(n, ciiu=["1071", "4641", "6201", "0111"][n % 4], mun=["76001", "76892", "5001"][n % 3])
        for n in range(1, 40)
    ]
    head = "MATRICULA|X1|X2|X3|X4|X5|X6|EMPLEADOS|X8"
    mapping = propose_mapping(sniff(delivered(tmp_path / "c_2024.txt", rows, header=head)))
    assert (mapping.columns["municipality"].header, mapping.columns["municipality"].by) == ("X5", "content")
    assert mapping.columns["activity_1"].header == "X6"
    assert mapping.columns["nit"].header == "X2"


def test_a_header_that_its_content_contradicts_is_not_believed(tmp_path):
    rows = [
        plain(n, ciiu=["1071", "4641", "6201", "0112"][n % 4], mun=["76001", "76892", "76520"][n % 3])
        for n in range(1, 40)
    ]
    head = "MATRICULA|RAZON_SOCIAL|NIT|CATEGORIA|ESTADO|COD_CIIU_ACT_ECON_PRI|MUNICIPIO|EMPLEADOS|INGRESOS"
    mapping = propose_mapping(sniff(delivered(tmp_path / "d_2024.txt", rows, header=head)))
    assert mapping.columns["municipality"].header == "COD_CIIU_ACT_ECON_PRI"
    assert mapping.columns["activity_1"].header == "MUNICIPIO"


def test_an_ambiguous_decimal_mark_is_asked_and_remembered(tmp_path):
    rows = [plain(n, inc=f"{n}.500") for n in range(100, 120)]
    path = delivered(tmp_path / "e_2024.txt", rows)
    with pytest.raises(AnswersNeeded, match="INGRESOS") as refusal:
        read_extract(path, out=tmp_path / "out")
    assert refusal.value.data["about"] == ["decimal.income_cop"]
    assert not (tmp_path / "out").exists()
    done = read_extract(
        path, Profile(decimal={"income_cop": ","}, scale={"income_cop": 1}), out=tmp_path / "out"
    )
    assert firms(done)["income_cop"].min() == 100_500.0
    again = read_extract(path, done.folder / "profile.toml", out=tmp_path / "again")
    assert firms(again).equals(firms(done))


def test_amounts_that_cannot_be_pesos_are_asked(tmp_path):
    path = delivered(tmp_path / "f_2024.txt", [plain(n, inc=n * 10) for n in range(1, 20)])
    with pytest.raises(AnswersNeeded) as refusal:
        read_extract(path, out=tmp_path / "out")
    assert refusal.value.data["about"] == ["scale.income_cop"]
    done = read_extract(path, Profile(scale={"income_cop": 1e6}), out=tmp_path / "out")
    assert firms(done)["income_cop"].max() == 190e6


def test_revisions_are_never_mixed(tmp_path):
    old = ["1511", "1521", "1581", "2411", "2921", "5011", "5211", "6411"]
    three = delivered(tmp_path / "g_2010.txt", [plain(n, ciiu=old[n % 8]) for n in range(1, 40)])
    four = delivered(tmp_path / "g_2024.txt", [plain(n) for n in range(1, 40)])
    assert read_extract(three, out=tmp_path / "three").revision == "3"
    with pytest.raises(RevisionsMixed, match=r"Rev\. 3"):
        read_extract([three, four], out=tmp_path / "both")
    inside = delivered(
        tmp_path / "h_2024.txt", [plain(n, ciiu=old[n % 8] if n % 2 else "1071") for n in range(1, 40)]
    )
    with pytest.raises(RevisionUnclear):
        read_extract(inside, out=tmp_path / "inside")
    assert sorted(item.name for item in tmp_path.iterdir() if item.is_dir()) == ["three"]


def test_mixed_encodings_in_one_file_are_read_and_counted(tmp_path):
    path = delivered(
        tmp_path / "i_2024.txt", [plain(n, name=f"EMPRESA SINTÉTICA Ñ {n}") for n in range(1, 30)]
    )
    path.write_bytes(
        path.read_bytes()
        + "|".join(map(str, plain(99, name="EMPRESA SINTÉTICA Ñ 99"))).encode("cp1252")
        + b"\n"
    )
    done = read_extract(path, Profile(encoding="utf-8"), out=tmp_path / "out")
    assert "EMPRESA SINTÉTICA Ñ 99" in firms(done)["name"]
    assert done.quality.count("text.other_encoding") == 1


def test_natural_persons_are_masked_unless_a_purpose_is_stated(tmp_path):
    rows = [plain(n, cat="00", nit=1000500000 + n, name=f"PERSONA SINTETICA {n}") for n in range(1, 11)]
    path = delivered(tmp_path / "j_2024.txt", rows)
    done = read_extract(path, out=tmp_path / "masked")
    assert firms(done)["name"].unique().to_list() == ["PERSONA NATURAL"]
    assert firms(done)["nit"].null_count() == 10
    kept = read_extract(
        path, Profile(purpose="Registro mercantil, caracterización", keep=("name",)), out=tmp_path / "kept"
    )
    assert "PERSONA SINTETICA 3" in firms(kept)["name"]
    assert firms(kept)["nit"].null_count() == 10
    unstated = read_extract(path, Profile(keep=("name", "nit")), out=tmp_path / "unstated")
    assert firms(unstated)["name"].unique().to_list() == ["PERSONA NATURAL"]


def test_a_holder_counts_once_a_year_even_when_masked(tmp_path):
    rows = [plain(n, cat="00", nit=1000500000 + n // 2) for n in range(2, 12)]
    done = read_extract(delivered(tmp_path / "k_2024.txt", rows), out=tmp_path / "out")
    assert done.quality.firms == 5
    assert done.quality.count("holder.duplicated") == 5


def test_a_number_on_many_registrations_is_a_filler_not_a_holder(tmp_path):
    rows = [plain(n, nit=900000000) for n in range(1, 31)]
    done = read_extract(delivered(tmp_path / "r_2024.txt", rows), out=tmp_path / "out")
    assert done.quality.firms == 30
    assert done.quality.count("holder.many") == 29


def test_a_year_column_with_unreadable_cells_drops_only_those_rows(tmp_path):
    head = "MATRICULA|RAZON_SOCIAL|NIT|CODIGO_CATEGORIA_MATRICULA|ESTADO|MUNICIPIO|CIIU|EMPLEADOS|INGRESOS|ANIO_CORTE"
    rows = [[*plain(n), 2020 + n % 3 if n != 7 else "s.f."] for n in range(1, 20)]
    done = read_extract(delivered(tmp_path / "s.txt", rows, header=head), out=tmp_path / "out")
    assert done.quality.years == [2020, 2021, 2022]
    assert done.quality.firms == 18
    assert done.quality.count("row.other_year") == 1


def test_what_a_source_leaves_out_is_presumed_and_counted(tmp_path):
    done = read_extract(DATA / "supersociedades.csv", out=tmp_path / "out")
    frame = firms(done)
    assert frame["category"].unique().to_list() == frame["status"].unique().to_list() == ["01"]
    assert (frame["last_renewed_year"] == frame["year"]).all()
    for code in ("category.derived", "status.presumed", "renewal.presumed"):
        assert done.quality.count(code) == 36
    assert len(cautions(done.quality)) >= 3
    chamber = read_extract(DATA / "chamber_open_2023.csv", out=tmp_path / "chamber")
    assert firms(chamber)["category"].value_counts().sort("category").rows() == [("00", 10), ("01", 30)]
    assert chamber.quality.count("status.presumed") == chamber.quality.count("renewal.presumed") == 0


def test_establishments_are_refused_and_vintages_noted(tmp_path):
    head = "MATRICULA|RAZON_SOCIAL|NIT_PROPIETARIO|MATR_CULA_PROPIETARIO|ESTADO|MUNICIPIO|CIIU|EMPLEADOS|INGRESOS"
    path = delivered(tmp_path / "t_2024.txt", [plain(n) for n in range(1, 9)], header=head)
    with pytest.raises(EstablishmentsOnly):
        read_extract(path, out=tmp_path / "out")
    rows = [plain(n, ciiu=["1030", "1031", "7110", "7111"][n % 4]) for n in range(1, 30)]
    done = read_extract(delivered(tmp_path / "u_2024.txt", rows), out=tmp_path / "out")
    assert done.quality.mixed_vintages
    assert any("2012" in es for es, _ in cautions(done.quality))


def test_named_refusals(tmp_path):
    with pytest.raises(NotARegistry, match="matrícula"):
        read_extract(
            delivered(tmp_path / "l_2024.txt", [["a", "b"], ["c", "d"]], header="UNO|DOS"),
            out=tmp_path / "out",
        )
    rows = [plain(n) for n in range(1, 11)] + [[*plain(n), "x"] for n in range(11, 20)]
    with pytest.raises(RowsRagged, match="%"):
        read_extract(delivered(tmp_path / "m_2024.txt", rows), out=tmp_path / "out")
    with pytest.raises(HeaderMissing):
        sniff(delivered(tmp_path / "n_2024.txt", [plain(2)], header="123|456|789|2024"))
    rows = [plain(n, cat="02") for n in range(1, 11)]
    with pytest.raises(NothingKept):
        read_extract(delivered(tmp_path / "o_2024.txt", rows), out=tmp_path / "out")
    assert not (tmp_path / "out").exists()


def test_cancelling_and_failing_leave_nothing_and_never_touch_an_earlier_reading(tmp_path):
    path = delivered(tmp_path / "p_2024.txt", [plain(n) for n in range(1, 20)])
    before = read_extract(path, out=tmp_path / "out")
    was = before.firms.read_bytes()
    for stage in ("read", "join", "write"):

        def stop(done, total, at, stage=stage):
            if at == stage:
                raise Cancelled

        with pytest.raises(Cancelled):
            read_extract(path, out=tmp_path / "out", progress=stop)
        assert before.firms.read_bytes() == was
        assert sorted(item.name for item in tmp_path.iterdir()) == ["out", "p_2024.txt"]


def test_a_folder_with_other_files_is_never_replaced(tmp_path):
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "tesis.docx").write_text("x")
    with pytest.raises(OutputNotWritten, match="folder"):
        read_extract(delivered(tmp_path / "q_2024.txt", [plain(1)]), out=tmp_path / "out")
    assert (tmp_path / "out" / "tesis.docx").exists()


def test_a_reading_opens_again_as_it_was(tmp_path):
    done = read_extract(DATA / "delivered_2024.txt", out=tmp_path / "out")
    again = open_reading(tmp_path / "out")
    assert again == done
    assert (
        json.loads((tmp_path / "out" / "reading.json").read_text("utf-8"))["sources"][0]["sha256"]
        == done.sources[0].sha256
    )
    assert read_profile(tmp_path / "out" / "profile.toml") == done.profile


def test_batches_do_not_change_the_answer(tmp_path, monkeypatch):
    whole = read_extract(DATA / "delivered_2024.txt", out=tmp_path / "whole")
    monkeypatch.setattr(row_reader, "BATCH_ROWS", 7)
    monkeypatch.setattr(row_reader, "CHUNK", 1000)
    pieces = read_extract(DATA / "delivered_2024.txt", out=tmp_path / "pieces")
    assert firms(whole).equals(firms(pieces))
    assert whole.quality.count("row.ragged") == pieces.quality.count("row.ragged")
    assert pl.read_parquet(whole.issues).sort(pl.all()).equals(pl.read_parquet(pieces.issues).sort(pl.all()))


@pytest.mark.parametrize("suffix", ["csv", "parquet"])
def test_a_canonical_table_is_itself_an_extract(tmp_path, suffix):
    done = read_extract(DATA / "delivered_2024.txt", out=tmp_path / "out")
    path = tmp_path / f"firms.{suffix}"
    firms(done).write_csv(path) if suffix == "csv" else firms(done).write_parquet(path)
    again = read_extract(path, out=tmp_path / "again")
    assert firms(again).equals(firms(done))
    assert again.quality.count("number.unreadable") == again.quality.count("date.unreadable") == 0


def test_what_a_file_can_answer(tmp_path):
    national = read_extract(DATA / "national_2024.csv", out=tmp_path / "n")
    grades = {answer.criterion: answer for answer in answers(national.quality)}
    assert (grades["density"].grade, grades["growth"].grade, grades["market"].grade) == (
        "partly",
        "partly",
        "no",
    )
    assert "EMPLEADOS" in grades["density"].get_es
    delivery = read_extract(DATA / "delivered_2024.txt", out=tmp_path / "d")
    assert {a.criterion: a.grade for a in what_it_answers(delivery)}["density"] == "yes"
    assert all(answer.to_dict()["es"] and answer.to_dict()["get_en"] for answer in grades.values())
