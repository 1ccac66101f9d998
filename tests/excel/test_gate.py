"""Files that must not be opened: each is refused with its own code, quickly, and none stops the others."""

from __future__ import annotations

import random
import re
import struct
import sys
import time
import zipfile
from collections.abc import Callable, Iterator
from functools import partial
from io import BytesIO
from pathlib import Path
from subprocess import run
from typing import Any

import pytest

from cedg_excel.copies.template import build_template
from cedg_excel.excel.gate import MAX_FILE, MAX_PARTS, MAX_UNPACKED, MIB
from cedg_excel.excel.save import to_bytes
from cedg_excel.excel.workbook_info import MAX_TREE
from cedg_excel.excel_facts import row_and_column
from cedg_excel.findings import Severity
from cedg_excel.plan.model import Plan
from cedg_excel.returns.model import Return
from cedg_excel.returns.read import read_return, read_returns
from tests.conftest import COVER, PERIOD, RATED, SENT, checked
from tests.helpers.places import ROOT, SMALL
from tests.helpers.zips import Parts, parts_of
from tests.helpers.zips import zipped as packed

TAB, SHEET = "Objective 2", "xl/worksheets/sheet2.xml"
MAIN = b'xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"'
OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(504)
SECONDS = 5.0
"""The longest that any one file may take on a slow and busy machine."""

Read = Callable[[bytes], Return]

zipped = partial(packed, level=1)
"""Packed quickly: some of what is packed here is large."""


@pytest.fixture(scope="session")
def good(small: Plan) -> bytes:
    """A return without mistakes."""
    evidence = {f"action/{ref}/evidence": f"Minutes of {ref}" for ref in ("2.1", "2.3", "2.4", "2.5")}
    numbers = {"kpi/K2.1/value": 17, "kpi/K2.2/numerator": 3, "kpi/K2.2/denominator": 4, "kpi/K2.3/value": 2.5}
    return to_bytes(build_template(small, "north", PERIOD, values={**COVER, **RATED, **evidence, **numbers}), SENT)


@pytest.fixture
def parts(good: bytes) -> Parts:
    """Its parts, for a test to change."""
    return parts_of(good)


@pytest.fixture
def read(small: Plan, tmp_path: Path) -> Read:
    def returned(data: bytes) -> Return:
        path = tmp_path / "return.xlsx"
        path.write_bytes(data)
        started = time.process_time()
        item = read_return(path, small)
        assert time.process_time() - started < SECONDS
        return item

    return returned


def refused(item: Return) -> str:
    """The code with which a file was refused, which must be its only finding."""
    assert item.rejected and not item.entries, [finding.code for finding in item.findings]
    (finding,) = item.findings
    assert finding.severity is Severity.ERROR and finding.message and finding.fix
    assert "{" not in finding.message + finding.fix
    return finding.code


def values(item: Return) -> dict[str, Any]:
    return {key: entry.value for key, entry in (item.entries or {}).items() if entry.value is not None}


# Not a workbook made by this program


def names(*streams: str) -> bytes:
    """An OLE file with these streams in its directory."""
    return OLE + b"".join(f"{stream}\0".encode("utf-16-le") for stream in streams)


@pytest.mark.parametrize(
    ("data", "code"),
    [
        pytest.param(b"", "EMPTY_FILE", id="no bytes"),
        pytest.param(b"P", "NOT_A_WORKBOOK", id="one byte"),
        pytest.param(b"PK\x03\x04", "DAMAGED", id="the first four bytes of a zip"),
        pytest.param(b"PK\x05\x06" + bytes(18), "NOT_A_WORKBOOK", id="an empty zip"),
        pytest.param(b"Dear coordinator, all is well.", "NOT_A_WORKBOOK", id="text"),
        pytest.param("Ref,BRAG\r\n2.3,Blue\r\n".encode("utf-16"), "NOT_A_WORKBOOK", id="comma-separated values"),
        pytest.param(b"<html><table><tr><td>2.3</td></tr></table></html>", "NOT_A_WORKBOOK", id="HTML"),
        pytest.param(b'<?xml version="1.0"?><Workbook/>', "NOT_A_WORKBOOK", id="an XML workbook of 2003"),
        pytest.param(b"%PDF-1.7\n", "NOT_A_WORKBOOK", id="PDF"),
        pytest.param(names("Root Entry", "Workbook"), "OLD_FORMAT", id=".xls"),
        pytest.param(names("Root Entry", "Book"), "OLD_FORMAT", id=".xls of Excel 5"),
        pytest.param(names("Root Entry", "WordDocument"), "NOT_A_WORKBOOK", id=".doc"),
        pytest.param(names("__substg1.0_0037001F"), "NOT_A_WORKBOOK", id="an e-mail saved as .msg"),
        pytest.param(names("EncryptionInfo", "EncryptedPackage"), "ENCRYPTED", id="a password"),
        pytest.param(names("\x06DataSpaces", "EncryptedPackage"), "ENCRYPTED", id="a sensitivity label"),
        pytest.param(zipped({"word/document.xml": b"<w/>", "[Content_Types].xml": b"<a/>"}), "NOT_A_WORKBOOK", id=".docx"),
        pytest.param(zipped({"xl/workbook.bin": b"\x83\x01"}), "OLD_FORMAT", id=".xlsb"),
        pytest.param(zipped({"mimetype": b"application/vnd.oasis", "content.xml": b"<a/>"}), "OLD_FORMAT", id=".ods"),
        pytest.param(zipped({"return.xlsx": b"PK\x03\x04"}), "NOT_A_WORKBOOK", id="a zip with the return inside"),
    ],
)
def test_a_file_that_is_not_a_workbook_is_refused(read: Read, data: bytes, code: str) -> None:
    assert refused(read(data)) == code


def test_the_three_old_formats_are_distinguished(read: Read) -> None:
    kinds = [names("Workbook"), zipped({"xl/workbook.bin": b""}), zipped({"content.xml": b""})]
    says = [read(data).findings[0].message for data in kinds]
    assert [sentence.split(", not an")[0] for sentence in says] == [
        "This is an old Excel workbook (.xls)", "This is a binary workbook (.xlsb)", "This is an OpenDocument file",
    ]  # fmt: skip


def test_an_encrypted_workbook_is_refused(read: Read, good: bytes) -> None:
    office = pytest.importorskip("msoffcrypto.format.ooxml")
    out = BytesIO()
    office.OOXMLFile(BytesIO(good)).encrypt("cedg", out)
    assert refused(read(out.getvalue())) == "ENCRYPTED"


def test_lock_files_and_folders_are_skipped(small: Plan, good: bytes, tmp_path: Path) -> None:
    lock = tmp_path / "~$return.xlsx"
    lock.write_bytes(b"\x07Officer")
    for path, code in ((lock, "LOCK_FILE"), (tmp_path, "NOT_A_FILE"), (tmp_path / "gone.xlsx", "NOT_A_FILE")):
        (item,) = checked(small, path)
        assert ([finding.code for finding in item.findings], item.status) == ([code], "skipped")


def test_one_bad_file_does_not_stop_the_others(small: Plan, good: bytes, tmp_path: Path) -> None:
    paths = []
    for number, data in enumerate((b"", good, b"PK\x03\x04", good, OLE, good[:-30], good)):
        paths.append(tmp_path / f"{number}.xlsx")
        paths[-1].write_bytes(data)
    assert [item.rejected for item in read_returns(paths, small)] == [True, False, True, False, True, True, False]


def test_a_refused_file_still_has_a_checksum(read: Read, good: bytes) -> None:
    """Otherwise one file with two names in the folder would count as two."""
    assert read(good[:100]).sha256 == read(good[:100]).sha256 != read(good[:101]).sha256
    assert len(read(good[:100]).sha256) == 64


# Broken and forged zips


def test_a_truncated_file_is_refused(read: Read, good: bytes) -> None:
    """An interrupted download: the directory is at the end of a zip, so part of a zip is never taken for the whole."""
    for length in [*range(1, 40), *range(40, len(good), len(good) // 150), *range(len(good) - 60, len(good))]:
        assert refused(read(good[:length])) in ("DAMAGED", "NOT_A_WORKBOOK"), length


def test_bytes_after_the_end_are_harmless(read: Read, good: bytes) -> None:
    """Some mail gateways append a line."""
    assert values(read(good + b"\r\n")) == values(read(good))


@pytest.mark.parametrize("missing", ["xl/_rels/workbook.xml.rels", SHEET, "_rels/.rels"])
def test_a_file_with_a_missing_part_is_refused(read: Read, parts: Parts, missing: str) -> None:
    del parts[missing]
    assert refused(read(zipped(parts))) == "DAMAGED"


def test_a_zip_without_a_workbook_is_refused(read: Read, parts: Parts) -> None:
    del parts["xl/workbook.xml"]
    assert refused(read(zipped(parts))) == "NOT_A_WORKBOOK"


@pytest.mark.parametrize("junk", [b"", b"<", b"<a>", b"\xff\xfe", b"<a/><b/>", b"<a>&foo;</a>"])
@pytest.mark.parametrize("part", ["xl/workbook.xml", "xl/_rels/workbook.xml.rels", "docProps/core.xml", "docProps/custom.xml", SHEET])
def test_broken_xml(read: Read, parts: Parts, part: str, junk: bytes) -> None:
    parts[part] = junk
    assert refused(read(zipped(parts))) == "DAMAGED"


@pytest.mark.filterwarnings("ignore:Duplicate name")
def test_a_file_with_a_repeated_part_is_refused(read: Read, good: bytes, parts: Parts) -> None:
    """Programs differ in which of the two they read: what is checked here might not be what Excel shows."""
    for twin in (SHEET, SHEET.upper(), "XL/Workbook.xml"):
        out = BytesIO(good)
        with zipfile.ZipFile(out, "a") as package:
            package.writestr(twin, parts[SHEET].replace(b"Minutes", b"Nothing"))
        assert refused(read(out.getvalue())) == "DAMAGED", twin


def test_tabs_that_share_a_name_or_a_part_are_refused(read: Read, parts: Parts) -> None:
    workbook = parts["xl/workbook.xml"]
    for old, new in ((b'name="Versions"', b'name="Objective 2"'), (b'r:id="rId4"', b'r:id="rId2"'), (b'r:id="rId2"', b'r:id="rId99"')):
        assert old in workbook
        assert refused(read(zipped({**parts, "xl/workbook.xml": workbook.replace(old, new)}))) == "DAMAGED", new


@pytest.mark.parametrize(
    ("part", "old", "new"),
    [
        pytest.param(SHEET, rb'(<c r="A4".*?</c>)', rb"\1\1", id="a cell twice"),
        pytest.param(SHEET, rb'(<row r="4".*?</row>)', rb"\1\1", id="a row twice"),
        pytest.param("xl/workbook.xml", rb'name="Objective 2"', b'name=""', id="a tab without a name"),
        pytest.param("xl/workbook.xml", rb'name="Objective 2"', b'name="%s"' % (b"x" * 40_000), id="a tab whose name never ends"),
        pytest.param("xl/workbook.xml", rb"<workbookPr */>", b'<workbookPr date1904="TRUE"/>', id="dates counted from an unknown day"),
    ],
)
def test_an_ambiguous_file_is_refused(read: Read, parts: Parts, part: str, old: bytes, new: bytes) -> None:
    """Programs differ in which of the two they show, and Excel offers to repair the file."""
    parts[part], times = re.subn(old, new, parts[part], flags=re.DOTALL)
    assert times == 1
    assert refused(read(zipped(parts))) == "DAMAGED"


def test_a_file_that_makes_calamine_panic_does_not_stop_the_others(small: Plan, good: bytes, parts: Parts, tmp_path: Path) -> None:
    """A date so long ago that it cannot be counted in milliseconds."""
    part = next(name for name in parts if b"<v>43" in parts[name])
    bad, fine = tmp_path / "bad.xlsx", tmp_path / "fine.xlsx"
    bad.write_bytes(zipped({**parts, part: re.sub(rb"<v>43\d+", b"<v>-1e16", parts[part], count=1)}))
    fine.write_bytes(good)
    first, second = read_returns([bad, fine], small)
    assert refused(first) == "DAMAGED"
    assert not second.rejected


def test_what_is_inspected_is_what_is_read(read: Read, good: bytes, parts: Parts) -> None:
    """With a second directory at its end, a file shows different programs different workbooks."""
    other = zipped({**parts, SHEET: parts[SHEET].replace(b"Minutes", b"Nothing")})
    for forged in (other + good, good + other):
        item = read(forged)
        shown = {str(value) for key, value in values(item).items() if key.endswith("evidence")}
        assert item.rejected or len({text.split()[0] for text in shown}) == 1


@pytest.mark.parametrize("method", [zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA])
def test_unusual_compression_methods_are_refused(read: Read, parts: Parts, method: int) -> None:
    assert refused(read(zipped(parts, method, level=9))) == "DAMAGED"


def test_encrypted_part(read: Read, good: bytes) -> None:
    """The oldest kind of zip encryption is a flag in the directory."""
    forged = bytearray(good)
    at = forged.index(b"PK\x01\x02")
    while at >= 0:
        forged[at + 8] |= 1
        at = forged.find(b"PK\x01\x02", at + 4)
    assert refused(read(bytes(forged))) == "DAMAGED"


# What office programs never write


@pytest.mark.parametrize("name", ["xl/vbaProject.bin", "xl/VBAProject.BIN", "xl/macrosheets/sheet1.xml"])
def test_macros(read: Read, parts: Parts, name: str) -> None:
    parts[name] = b"<a/>"
    assert refused(read(zipped(parts))) == "HAS_MACROS"


LAUGHS = '<!DOCTYPE a [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;&a;">]>'


@pytest.mark.parametrize(
    "written",
    [
        pytest.param(f'<?xml version="1.0"?>{LAUGHS}<a>&b;</a>'.encode(), id="UTF-8"),
        pytest.param(b"\xef\xbb\xbf" + f"{LAUGHS}<a/>".encode(), id="UTF-8 with a byte order mark"),
        pytest.param(f"{LAUGHS}<a/>".encode("utf-16"), id="UTF-16"),
        pytest.param(f'<?xml version="1.0" encoding="UTF-16BE"?>{LAUGHS}<a/>'.encode("utf-16-be"), id="UTF-16, big-endian"),
        pytest.param(b'<?xml version="1.0" encoding="cp037"?>' + f"{LAUGHS}<a/>".encode("cp037"), id="a mainframe encoding"),
        pytest.param(
            b'<?xml version="1.0"' + b" " * 4000 + b"encoding = 'cp037' ?>" + f"{LAUGHS}<a/>".encode("cp037"),
            id="a mainframe encoding declared after many spaces",
        ),
        pytest.param(b'\xef\xbb\xbf<?xml version="1.0" encoding="utf-7"?>+ADwAIQ-DOCTYPE a+AD4-<a/>', id="UTF-7"),
        pytest.param(f'<?xml version="1.0"?><a>{"x" * 100_000}</a>{LAUGHS}'.encode(), id="at the end"),
    ],
)  # fmt: skip
@pytest.mark.parametrize("part", ["xl/workbook.xml", SHEET, "docProps/core.xml", "xl/sharedStrings.xml", "xl/drawings/drawing1.xml"])
def test_document_types(read: Read, parts: Parts, part: str, written: bytes) -> None:
    parts[part] = written
    assert refused(read(zipped(parts))) == "UNSAFE"


def test_private_data_of_add_ins_is_ignored(read: Read, good: bytes, parts: Parts) -> None:
    """Power Query stores its steps in UTF-16: the officer does not know, and nothing here reads them."""
    parts["customXml/item1.xml"] = '<?xml version="1.0" encoding="utf-16"?><DataMashup/>'.encode("utf-16")
    assert values(read(zipped(parts))) == values(read(good))


def test_pictures_and_embedded_files_are_reported(read: Read, parts: Parts) -> None:
    """Also where no tab says where they are. A drawing that no tab refers to is not on the form."""
    for name, codes in {
        "xl/embeddings/oleObject1.bin": ["EMBEDDED"], "xl/media/image1.png": ["PICTURE"], "xl/drawings/drawing1.xml": [],
    }.items():  # fmt: skip
        assert [finding.code for finding in read(zipped({**parts, name: b"<a/>"})).findings] == codes, name


# Too large


def sheet(rows: bytes) -> bytes:
    return b"<worksheet " + MAIN + b"><sheetData>" + rows + b"</sheetData></worksheet>"


def with_cell(parts: Parts, written: bytes) -> Parts:
    """The return with one more row at the end of Objective 2."""
    return {**parts, SHEET: parts[SHEET].replace(b"</sheetData>", written + b"</sheetData>")}


@pytest.mark.parametrize(
    ("written", "code", "cell"),
    [
        (b'<row r="1048576"><c r="XFD1048576"><v>1</v></c></row>', "FAR_CELL", "XFD1048576"),
        (b'<row r="1048576"><c r="XFD1048576" t="inlineStr"><is><t>x</t></is></c></row>', "FAR_CELL", "XFD1048576"),
        (b'<row r="40"><c r="XFD1048576"><v>1</v></c></row>', "FAR_CELL", "XFD1048576"),
        (b'<row r="1048576"><c><v>1</v></c></row>', "FAR_CELL", "A1048576"),
        (b'<y:row xmlns:y="a" r="1048576"><y:c r="XFD1048576"><y:v>1</y:v></y:c></y:row>', "FAR_CELL", "XFD1048576"),
        (b'<row r="40"><c r="C99999999999"><v>1</v></c></row>', "DAMAGED", ""),
        (b'<row r="40"><c r="ZZZZ40"><v>1</v></c></row>', "DAMAGED", ""),
        (b'<row r="40"><c r="A0"><v>1</v></c></row>', "DAMAGED", ""),
        (b'<row r="x"><c><v>1</v></c></row>', "DAMAGED", ""),
    ],
)
def test_cell_far_outside_the_form_is_refused(read: Read, parts: Parts, written: bytes, code: str, cell: str) -> None:
    """calamine fills the whole extent of a sheet, and the process dies when memory runs out."""
    item = read(zipped(with_cell(parts, written)))
    assert refused(item) == code
    assert f"in {cell} of {TAB}" in item.findings[0].message or not cell


@pytest.mark.parametrize(
    "written",
    [
        b'<row r="1048576"><c r="XFD1048576" s="1"/></row>',
        b'<row r="1048576" ht="15" customHeight="1"/>',
        b'<row r="1048576"><c r="XFD1048576"><f>1+1</f></c></row>',
    ],
    ids=["a styled cell", "a row with a height", "a formula without a result"],
)
def test_far_cell_without_a_value_is_ignored(read: Read, good: bytes, parts: Parts, written: bytes) -> None:
    item = read(zipped(with_cell(parts, written)))
    assert (item.findings, values(item)) == ((), values(read(good)))


def test_false_extent_of_a_sheet_is_ignored(read: Read, good: bytes, parts: Parts) -> None:
    start, rest = parts[SHEET].split(b'<dimension ref="', 1)
    parts[SHEET] = start + b'<dimension ref="A1:XFD1048576"' + rest[rest.index(b'"') + 1 :]
    assert values(read(zipped(parts))) == values(read(good))


def test_a_million_styled_rows_are_only_slow_to_read(read: Read, good: bytes, parts: Parts) -> None:
    """Somebody coloured whole columns, which is not a mistake, and the answers are fine."""
    rows = b"".join(b'<row r="%d" s="3" customFormat="1"/>' % number for number in range(30, 1_000_000))
    item = read(zipped(with_cell(parts, rows)))
    assert (item.findings, values(item)) == ((), values(read(good)))


def test_file_too_large(read: Read, good: bytes) -> None:
    item = read(good + bytes(MAX_FILE))
    assert refused(item) == "TOO_LARGE"
    assert f"The limit is {MAX_FILE // MIB} MB." in item.findings[0].message


def test_many_parts(read: Read, parts: Parts) -> None:
    parts |= {f"xl/media/image{number}.png": b"" for number in range(MAX_PARTS)}
    item = read(zipped(parts))
    assert refused(item) == "TOO_LARGE"
    assert "The limit is 2,000." in item.findings[0].message


def with_false_size(data: bytes, name: str, size: int) -> bytes:
    """The zip with a false size of one part, in its directory and in the header before the part."""
    forged = bytearray(data)
    for mark, size_at, name_at in ((b"PK\x01\x02", 24, 46), (b"PK\x03\x04", 22, 30)):
        at = forged.find(mark)
        while at >= 0:
            if forged[at + name_at : at + name_at + len(name)] == name.encode():
                struct.pack_into("<I", forged, at + size_at, size)
            at = forged.find(mark, at + 4)
    return bytes(forged)


def test_zip_bomb(read: Read, parts: Parts) -> None:
    data = zipped({**parts, "xl/sharedStrings.xml": b" " * (MAX_UNPACKED + 1)}, level=9)
    assert len(data) < MIB
    assert refused(read(data)) == "TOO_LARGE"
    many = {f"xl/worksheets/extra{number}.xml": b" " * (MAX_UNPACKED // 8) for number in range(8)}
    assert refused(read(zipped({**parts, **many}, level=9))) == "TOO_LARGE"


@pytest.mark.parametrize("claimed", [0, 1, 1000])
def test_zip_bomb_that_lies_about_its_size(read: Read, parts: Parts, claimed: int) -> None:
    data = zipped({**parts, "xl/sharedStrings.xml": b" " * (MAX_UNPACKED + 1)}, level=9)
    assert refused(read(with_false_size(data, "xl/sharedStrings.xml", claimed))) == "DAMAGED"


def oversized(parts: Parts) -> Iterator[tuple[str, bytes]]:
    """Small zips that would take minutes or gigabytes to read, each for its own reason."""
    room = MAX_UNPACKED - 8 * MIB

    def flood(unit: bytes, size: int = room) -> bytes:
        return unit * (size // len(unit))

    workbook, rels = parts["xl/workbook.xml"], parts["xl/_rels/workbook.xml.rels"]
    strings = b"<sst " + MAIN + b"><si><t>" + b"a" * (10 * MIB) + b"</t></si></sst>"
    yield "cells", zipped({**parts, SHEET: sheet(b"<row>" + flood(b"<c/>") + b"</row>")})
    yield "formulas", zipped({**parts, SHEET: sheet(b"<row>" + flood(b"<c><f/></c>") + b"</row>")})
    yield "hidden columns", zipped({**parts, SHEET: parts[SHEET].replace(
        b"<cols>", b"<cols>" + flood(b'<col min="1" max="16384" hidden="1"/>', MIB))})  # fmt: skip
    yield "tabs", zipped({**parts, "xl/workbook.xml": workbook.replace(b"</sheets>", flood(b"<sheet/>") + b"</sheets>")})
    yield "properties", zipped({**parts, "docProps/custom.xml": b"<a>" + flood(b"<property/>", MAX_TREE) + b"</a>"})
    yield "a long text in many cells", zipped({**parts, "xl/sharedStrings.xml": strings, SHEET: sheet(
        b"<row>" + b'<c t="s"><v>0</v></c>' * 10_000 + b"</row>")})  # fmt: skip
    far = sheet(b'<row r="1"><c r="A1"><v>1</v></c></row><row r="190000"><c r="J190000"><v>1</v></c></row>')
    relation = b'<Relationship Id="q%d" Type="x/worksheet" Target="worksheets/s%d.xml"/>'
    tab = b'<sheet xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships" name="s%d" sheetId="%d" r:id="q%d"/>'
    yield "many tabs, each as large as one may be", zipped({
        **parts, **{f"xl/worksheets/s{n}.xml": far for n in range(500)},
        "xl/workbook.xml": workbook.replace(b"</sheets>", b"".join(tab % (n, n + 50, n) for n in range(500)) + b"</sheets>"),
        "xl/_rels/workbook.xml.rels": rels.replace(
            b"</Relationships>", b"".join(relation % (n, n) for n in range(500)) + b"</Relationships>"),
    })  # fmt: skip


READING_UNDER_A_LIMIT = """
import resource, sys, time
from pathlib import Path
from cedg_excel.planfiles.plan_file import load_plan
from cedg_excel.returns.read import read_return
resource.setrlimit(resource.RLIMIT_AS, (1 << 30, 1 << 30))
plan = load_plan(sys.argv[1])
for path in sorted(Path(sys.argv[2]).iterdir()):
    started = time.process_time()
    codes = [finding.code for finding in read_return(path, plan).findings]
    print(path.stem, codes, time.process_time() - started < float(sys.argv[3]), sep="|")
"""


@pytest.mark.skipif(sys.platform != "linux", reason="limits a process's memory as Linux does")
def test_oversized_files_take_neither_minutes_nor_gigabytes(parts: Parts, tmp_path: Path) -> None:
    for name, data in oversized(parts):
        assert len(data) < 2 * MIB, name
        (tmp_path / f"{name}.xlsx").write_bytes(data)
    command = [sys.executable, "-c", READING_UNDER_A_LIMIT, SMALL, tmp_path, str(SECONDS)]
    completed = run(command, capture_output=True, text=True, check=False, cwd=ROOT)
    assert completed.returncode == 0, completed.stderr[-2000:]
    lines = [line.split("|") for line in completed.stdout.splitlines()]
    assert [(name, codes) for name, codes, _ in lines if name != "hidden columns"] == [
        (name, "['TOO_LARGE']")
        for name in ("a long text in many cells", "cells", "formulas", "many tabs, each as large as one may be", "properties", "tabs")
    ]
    assert [name for name, _, quick in lines if quick != "True"] == []


def test_addresses() -> None:
    assert [row_and_column(text) for text in ("A1", "h7", "AB12", "XFD1048576")] == [(1, 1), (7, 8), (12, 28), (1048576, 16384)]
    for text in ("", "A", "1", "A0", "XFE1", "A1048577", "A1:B2", "$A$1", "Ä1", "A١"):
        with pytest.raises(ValueError, match="^" + re.escape(text) + "$"):
            row_and_column(text)


# Random damage


def damaged(good: bytes, chance: random.Random) -> bytes:
    """The return as a bad disk, a bad connection or a bad zip program might leave it."""
    kind = chance.choice(("bytes", "bytes", "cut", "parts"))
    if kind == "cut":
        return good[: chance.randrange(len(good))] + bytes(chance.choice((0, 0, 500)))
    if kind == "bytes":
        data = bytearray(good)
        for _ in range(chance.choice((1, 1, 3, 30))):
            data[chance.randrange(len(data))] = chance.randrange(256)
        return bytes(data)
    parts = parts_of(good)
    one, other = chance.sample(sorted(parts), 2)
    match chance.randrange(3):
        case 0:
            parts[one], parts[other] = parts[other], parts[one]
        case 1:
            parts[one] = parts[other]
        case _:
            del parts[one]
    return zipped(parts)


def test_damage_never_changes_a_value(read: Read, good: bytes) -> None:
    """
    A flipped bit, a cut or a swapped part: what is still read is unchanged, and what is not read is reported.

    Every part has a checksum. Only names and places are not covered, and a part that cannot be found is missing.
    """
    right = values(read(good))
    for seed in range(300):
        item = read(damaged(good, random.Random(seed)))  # noqa: S311
        found = values(item)
        assert [key for key in found if found[key] != right.get(key)] == [], seed
        assert found == right or item.rejected or any(f.severity is Severity.ERROR for f in item.findings), seed


TOKENS = (
    b"<c/>", b"<v>", b"</v>", b"<row", b'r="A1"', b'r="0"', b't="s"', b't="e"', b't="b"', b't="d"', b"-1", b"99999999999", b"1e400",
    b"NaN", b"<f>", b"<is/>", b's="99999"', b'<mergeCell ref="A1:XFD9"/>', b'""', b"&#0;", b"&amp;", b"\xff", b" ", b'"', b">", b"<",
)  # fmt: skip


def test_edited_xml_in_a_valid_zip_is_read_or_refused(read: Read, parts: Parts) -> None:
    """XML that somebody has edited and zipped again counts as it is now, but nothing may crash on it."""
    names = [name for name in sorted(parts) if "theme" not in name]
    for seed in range(300):
        chance = random.Random(seed)  # noqa: S311
        name = chance.choice(names)
        part = parts[name]
        for _ in range(chance.choice((1, 2, 4))):
            at = chance.randrange(len(part) + 1)
            part = part[:at] + chance.choice(TOKENS) + part[at + chance.choice((0, 0, 1, 5)) :]
        item = read(zipped({**parts, name: part}))
        assert item.rejected or item.entries, seed
