"""Huge files, archives that explode, wrappings, and a kill at any moment."""

import gzip
import os
import signal
import subprocess
import sys
import time
import zipfile
from pathlib import Path

import polars as pl
import pytest

from coopetir.foundation.core.extracts import source
from coopetir.foundation.core.extracts.reading import read_extract
from coopetir.foundation.core.extracts.rows import QuoteOpen
from coopetir.foundation.core.extracts.sniffing import HeaderMissing, sniff
from coopetir.foundation.core.extracts.source import (
    ArchiveSuspicious,
    SheetTooLarge,
    SourceEmpty,
    SourceMissing,
    SourceTooLarge,
    SourceUnreadable,
    parts_of,
    sha256_of,
)

DATA = Path(__file__).resolve().parents[2] / "data" / "extracts"
SENT = DATA / "delivered_2024.txt"


@pytest.fixture(scope="module")
def direct(tmp_path_factory):
    return read_extract(SENT, out=tmp_path_factory.mktemp("direct") / "out")


def same(one, two):
    return pl.read_parquet(one.firms).equals(pl.read_parquet(two.firms))


def test_every_wrapping_gives_the_same_firms(tmp_path, direct):
    packed = tmp_path / "delivered_2024.txt.gz"
    packed.write_bytes(gzip.compress(SENT.read_bytes()))
    assert same(read_extract(packed, out=tmp_path / "gz"), direct)
    archive = tmp_path / "entrega.zip"
    with zipfile.ZipFile(archive, "w", zipfile.ZIP_DEFLATED) as target:
        target.write(SENT, "carpeta/delivered_2024.txt")
        target.writestr("leame.pdf", "no es una tabla")
    done = read_extract(archive, out=tmp_path / "zip")
    assert same(done, direct)
    assert done.sources[0].sha256 == sha256_of(archive)


def test_a_sheet_of_text_gives_the_same_firms(tmp_path, direct):
    import xlsxwriter

    lines = [line.split("|") for line in SENT.read_text("latin-1").splitlines()]
    path = tmp_path / "entrega_2024.xlsx"
    with xlsxwriter.Workbook(path, {"strings_to_formulas": False}) as book:
        sheet = book.add_worksheet()
        for place, line in enumerate(line for line in lines if len(line) == 28):
            sheet.write_row(place, 0, line)
    assert same(read_extract(path, out=tmp_path / "out"), direct)


def test_utf16_and_a_mark_are_read(tmp_path, direct):
    for name, encoding in (("a_2024.txt", "utf-16"), ("b_2024.txt", "utf-8-sig")):
        path = tmp_path / name
        path.write_bytes(SENT.read_text("latin-1").encode(encoding))
        assert same(read_extract(path, out=tmp_path / name[0]), direct)


def test_what_was_sent_is_identified_by_its_hash(direct):
    import hashlib

    assert direct.sources[0].sha256 == hashlib.sha256(SENT.read_bytes()).hexdigest()
    assert direct.sources[0].size == SENT.stat().st_size


def test_files_over_the_limit_are_refused_by_name_and_limit(tmp_path):
    huge = tmp_path / "huge_2024.txt"
    with huge.open("wb") as stream:
        stream.truncate(source.MAX_BYTES + 1)
    with pytest.raises(SourceTooLarge, match="2048 MB"):
        parts_of(huge)
    sheet = tmp_path / "big.xlsx"
    with sheet.open("wb") as stream:
        stream.truncate(source.MAX_SHEET_BYTES + 1)
    with pytest.raises(SheetTooLarge, match="20 MB"):
        parts_of(sheet)


def test_a_sheet_of_too_many_rows_is_refused(tmp_path, monkeypatch):
    from coopetir.foundation.core.extracts import rows

    monkeypatch.setattr(rows, "MAX_SHEET_ROWS", 3)
    pl.DataFrame({"matricula": ["1", "2", "3", "4"], "ciiu": ["1071"] * 4}).write_excel(
        tmp_path / "many.xlsx"
    )
    with pytest.raises(SheetTooLarge, match="4"):
        sniff(tmp_path / "many.xlsx")


def test_a_bomb_is_refused_before_it_is_opened(tmp_path):
    bomb = tmp_path / "bomb.zip"
    with zipfile.ZipFile(bomb, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("a_2024.csv", b"0" * (30 * 1024**2))
    with pytest.raises(ArchiveSuspicious, match="safety"):
        parts_of(bomb)


def test_a_bomb_that_lies_about_its_size_is_stopped_while_reading(tmp_path, monkeypatch):
    packed = tmp_path / "bomb_2024.csv.gz"
    packed.write_bytes(gzip.compress(b"MATRICULA|CIIU|X\n" + (b"1|1071|" + b"x" * 4000 + b"\n") * 6_000))
    with pytest.raises(ArchiveSuspicious):
        read_extract(packed, out=tmp_path / "out")
    monkeypatch.setattr(source, "MAX_BYTES", 1024**2)
    with pytest.raises(SourceTooLarge):
        read_extract(packed, out=tmp_path / "out")
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize(
    ("name", "content", "refusal"),
    [
        ("empty_2024.txt", b"", SourceEmpty),
        ("head_2024.txt", b"MATRICULA|CIIU\n", SourceEmpty),
        ("binary_2024.txt", b"MATRICULA\x00\x01\x02|CIIU\n1|2\n", SourceUnreadable),
        ("image_2024.png", b"\x89PNG", SourceUnreadable),
        ("broken_2024.zip", b"PK\x03\x04 not a zip", SourceUnreadable),
        ("broken_2024.xlsx", b"PK\x03\x04 not a sheet", SourceUnreadable),
        ("broken_2024.parquet", b"PAR1 no", SourceUnreadable),
        ("broken_2024.csv.gz", b"\x1f\x8b\x08 no", SourceUnreadable),
        (
            "noheader_2024.txt",
            b"0000000001|900000001|76001|1071\n0000000002|900000002|76001|1071\n",
            HeaderMissing,
        ),
    ],
)
def test_named_refusals_leave_nothing(tmp_path, name, content, refusal):
    (tmp_path / name).write_bytes(content)
    with pytest.raises(refusal) as found:
        read_extract(tmp_path / name, out=tmp_path / "out")
    assert found.value.sentence("es") != found.value.sentence("en")
    assert [item.name for item in tmp_path.iterdir()] == [name]


def test_a_missing_file(tmp_path):
    with pytest.raises(SourceMissing, match="nada"):
        read_extract(tmp_path / "nada.txt", out=tmp_path / "out")


def test_a_truncated_gzip_leaves_nothing(tmp_path):
    packed = gzip.compress(SENT.read_bytes())
    (tmp_path / "cut_2024.txt.gz").write_bytes(packed[: len(packed) // 2])
    with pytest.raises(SourceUnreadable):
        read_extract(tmp_path / "cut_2024.txt.gz", out=tmp_path / "out")
    assert not (tmp_path / "out").exists()


def test_a_stray_quote_does_not_swallow_the_rest(tmp_path):
    rows = "".join(f'"{n}","EMPRESA SINTETICA {n} SAS","1071","76001"\n' for n in range(1, 200))
    rows += '"200","EMPRESA "SINTETICA" 200 SAS","1071","76001"\n'
    rows += "".join(f'"{n}","EMPRESA SINTETICA, {n} SAS","1071","76001"\n' for n in range(201, 300))
    (tmp_path / "q_2024.csv").write_text("matricula,razon_social,ciiu,municipio\n" + rows, "utf-8")
    done = read_extract(tmp_path / "q_2024.csv", out=tmp_path / "out")
    assert done.quality.firms >= 298


def test_an_open_quote_is_refused_with_its_row(tmp_path):
    rows = [f'"{n}","EMPRESA SINTETICA {n} SAS","1071","76001"' for n in range(1, 200)]
    rows[99] = '"100","EMPRESA SINTETICA 100 SAS,"1071","76001"'
    rows[120] = '"121,EMPRESA SINTETICA,1071,76001'
    rows[121:] = [row.replace('"', "") for row in rows[121:]]
    (tmp_path / "o_2024.csv").write_text("\n".join(["matricula,razon_social,ciiu,municipio", *rows]), "utf-8")
    with pytest.raises(QuoteOpen, match=r"row 1[0-2]\d"):
        read_extract(tmp_path / "o_2024.csv", out=tmp_path / "out")


def test_a_header_with_line_ends(tmp_path):
    rows = "".join(f"{n};EMPRESA SINTETICA {n} SAS;1071;76001\n" for n in range(1, 20))
    text = '"Número de\nmatrícula";"Razón\nsocial";"Código\nCIIU";"Municipio"\n' + rows
    (tmp_path / "h_2024.csv").write_text(text, "utf-8")
    seen = sniff(tmp_path / "h_2024.csv")
    assert seen.headers == ["Número de matrícula", "Razón social", "Código CIIU", "Municipio"]
    assert read_extract(tmp_path / "h_2024.csv", out=tmp_path / "out").quality.firms == 19


def test_a_kill_leaves_the_earlier_reading_whole(tmp_path):
    """Killed with no chance to clean up: the target folder still holds the earlier reading, byte for byte."""
    before = read_extract(SENT, out=tmp_path / "out")
    was = {item.name: item.read_bytes() for item in before.folder.rglob("*") if item.is_file()}
    lines = SENT.read_text("latin-1").splitlines()
    many = [line.replace("00000000", f"{n:06d}", 1) for n in range(20_000) for line in lines[1:11]]
    (tmp_path / "big_2024.txt").write_text("\n".join([lines[0], *many]), "latin-1")
    code = (
        "import sys; from coopetir.foundation.core.extracts.reading import read_extract;"
        "read_extract(sys.argv[1], out=sys.argv[2], progress=lambda d, t, s: print(s, flush=True))"
    )
    child = subprocess.Popen(
        [sys.executable, "-c", code, str(tmp_path / "big_2024.txt"), str(tmp_path / "out")],
        stdout=subprocess.PIPE,
    )
    assert child.stdout is not None
    child.stdout.readline()
    os.kill(child.pid, signal.SIGKILL)
    child.wait()
    child.stdout.close()
    time.sleep(0.05)
    assert {item.name: item.read_bytes() for item in before.folder.rglob("*") if item.is_file()} == was
    # The next reading takes away what the killed one left.
    read_extract(SENT, out=tmp_path / "out")
    assert sorted(item.name for item in tmp_path.iterdir()) == ["big_2024.txt", "out"]
