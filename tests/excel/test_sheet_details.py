"""The details of a sheet, apart from its values, are the same whether it is split into rows and cells or read in one pass."""

from __future__ import annotations

import tracemalloc

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cedg_excel.excel import row_cache
from cedg_excel.excel.gate import Refused
from cedg_excel.excel.row_cache import details_of
from cedg_excel.excel.sheet_xml import SheetDetails, SheetParser
from tests.helpers.places import SAMPLES
from tests.helpers.zips import parts_of

SAMPLES = sorted(SAMPLES.glob("20*/*.xlsx"))
HEAD = b'<?xml version="1.0" encoding="UTF-8"?><worksheet xmlns="x"><cols><col min="2" max="2" hidden="1" width="9"/></cols><sheetData>'
TAIL = (
    b'</sheetData><sheetProtection sheet="1"/><mergeCells><mergeCell ref="A1:B2"/></mergeCells>'
    b'<dataValidations><dataValidation type="list" sqref="C3:C9"><formula1>"a"</formula1></dataValidation></dataValidations></worksheet>'
)
ROWS = (
    b'<row r="1" spans="1:3"><c r="A1" s="2" t="inlineStr"><is><t>Objective</t></is></c><c r="B1" s="3"/></row>',
    b'<row r="2" hidden="1"><c r="A2"><f>1+A1</f><v>2</v></c><c r="C2" t="e"><f>B1</f><v>#REF!</v></c></row>',
    b'<row r="3" ht="0"/><row r="4"><c r="A4" t="s"><v>7</v></c></row>',
    "<row r='5'><c r='A5' t='inlineStr'><is><t xml:space='preserve'> “curly” &amp; £ </t></is></c></row>".encode(),
    b'<row r="6"><c r="A6" t="inlineStr"><is><r><t>bold</t></r><r><t>plain</t></r></is></c></row>\n',
)


def sheet(*rows: bytes, head: bytes = HEAD, tail: bytes = TAIL) -> bytes:
    return head + b"".join(rows) + tail


def all_details(part: bytes, marks: SheetDetails) -> object:
    """All details, with the formulas as text."""
    shown = {name: getattr(marks, name) for name in SheetDetails.__dataclass_fields__ if name not in ("part", "formulas", "furthest_cell")}
    return shown, {address: marks.formula(address) for address in marks.formulas}


def in_one_pass(part: bytes) -> object:
    """What one pass finds, or that it refuses the sheet."""
    marks = SheetDetails()
    try:
        SheetParser(marks).run(part)
    except (Refused, ValueError, OverflowError, row_cache.expat.ExpatError) as error:
        return type(error)
    return all_details(part, marks)


def split_into_rows(part: bytes) -> object:
    """What splitting finds with an empty cache, and again with a full one."""
    row_cache.clear_cache()
    found = []
    for _ in range(2):
        try:
            found.append(all_details(part, details_of(part)))
        except (Refused, ValueError, OverflowError, row_cache.expat.ExpatError) as error:
            found.append(type(error))
    assert found[0] == found[1]
    return found[0]


def can_be_split(part: bytes) -> bool:
    """Whether a sheet can be split into rows."""
    try:
        row_cache._details_from_rows(part)
    except (row_cache._NeedsFullRead, Refused, ValueError, OverflowError, row_cache.expat.ExpatError):
        return False
    return True


def test_every_sheet_of_the_samples() -> None:
    """All of them can be split: otherwise nothing would be gained."""
    assert SAMPLES
    for path in SAMPLES:
        for name, part in parts_of(path.read_bytes()).items():
            if name.startswith("xl/worksheets/sheet"):
                assert can_be_split(part), (path.name, name)
                assert split_into_rows(part) == in_one_pass(part), (path.name, name)


def test_all_details_of_a_sheet() -> None:
    part = sheet(*ROWS)
    assert can_be_split(part)
    marks = details_of(part)
    assert (marks.last_row, marks.last_column, marks.shared_text_cells) == (6, 3, 1)
    assert (marks.hidden_rows, marks.hidden_columns, marks.merged_ranges, marks.protected) == ([2, 3], [2], ["A1:B2"], True)
    assert ({at: marks.formula(at) for at in marks.formulas}, marks.errors) == ({(2, 1): "1+A1", (2, 3): "B1"}, {(2, 3): "#REF!"})
    assert (marks.has_dropdown((5, 3)), marks.has_dropdown((10, 3))) == (True, False)


@pytest.mark.parametrize(
    "part",
    [
        pytest.param(sheet(b'<row r="1"><c r="A1"/><!-- </row><row r="2"><c r="A2"/> --></row>'), id="a comment over a row's end"),
        pytest.param(sheet(b'<row r="1"><!-- <c r="A1"/> --><c r="B1"/></row>'), id="a cell in a comment"),
        pytest.param(sheet(b'<!--<row r="1"><c r="A1"><v>1</v></c></row>-->'), id="a row in a comment"),
        pytest.param(HEAD.replace(b"<sheetData>", b"<!--<sheetData>") + ROWS[0] + b"--><sheetData>" + TAIL, id="all rows in a comment"),
        pytest.param(sheet(b'<row r="1"><c r="A1" t="str"><v><![CDATA[</row><row r="2"><c r="A2"/>]]></v></c></row>'), id="CDATA"),
        pytest.param(sheet(b'<row r="1"><c r="A1"/><?x </row><row r="2"> ?></row>'), id="a processing instruction over a row's end"),
        pytest.param(sheet(b'<row r="1"><c r="A1"><v>1</v></row><row r="2"></c></row>'), id="a cell that ends in another row"),
        pytest.param(sheet(b'<row r="1"><c r="A1"/><row r="2"><c r="A2"/></row></row>'), id="a row in a row"),
        pytest.param(sheet(b'<row r="1"><c r="A1"><c r="B1"/></c></row>'), id="a cell in a cell"),
        pytest.param(sheet(b'<row r="1"><c r="A1"/>', b'<c r="B1"/></row></row>'), id="a row that ends twice"),
        pytest.param(sheet(b'<row r="1"><c r="A1"/>'), id="a row that does not end"),
        pytest.param(sheet(b'<row><c r="A1"/><c/></row><row hidden="1"><c><v>1</v></c></row>'), id="rows and cells without addresses"),
        pytest.param(sheet(b'<row r="x"><c r="A1"/></row>'), id="a row without a number"),
        pytest.param(sheet(b'<row r="1"><c r="1A"/></row>'), id="a cell with an invalid address"),
        pytest.param(sheet(b'<row r="1048577"/>'), id="a row below Excel's last"),
        pytest.param(sheet(b"<row/>" * 1_048_577), id="more rows than Excel has"),
        pytest.param(sheet(ROWS[1], ROWS[0]), id="rows out of order"),
        pytest.param(sheet(ROWS[0], ROWS[0]), id="a row twice"),
        pytest.param(sheet(b'<row r="1"><c r="B1"/><c r="A1"/></row>'), id="cells out of order"),
        pytest.param(sheet(b'<row r="1"><c r="A1"/><c r="A1"/></row>'), id="a cell twice"),
        pytest.param(sheet(b'<row r="1"><c r="A1"><f t="shared" ref="A1:A2" si="0">1+1</f></c></row>'
                           b'<row r="2"><c r="A2"><f t="shared" si="0"/></c></row>'), id="a formula filled down"),
        pytest.param(sheet(b'<row r="1"><c r="A1"><f>"a "&amp;B1</f><v>a </v></c></row>'), id="a formula with an entity"),
        pytest.param(sheet(b'<row r="1"><c r="A1" t="inlineStr"><is><t>a &nbsp; b</t></is></c></row>'), id="an unknown entity"),
        pytest.param(sheet(b'<row r="1"><c r="A1" t="inlineStr"><is><t>\x01</t></is></c></row>'), id="a character that XML forbids"),
        pytest.param(sheet(b'<row r="1"><c r="A1" t="inlineStr"><is><t>\xef\xbf\xbf</t></is></c></row>'), id="not a character"),
        pytest.param(sheet(b'<row r="1"><c r="A1" t="inlineStr"><is><t>\xff</t></is></c></row>'), id="not UTF-8"),
        pytest.param(sheet(b'<row r="1"><c r="A1" t="inlineStr"><is><t>]]></t></is></c></row>'), id="the end of a CDATA section alone"),
        pytest.param(sheet(b'<row r="1"><c r="A1"></c><mergeCell ref="B1:C1"/></row>'), id="a merged range among the cells"),
        pytest.param(sheet(*ROWS, head=HEAD.replace(b"UTF-8", b"us-ascii")), id="characters outside the encoding"),
        pytest.param(sheet(*ROWS, tail=TAIL.replace(b"</worksheet>", b"</x>")), id="a different end tag"),
        pytest.param(sheet(*ROWS, tail=b""), id="no end tag"),
        pytest.param(sheet(*ROWS, tail=TAIL + b"<c r='A9'/>"), id="content after the end tag"),
        pytest.param(sheet(*ROWS, tail=b"</sheetData><sheetData>" + ROWS[0] + TAIL), id="two blocks of rows"),
        pytest.param(sheet(*ROWS).replace(b"<sheetData>", b"<sheetData >"), id="a space in a tag"),
        pytest.param(sheet(*ROWS).replace(b"<", b"<x:").replace(b"<x:/", b"</x:").replace(b"<x:?", b"<?"), id="with a prefix"),
        pytest.param(sheet(*ROWS).replace(b"<c ", b"<x:c ", 1).replace(b"</c>", b"</x:c>", 1), id="one cell with a prefix"),
        pytest.param(sheet(b'<row r="1"><c r="A1">' + b"<v>" * 99 + b"</v>" * 99 + b"</c></row>"), id="nested elements"),
        pytest.param(sheet(b'<row r="1"><c r="A1">' + b"<v>" * 9999), id="nested elements without end tags"),
        pytest.param(sheet(), id="no rows"),
        pytest.param(b"", id="nothing"),
        pytest.param(sheet(b'<row r="1"><c r="XFD1"><v>1</v></c></row><row r="1048576"><c r="A1048576"><v>1</v></c></row>'),
                     id="cells at the edges of the sheet"),
    ],
)  # fmt: skip
def test_both_ways_agree(part: bytes) -> None:
    assert split_into_rows(part) == in_one_pass(part)


@pytest.mark.parametrize("deep", [b"<v>" * 200 + b"</v>" * 200, b"<v>" * 5_000_000])
def test_deeply_nested_elements_take_little_memory(deep: bytes) -> None:
    """Five million open elements would take 2 GB of memory, and compressed they are a few thousand bytes."""
    tracemalloc.start()
    with pytest.raises(ValueError, match="deep"):
        details_of(sheet(b'<row r="1"><c r="A1">' + deep + b"</c></row>"))
    _, most = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert most < 10 * len(deep) + 1_000_000


pieces = st.sampled_from([
    *ROWS, b"<row>", b"</row>", b'<row r="7">', b'<row r="8" hidden="true">', b'<row r="9"/>', b'<c r="A7"/>', b'<c r="B7"><v>1</v></c>',
    b'<c r="C8" t="str"><f>A1</f><v>x</v></c>', b"<c>", b"</c>", b'<c r="D8">', b"<v>", b"</v>", b"<!--", b"-->", b"<![CDATA[", b"]]>",
    b"<is><t>", b"</t></is>", b"&amp;", b"&", b"<", b">", b"text", b"</sheetData>", b"<sheetData>", b" ", b"<f si='1'>", b"<f>", b"</f>",
])  # fmt: skip


@given(st.lists(pieces, max_size=9))
def test_both_ways_agree_on_any_content(rows: list[bytes]) -> None:
    part = sheet(*rows)
    assert split_into_rows(part) == in_one_pass(part)


@given(st.lists(st.tuples(st.integers(0, 3), st.booleans(), st.text(max_size=9)), min_size=1, max_size=5))
def test_both_ways_agree_on_rows_as_office_programs_write_them(rows: list[tuple[int, bool, str]]) -> None:
    row_bytes = b"".join(_row(number, *row) for number, row in enumerate(rows, 1))
    part = sheet(row_bytes)
    assert split_into_rows(part) == in_one_pass(part)


def _row(number: int, cells: int, hidden: bool, text: str) -> bytes:
    text = text.replace("&", "&amp;").replace("<", "&lt;")
    row = f'<row r="{number}" spans="1:9"' + ' hidden="1"' * hidden
    inside = "".join(f'<c r="{letter}{number}" t="inlineStr"><is><t>{text}</t></is></c>' for letter in "ABC"[:cells])
    return (f"{row}>{inside}</row>" if cells else f"{row}/>").encode("utf-8", "surrogatepass")
