"""Shares of a list of members, worked out by hand."""

from datetime import date
from pathlib import Path

import polars as pl
import pytest
import xlsxwriter

from coopetir.foundation.core import engines
from coopetir.foundation.core.disclosure import profiles
from coopetir.identify.core.footprint import NoMemberFound, footprint, latest_year
from coopetir.identify.core.footprint_words import panel_lines, panel_sentence
from coopetir.identify.core.member_exports import read_exports
from coopetir.identify.core.member_list import (
    ListKindUnknown,
    ListTooLarge,
    NitColumnMissing,
    read_members,
)

TABLES = Path(__file__).parents[3] / "docs" / "explanation" / "methods" / "tables"
PUBLIC = profiles(15)["manager"]


def firm(number, department, jobs, income, **changes):
    return {
        "year": 2023, "chamber": "08", "registration": str(number), "nit": f"90000{number:04d}", "category": "01",
        "status": "01", "activity_1": "1071", "top_income_activity": "1071", "municipality": f"{department}001",
        "registered_on": date(2010, 1, 1), "renewed_on": date(2023, 1, 1), "last_renewed_year": 2023,
        "income_cop": income, "jobs": jobs,
    } | changes  # fmt: skip


def registry(rows):
    kinds = {"income_cop": pl.Float64, "jobs": pl.Float64, "year": pl.Int32, "last_renewed_year": pl.Int32}
    return pl.DataFrame(rows, schema_overrides=kinds, infer_schema_length=None)


# Valle: ten firms, jobs 10 … 100 (550), income 1 … 10 thousand million (55). Bogotá: two firms.
VALLE = [firm(at, "76", 10.0 * at, at * 1e9) for at in range(1, 11)]
BOGOTA = [firm(at, "11", 50.0, 1e9) for at in (21, 22)]


def members(tmp_path, lines):
    path = tmp_path / "miembros.csv"
    path.write_text("\n".join(["NIT", *lines]), "utf-8")
    return read_members(path)


def weigh(rows, listed, **changes):
    with engines.connect() as engine:
        return footprint(
            engine,
            registry(rows),
            listed,
            department="76",
            contrast="11",
            year=2023,
            profile=PUBLIC,
            **changes,
        )


def by_name(result):
    return {share.measure: share for share in result.shares}


def test_shares_by_hand(tmp_path):
    listed = members(tmp_path, ["900000008", "900.000.009", "900000010", "900000021", "999111222"])
    result, missing = weigh(VALLE + BOGOTA, listed)
    shares = by_name(result)
    assert (result.listed, result.matched, result.elsewhere) == (5, 3, 1)
    assert shares["firms"].members == pytest.approx(3 / 10)
    assert shares["sales"].members == pytest.approx((8 + 9 + 10) / 55)
    assert shares["jobs"].members == pytest.approx((80 + 90 + 100) / 550)
    # 27 thousand million over 270 jobs; the same 100 million in the territory; 2 thousand million over 100 in Bogotá
    assert shares["sales_per_job"].members == pytest.approx(100)
    assert shares["sales_per_job"].territory == pytest.approx(100)
    assert shares["sales_per_job"].contrast == pytest.approx(20)
    assert shares["formal_jobs"].members is None
    assert shares["formal_jobs"].why == "registry_has_no_formality"
    assert shares["high_value_exports"].why == "no_exports"
    assert missing.select("row", "nit", "elsewhere").rows() == [
        (4, "900000021", True),
        (5, "999111222", False),
    ]


def test_what_members_do_not_say_is_unknown_not_zero(tmp_path):
    silent = [firm(1, "76", None, None), *VALLE[1:]]
    shares = by_name(weigh(silent, members(tmp_path, ["900000001"]))[0])
    assert shares["sales"].members is None
    assert shares["sales"].why == "no_sales"
    assert shares["jobs"].members is None
    assert shares["firms"].members == pytest.approx(1 / 10)
    half = by_name(weigh(silent, members(tmp_path, ["900000001", "900000010"]))[0])
    assert half["jobs"].known == pytest.approx(0.5)
    assert half["jobs"].members == pytest.approx(100 / (550 - 10))


def test_only_active_firms_of_the_year_count(tmp_path):
    gone = [firm(31, "76", 500.0, 9e9, status="02"), firm(32, "76", 500.0, 9e9, last_renewed_year=2020)]
    later = [firm(33, "76", 500.0, 9e9, year=2022)]
    listed = members(tmp_path, ["900000010", "900000031", "900000032", "900000033"])
    result, missing = weigh(VALLE + gone + later, listed)
    assert result.matched == 1
    assert result.territory_firms == 10
    assert missing.height == 3


def test_a_firm_registered_twice_counts_twice_as_firm_and_once_as_member(tmp_path):
    twin = firm(41, "76", 10.0, 1e9, nit="900000010", chamber="15")
    result, _ = weigh([*VALLE, twin], members(tmp_path, ["900000010"]))
    assert (result.matched, result.firms, result.territory_firms) == (1, 2, 11)


def test_high_value_exports_of_members_contrast_and_territory(tmp_path):
    # 870322 cars MT1, 300490 medicines HT2, 090111 coffee PP, 999999 in no list
    rows = [
        ("900000008", "090111", 84.0), ("900000009", "8703221000", 10.0), ("900000010", "300490", 6.0),
        ("900000001", "090111", 100.0), ("900000021", "870322", 13.0), ("900000022", "090111", 87.0),
        ("900000008", "999999", 1e6), ("123456", "870322", 1e6),
    ]  # fmt: skip
    exports = pl.DataFrame(rows, schema=["nit", "product", "fob_usd"], orient="row")
    listed = members(tmp_path, ["900000008", "900000009", "900000010"])
    share = by_name(weigh(VALLE + BOGOTA, listed, exports=exports)[0])["high_value_exports"]
    assert share.members == pytest.approx(0.16)
    assert share.contrast == pytest.approx(0.13)
    assert share.territory == pytest.approx(0.08)
    assert share.known == pytest.approx(1.0)


def test_members_who_do_not_export_leave_it_unknown(tmp_path):
    exports = pl.DataFrame({"nit": ["900000001"], "product": ["870322"], "fob_usd": [1.0]})
    share = by_name(weigh(VALLE, members(tmp_path, ["900000010"]), exports=exports)[0])["high_value_exports"]
    assert share.members is None
    assert share.why == "no_member_exports"


def test_nobody_found_is_said(tmp_path):
    with pytest.raises(NoMemberFound):
        weigh(VALLE, members(tmp_path, ["900000021"]))


@pytest.mark.parametrize(
    ("listed", "safe"),
    [
        (["900000010"], False),  # one member: its figure is the share
        (["900000009", "900000010"], False),  # the two know each other
        (["900000006", "900000007", "900000008", "900000009", "900000010"], True),
        ([f"90000{at:04d}" for at in range(1, 10)], False),  # the rest is one firm
    ],
)
def test_a_share_is_safe_only_if_members_and_the_rest_are(tmp_path, listed, safe):
    shares = by_name(weigh(VALLE, members(tmp_path, listed))[0])
    assert shares["sales"].safe is safe
    assert shares["jobs"].safe is safe
    assert shares["sales_per_job"].safe is safe
    assert shares["firms"].safe is True


def test_outsiders_read_whole_percents_and_nothing_unsafe(tmp_path):
    unsafe, _ = weigh(VALLE, members(tmp_path, ["900000010"]))
    lines = {line.measure: line for line in panel_lines(unsafe.to_dict(), internal=False, language="es")}
    assert lines["sales"].state == "protected"
    assert lines["sales"].members is None
    assert lines["sales"].texts[0] == "protegido"
    assert lines["sales"].known == ""
    assert lines["firms"].texts[0] == "10\N{NO-BREAK SPACE}%"
    inside = {line.measure: line for line in panel_lines(unsafe.to_dict(), internal=True, language="es")}
    assert inside["sales"].members == pytest.approx(10 / 55)
    safe, _ = weigh(VALLE, members(tmp_path, [f"90000{at:04d}" for at in range(6, 11)]))
    outside = {line.measure: line for line in panel_lines(safe.to_dict(), internal=False, language="es")}
    assert outside["sales"].members == 0.73
    assert outside["sales_per_job"].members == 100.0


def test_the_sentence_tells_only_what_is_known(tmp_path):
    result, _ = weigh(VALLE, members(tmp_path, ["900000010"]))
    plain = result.to_dict()
    whole = panel_sentence(
        plain, panel_lines(plain, internal=True, language="es"), place="Valle", language="es"
    )
    assert "18\N{NO-BREAK SPACE}% de las ventas" in whole
    part = panel_sentence(
        plain, panel_lines(plain, internal=False, language="es"), place="Valle", language="es"
    )
    assert "ventas" not in part
    assert "10\N{NO-BREAK SPACE}% de las empresas de Valle" in part


def test_the_last_year_is_used():
    with engines.connect() as engine:
        assert latest_year(engine, registry([*VALLE, firm(50, "76", 1.0, 1.0, year=2019)])) == 2023


NITS = ["901.888.999-6", "901888999", "NIT 860002964-4", "8600029644", "no sé", "", "900.000.001"]


def read(tmp_path, name, text, encoding="utf-8"):
    path = tmp_path / name
    path.write_bytes(text.encode(encoding))
    return read_members(path)


@pytest.mark.parametrize(
    ("name", "before", "mark"),
    [
        ("con.csv", "Nombre;NIT", ";"),
        ("con.txt", "Razón social\tNúmero NIT", "\t"),
        ("sin.csv", "Nombre,Código", ","),
    ],
)
def test_lists_with_headers(tmp_path, name, before, mark):
    rows = [f"Ñandú {at}{mark}{nit}" for at, nit in enumerate(NITS)]
    found = read(tmp_path, name, "\n".join([before, *rows]), "cp1252")
    assert found.distinct == ["901888999", "860002964", "900000001"]
    assert found.repeated == 2
    assert found.unreadable == 1
    assert found.nits.filter(pl.col("nit").is_null())["row"].to_list() == [5]


def test_a_bare_list_of_numbers(tmp_path):
    found = read(tmp_path, "lista.txt", "\ufeff901.888.999-6\r\n860002964\r\n\r\n1144000111\r\n")
    assert found.distinct == ["901888999", "860002964", "1144000111"]


def test_a_workbook(tmp_path):
    path = tmp_path / "lista.xlsx"
    with xlsxwriter.Workbook(path) as book:
        sheet = book.add_worksheet()
        for at, value in enumerate(["Nit", 901888999, "860002964-4"]):
            sheet.write(at, 0, value)
            sheet.write(at, 1, f"texto {at}")
    assert read_members(path).distinct == ["901888999", "860002964"]


def test_the_hash_is_of_the_file_sent(tmp_path):
    import hashlib

    text = "NIT\n901888999\n860002964\n"
    assert read(tmp_path, "a.csv", text).sha256 == hashlib.sha256(text.encode()).hexdigest()


def test_lists_that_are_refused(tmp_path):
    with pytest.raises(ListKindUnknown):
        read(tmp_path, "lista.pdf", "NIT\n901888999\n")
    with pytest.raises(NitColumnMissing) as refused:
        read(tmp_path, "otra.csv", "nombre,ciudad\nAna,Cali\nLuis,Buga\n")
    assert "nombre" in refused.value.sentence("es")
    with pytest.raises(ListTooLarge):
        read(tmp_path, "larga.csv", "NIT\n" + "901888999\n" * 50_001)
    with pytest.raises(ListTooLarge):
        read(tmp_path, "grande.csv", "NIT\n" + "9" * (20 * 1024**2))
    assert read(tmp_path, "justa.csv", "NIT\n" + "901888999\n" * 50_000).rows == 50_000


def exports_of(tmp_path, text):
    path = tmp_path / "exportaciones.csv"
    path.write_text(text, "utf-8")
    return read_exports(path)


def test_exports_by_firm(tmp_path):
    rows, left_out = exports_of(
        tmp_path,
        "NIT_EXPORTADOR;Posición arancelaria;Valor FOB USD\n"
        "900.000.008-1;901110000;1.234,5\n900000009;8703.22;1.000.000,25\nnadie;870322;3,5\n900000010;87;4,5\n",
    )
    assert rows.rows() == [("900000008", "0901110000", 1234.5), ("900000009", "870322", 1000000.25)]
    assert left_out == 2


def test_exports_without_a_needed_column_are_refused(tmp_path):
    from coopetir.foundation.core.tables import ColumnMissing

    with pytest.raises(ColumnMissing) as refused:
        exports_of(tmp_path, "nit,valor_fob_usd\n900000008,5.5\n900000009,6.5\n")
    assert "product" in refused.value.sentence("es")


def test_exports_whose_decimals_are_unclear_are_refused(tmp_path):
    from coopetir.foundation.core.extracts.plain import PlainMarkUnclear

    with pytest.raises(PlainMarkUnclear):
        exports_of(tmp_path, "nit;hs6;fob_usd\n900000008;870322;1.234\n900000009;870322;5.678\n")


def of_page():
    """The firms of the worked example of docs/explanation/methods/footprint.md."""
    table = pl.read_csv(
        TABLES / "footprint_firms.csv", schema_overrides={"nit": pl.String, "department": pl.String}
    )
    rows = [
        firm(at, row["department"], row["jobs"], row["income_cop"], nit=row["nit"])
        for at, row in enumerate(table.iter_rows(named=True))
    ]
    products = {"coffee": "090111", "cars": "870322", "medicines": "300490"}
    sold = [
        (row["nit"], products[row["exports"].split()[0]], float(row["exports"].split()[1]))
        for row in table.iter_rows(named=True)
        if row["exports"]
    ]
    listed = table.filter(pl.col("member") == "yes")["nit"].to_list()
    return rows, listed, pl.DataFrame(sold, schema=["nit", "product", "fob_usd"], orient="row")


def panel_of(result):
    def shown(value, measure):
        return "" if value is None else f"{value:.1f}" if measure == "sales_per_job" else f"{value:.4f}"

    return [
        {
            "line": share.measure,
            "members": shown(share.members, share.measure),
            "contrast": shown(share.contrast, share.measure),
            "territory": shown(share.territory, share.measure),
            "members that state it": "" if share.known is None else f"{share.known:.2f}",
        }
        for share in result.shares
    ]


def test_the_worked_table_of_the_page(tmp_path):
    rows, listed, exports = of_page()
    result, _ = weigh(rows, members(tmp_path, listed), exports=exports)
    printed = pl.read_csv(TABLES / "footprint_panel.csv", infer_schema=False).fill_null("")
    assert printed.to_dicts() == panel_of(result)
    # by hand: sales 30 of 41 thousand million, jobs 400 of 500; 30 thousand million over 300 jobs
    assert printed["members"].to_list() == ["0.5000", "0.7317", "0.8000", "100.0", "", "0.1600"]
    assert printed["contrast"].to_list()[-1] == "0.1300"
