"""Copies that were altered on their way: every value is read right, or is left out and said."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from datetime import UTC, date, datetime, timedelta
from fnmatch import fnmatch
from io import BytesIO
from pathlib import Path
from typing import Any
from zipfile import ZIP_DEFLATED, ZipFile

import openpyxl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from openpyxl import Workbook
from openpyxl.comments import Comment
from openpyxl.utils.datetime import CALENDAR_MAC_1904

from cedg_excel.checking.check import Checked
from cedg_excel.copies.template import build_template
from cedg_excel.excel.save import to_bytes
from cedg_excel.excel_facts import column_letter
from cedg_excel.form.fields import ACTION_COLUMNS
from cedg_excel.form.layout import layout_for
from cedg_excel.plan.model import Plan
from cedg_excel.returns.model import Return
from cedg_excel.returns.unexpected_content import MAX_OUTSIDE_FORM
from cedg_excel.tab_names import COVER as COVER_TAB
from cedg_excel.text import is_blank, shown
from tests.conftest import COVER, PERIOD, SENT, checked

TAB = "Objective 2"
ANSWERS: Mapping[str, Any] = {
    **COVER,
    "action/2.1/evidence": "Helped",
    "action/2.3/date_commenced": date(2019, 8, 1), "action/2.3/target_date": date(2020, 6, 30),
    "action/2.3/date_achieved": date(2019, 12, 12), "action/2.3/evidence": "Minutes", "action/2.3/rating": "Blue",
    "action/2.3/remedial_action": "None needed",
    "action/2.4/date_commenced": date(2019, 9, 2), "action/2.4/target_date": date(2020, 3, 31),
    "action/2.4/evidence": "Leaflet", "action/2.4/rating": "Amber", "action/2.4/remedial_action": "A new lead",
    "action/2.5/date_commenced": date(2019, 10, 3), "action/2.5/evidence": "Draft", "action/2.5/rating": "Red",
    "kpi/K2.1/value": 17, "kpi/K2.1/comment": "Up", "kpi/K2.2/numerator": 3, "kpi/K2.2/denominator": 4,
    "kpi/K2.2/comment": "Few", "kpi/K2.3/value": 2.5, "kpi/K2.4/value": "Two apps", "kpi/K2.4/comment": "New",
    "narrative/2/achievements": "A protocol", "narrative/2/impact": "Quicker help", "narrative/2/next_steps": "A review",
}  # fmt: skip
"""An answer in nearly every cell of north's copy, no two alike, so that one read in another's place shows.

The tab Objective 2: titles in rows 1 to 4; actions 2.1, 2.3, 2.4 and 2.5 in rows 7 to 10, under their headings in 6;
KPIs K2.1 to K2.4 in 13 to 16, under 12; the officer's own words N2.1 to N2.3 in 19 to 21, under 18."""

LAST = column_letter(len(ACTION_COLUMNS))
"""The last column of the tables."""

Tamper = Callable[[Workbook], object]
Parts = dict[str, bytes]
Edit = Callable[[Parts], object]
Read = Callable[..., Checked]


@pytest.fixture(scope="session")
def filled(small: Plan) -> bytes:
    """The copy before anyone altered it."""
    return to_bytes(build_template(small, "north", PERIOD, values=ANSWERS), SENT)


@pytest.fixture
def read(filled: bytes, small: Plan, tmp_path: Path) -> Read:
    """Alter the copy, with openpyxl or in its XML, and read and check it: `read(tamper)`, `read(edit=..., name=...)`."""

    def after(tamper: Tamper | None = None, edit: Edit | None = None, name: str = f"north_{PERIOD}.xlsx") -> Checked:
        path = tmp_path / name
        path.write_bytes(altered(filled, tamper, edit))
        (item,) = checked(small, path)
        if {finding.code for finding in item.findings} & {"ROW_MOVED", "COLUMN_MOVED", "SHEET_RENAMED"}:
            assert_addresses(path, item.returned)
        return item

    return after


def altered(data: bytes, tamper: Tamper | None = None, edit: Edit | None = None) -> bytes:
    if tamper:
        book = openpyxl.load_workbook(BytesIO(data))
        tamper(book)
        data = to_bytes(book, SENT)
    if edit:
        with ZipFile(BytesIO(data)) as package:
            parts = {name: package.read(name) for name in package.namelist()}
        edit(parts)
        out = BytesIO()
        with ZipFile(out, "w", ZIP_DEFLATED) as package:
            for name, part in parts.items():
                package.writestr(name, part)
        data = out.getvalue()
    return data


def assert_addresses(path: Path, returned: Return) -> None:
    """Where each value is said to stand, another program finds it too: a wrong address is worse than none."""
    book = openpyxl.load_workbook(path, data_only=True)
    for key, entry in (returned.entries or {}).items():
        if entry.raw is not None and not str(entry.raw).startswith("="):
            assert shown(book[entry.place.sheet][entry.place.cell].value) == shown(entry.raw), (key, entry.place)


def said(item: Checked) -> list[str]:
    """`["Objective 2!A8 ROW_MOVED"]`."""
    return [f"{finding.where} {finding.code}".strip() for finding in item.findings]


def values(item: Checked) -> dict[str, Any]:
    return {key: entry.value for key, entry in (item.returned.entries or {}).items() if entry.value is not None}


def answers(gone: Iterable[str] = (), **instead: Any) -> dict[str, Any]:
    """What was answered, without the keys like `action/2.3/*`."""
    kept = {key: value for key, value in ANSWERS.items() if not any(fnmatch(key, pattern) for pattern in gone)}
    return kept | instead


def outside(cells: str, sheet: str = TAB) -> list[str]:
    return [f"{sheet}!{cell} OUTSIDE_FORM" for cell in cells.split()]


def here(code: str, cell: str = "") -> str:
    return f"{TAB}!{cell} {code}" if cell else f"{TAB} {code}"


def missing(*refs: str) -> list[str]:
    return [here("ROW_MISSING") for _ in refs]


def put(cell: str, value: Any, sheet: str = TAB, number_format: str = "") -> Tamper:
    """Type a value into a cell; a text stays text, whatever it begins with."""

    def tamper(book: Workbook) -> None:
        target = book[sheet][cell]
        target.value = value
        if isinstance(value, str) and value.startswith("="):
            target.data_type = "s"
        if number_format:
            target.number_format = number_format

    return tamper


def swap(first: str, second: str) -> Tamper:
    """Exchange what stands in two ranges of the same size, with its formats, as sorting does."""

    def tamper(book: Workbook) -> None:
        for ours, theirs in zip(book[TAB][first], book[TAB][second], strict=True):
            for one, other in zip(ours, theirs, strict=True):
                one.value, other.value = other.value, one.value
                one.number_format, other.number_format = other.number_format, one.number_format

    return tamper


def copy_of_2_3(book: Workbook) -> None:
    """The row of 2.3 once more, under everything, with other evidence."""
    for column in range(1, 11):
        book[TAB].cell(24, column).value = book[TAB].cell(8, column).value
    book[TAB]["G24"] = "Other minutes"


ROW_8 = "A8 B8 C8 E8 F8 G8 H8 I8"
"""What stands in the row of 2.3."""


def test_unaltered(read: Read) -> None:
    item = read()
    assert said(item) == []
    assert values(item) == answers()


# Rows


@pytest.mark.parametrize(
    ("tamper", "findings", "gone"),
    [
        pytest.param(lambda b: b[TAB].insert_rows(1), [here("ROW_MOVED", "A8")], [], id="inserted above everything"),
        pytest.param(lambda b: b[TAB].insert_rows(6), [here("ROW_MOVED", "A8")], [], id="inserted above the headings"),
        pytest.param(lambda b: b[TAB].insert_rows(7), [here("ROW_MOVED", "A8")], [], id="inserted under the headings"),
        pytest.param(lambda b: b[TAB].insert_rows(9), [here("ROW_MOVED", "A10")], [], id="inserted inside a table"),
        pytest.param(lambda b: b[TAB].insert_rows(11), [here("ROW_MOVED", "A14")], [], id="inserted between tables"),
        pytest.param(lambda b: b[TAB].insert_rows(22), [], [], id="inserted below everything: nothing has moved"),
        pytest.param(lambda b: b[TAB].insert_rows(1, 7), [here("ROW_MOVED", "A14")], [], id="so many that headings pass each other"),
        pytest.param(lambda b: b[TAB].delete_rows(1, 5), [here("ROW_MOVED", "A2")], [], id="the rows above the headings deleted"),
        pytest.param(
            lambda b: b[TAB].delete_rows(8),
            [*missing("2.3"), here("ROW_MOVED", "A8")],
            ["action/2.3/*"],
            id="an action deleted",
        ),
        pytest.param(
            lambda b: b[TAB].delete_rows(18),
            [here("HEADINGS_MISSING"), here("OUTSIDE_FORM", "A18"), here("ROW_MOVED", "A18"),
             *outside("B18 G18 A19 B19 G19 A20 B20 G20")],
            ["narrative/*"],
            id="the headings deleted: what stood under which is not guessed",
        ),
        pytest.param(swap(f"A8:{LAST}8", f"A9:{LAST}9"), [here("ROW_MOVED", "A8")], [], id="sorted"),
        pytest.param(
            lambda b: b[TAB].move_range(f"A7:{LAST}10", rows=23), [here("ROW_MOVED", "A30")], [], id="cut from under their headings",
        ),
        pytest.param(lambda b: b[TAB].move_range(f"A6:{LAST}10", rows=23), [here("ROW_MOVED", "A30")], [], id="cut with their headings"),
        pytest.param(lambda b: b[TAB].move_range(f"A8:{LAST}8", rows=22), [here("ROW_MOVED", "A30")], [], id="one cut to the end"),
        pytest.param(lambda b: b[TAB].move_range(f"A6:{LAST}10", cols=12), [here("COLUMN_MOVED", "M6")], [], id="cut to the side"),
        pytest.param(
            lambda b: b[TAB].move_range("A8:J8", cols=12),
            [*missing("2.3"), *outside("M8 N8 O8 Q8 R8 S8 T8 U8")],
            ["action/2.3/*"],
            id="one cut to the side, away from its headings",
        ),
        pytest.param(
            copy_of_2_3, [here("ROW_REPEATED", "A24")], ["action/2.3/*"], id="repeated with another answer: neither is believed",
        ),
        pytest.param(
            swap("B8:J8", "B9:J9"),
            [here("REF_MISPLACED", "A8"), here("REF_MISPLACED", "A9")],
            ["action/2.3/*", "action/2.4/*"],
            id="sorted without the refs: answers stand beside another action's ref",
        ),
        pytest.param(
            swap("A8:A9", "A9:A10"),
            [here("REF_MISPLACED", f"A{n}") for n in (8, 9, 10)],
            ["action/2.3/*", "action/2.4/*", "action/2.5/*"],
            id="the refs sorted alone",
        ),
        pytest.param(
            lambda b: b[COVER_TAB].insert_rows(3), [f"{COVER_TAB}!A{{completed_by}} ROW_MOVED"], [], id="inserted on the Cover",
        ),
        pytest.param(lambda b: b["Reference"].insert_rows(2), [], [], id="inserted where nothing is asked"),
    ],
)  # fmt: skip
def test_rows(read: Read, small: Plan, tamper: Tamper, findings: list[str], gone: list[str]) -> None:
    item = read(tamper)
    moved = {"completed_by": cover_row(small, "completed_by") + 1}
    assert said(item) == [text.format(**moved) for text in findings]
    assert values(item) == answers(gone)


def cover_row(plan: Plan, name: str) -> int:
    return next(cell.row for _, cell, item in layout_for(plan, "north", PERIOD).fields() if item.key == f"cover/{name}")


@pytest.mark.parametrize("ref", ["2.3 ", " 2.3", "2.3\u00a0", "\u200b2.3", "2.3\n", 2.3])
def test_ref_with_spaces_or_as_a_number_is_the_same_ref(read: Read, ref: str | float) -> None:
    item = read(put("A8", ref, number_format="General"))
    assert said(item) == []
    assert values(item) == answers()


@pytest.mark.parametrize("ref", ["v2.3", "2.3.", "2,3", "2.30", "Action 2.3", date(2020, 3, 2)])
def test_ref_retyped_is_not_guessed(read: Read, ref: str | date) -> None:
    item = read(put("A8", ref))
    assert said(item) == [*missing("2.3"), *outside(ROW_8)]
    assert values(item) == answers(["action/2.3/*"])


def test_ref_cleared(read: Read) -> None:
    item = read(put("A8", None))
    assert said(item) == [*missing("2.3"), *outside(ROW_8.removeprefix("A8 "))]
    assert values(item) == answers(["action/2.3/*"])


def test_ref_of_another_row(read: Read) -> None:
    """2.3 typed over as 2.4: there are two of 2.4, and either might be meant."""
    item = read(put("A8", "2.4"))
    assert said(item) == [*missing("2.3"), here("ROW_REPEATED", "A9")]
    assert values(item) == answers(["action/2.3/*", "action/2.4/*"])


def test_ref_as_a_number_loses_its_zero(plan: Plan, tmp_path: Path) -> None:
    """Some programs turn 2.10 into 2.1. Then there are two of 2.1, and none of either is read."""
    ref, agency = plan.actions[0].ref, plan.actions[0].agencies[0]
    tenth = plan.actions[1].model_copy(update={"ref": f"{ref}0", "agencies": (agency,)})
    longer = plan.model_copy(update={"actions": (plan.actions[0], tenth)})
    book = build_template(longer, agency, PERIOD, values={f"action/{ref}/rating": "Red", f"action/{ref}0/rating": "Green"})
    cells = {cell.value: cell for (cell,) in book["Objective 1"]["A1:A40"]}
    cells[f"{ref}0"].value = float(ref)
    path = tmp_path / "return.xlsx"
    path.write_bytes(to_bytes(book, SENT))
    (item,) = checked(longer, path)
    assert {finding.code for finding in item.findings} >= {"ROW_REPEATED", "ROW_MISSING"}
    assert not any(key.startswith("action/") for key in values(item))


def test_a_figure_is_no_ref(read: Read) -> None:
    """With the column Ref gone, the 2.5 days of a KPI must not pass for action 2.5."""
    item = read(lambda book: book[TAB].delete_cols(1))
    assert [text for text in said(item) if "ROW_MISSING" in text] == missing(*range(11))
    assert values(item) == answers(["action/*", "kpi/*", "narrative/*"])


# Columns


@pytest.mark.parametrize(
    ("tamper", "findings", "gone"),
    [
        pytest.param(
            lambda b: b[TAB].insert_cols(1),
            [here("COLUMN_MOVED", "B6"), here("COLUMN_MOVED", "B12"), here("COLUMN_MOVED", "B18")],
            [],
            id="inserted before all: each table says it once",
        ),
        pytest.param(
            lambda b: b[TAB].insert_cols(3),
            [here("COLUMN_MOVED", "D6"), here("COLUMN_MOVED", "D12"), here("COLUMN_MOVED", "H18")],
            [],
            id="inserted between",
        ),
        pytest.param(swap("E6:E10", "F6:F10"), [here("COLUMN_MOVED", "E6")], [], id="swapped"),
        pytest.param(
            lambda b: b[TAB].move_range("I6:I10", cols=5), [here("COLUMN_MOVED", "N6")], [], id="one of a table moved away",
        ),
        pytest.param(
            put("G6", "Proof"),
            [here("COLUMN_MISSING"), here("LOCKED_CHANGED", "G6"), *outside("G7 G8 G9 G10")],
            ["action/*/evidence"],
            id="heading retyped: what stands under it is not guessed",
        ),
        pytest.param(
            put("G6", None), [here("COLUMN_MISSING"), *outside("G7 G8 G9 G10")], ["action/*/evidence"], id="heading cleared",
        ),
        pytest.param(put("G6", "Evidence "), [], [], id="heading with a space"),
        pytest.param(put("F6", "Date\nachieved"), [], [], id="heading broken over two lines"),
        pytest.param(put("N6", "Evidence"), outside("N6"), [], id="heading repeated beside the table, where nothing moved"),
        pytest.param(
            lambda b: [put(f"{column_letter(n)}6", None)(b) for n in range(1, 8)],
            [here("HEADINGS_MISSING"), *outside("A7 B7 G7 H7 A8 B8")],
            ["action/*"],
            id="most headings cleared",
        ),
    ],
)  # fmt: skip
def test_columns(read: Read, tamper: Tamper, findings: list[str], gone: list[str]) -> None:
    item = read(tamper)
    assert said(item)[: len(findings)] == findings
    assert values(item) == answers(gone)


def test_column_deleted(read: Read) -> None:
    item = read(lambda book: book[TAB].delete_cols(8))
    assert [f"{finding.code} {finding.value}" for finding in item.findings if finding.code == "COLUMN_MISSING"] == [
        "COLUMN_MISSING BRAG", "COLUMN_MISSING Out of",
    ]  # fmt: skip
    assert values(item) == answers(["action/*/rating", "kpi/K2.2/denominator"])


def test_headings_of_the_cover(read: Read, small: Plan) -> None:
    row = cover_row(small, "completed_by") - 1
    item = read(put(f"B{row}", "Answers", COVER_TAB))
    assert said(item)[0] == f"{COVER_TAB} COLUMN_MISSING"
    assert values(item) == answers(["cover/*"])


# Tabs


def copied(book: Workbook) -> None:
    book.copy_worksheet(book[TAB])["G8"] = "Other minutes"


def renamed(old: str, new: str) -> Tamper:
    return lambda book: setattr(book[old], "title", new)


def state(sheet: str, value: str) -> Tamper:
    return lambda book: setattr(book[sheet], "sheet_state", value)


OBJECTIVE = ["action/*", "kpi/*", "narrative/*"]


@pytest.mark.parametrize(
    ("tamper", "findings", "gone"),
    [
        pytest.param(renamed(TAB, "Ours"), ["Ours SHEET_RENAMED"], [], id="renamed"),
        pytest.param(renamed(TAB, "OBJECTIVE 2 "), [], [], id="renamed in case and spaces only"),
        pytest.param(renamed(COVER_TAB, "Front"), ["Front SHEET_RENAMED"], [], id="the Cover renamed"),
        pytest.param(renamed("Reference", "Lists"), ["Lists SHEET_RENAMED"], [], id="a tab without questions renamed"),
        pytest.param(lambda b: b.remove(b[TAB]), ["SHEET_MISSING"], OBJECTIVE, id="deleted"),
        pytest.param(lambda b: b.remove(b[COVER_TAB]), ["SHEET_MISSING"], ["cover/*"], id="the Cover deleted: properties say whose it is"),
        pytest.param(copied, [f"{TAB} Copy SHEET_ADDED"], [], id="copied: the one with our name counts"),
        pytest.param(
            lambda b: (copied(b), renamed(TAB, "Ours")(b)), ["SHEET_UNCLEAR"], OBJECTIVE, id="copied and renamed: neither is believed",
        ),
        pytest.param(lambda b: b.create_sheet("Notes", 0), ["Notes SHEET_ADDED"], [], id="added in front"),
        pytest.param(lambda b: b.move_sheet(TAB, 2), [], [], id="reordered"),
        pytest.param(state(TAB, "hidden"), [f"{TAB} HIDDEN_SHEET"], [], id="hidden"),
        pytest.param(
            state(TAB, "veryHidden"), ["SHEET_MISSING", f"{TAB} ADDIN_SHEET"], OBJECTIVE, id="very hidden: not even Excel shows it",
        ),
    ],
)  # fmt: skip
def test_tabs(read: Read, tamper: Tamper, findings: list[str], gone: list[str]) -> None:
    item = read(tamper)
    assert said(item) == findings
    assert values(item) == answers(gone)


def test_two_tabs_renamed_are_told_apart_by_their_refs(plan: Plan, tmp_path: Path) -> None:
    """Tabs of a plan share most of their words; no two share a ref."""
    agency, given = "south-yorkshire-police", {}
    for _, _, item in layout_for(plan, agency, PERIOD).fields():
        if item.kind == "rating":
            given[item.key] = "Red" if item.key < "action/3" else "Green"
    book = build_template(plan, agency, PERIOD, values=given)
    for number in range(1, 7):
        book[f"Objective {number}"].title = f"Part {7 - number}"
    path = tmp_path / "return.xlsx"
    path.write_bytes(to_bytes(book, SENT))
    (item,) = checked(plan, path)
    assert sorted((f.where, f.value) for f in item.findings if f.code == "SHEET_RENAMED") == [
        (f"Part {7 - number}", f"Objective {number}") for number in range(6, 0, -1)
    ]
    assert {key: value for key, value in values(item).items() if key in given} == given


def test_what_an_add_in_leaves_behind_is_no_finding_of_the_officer_s(read: Read) -> None:
    """Its cache may be of any size, with anything hidden in it; it is said to be there, and that is all."""

    def tamper(book: Workbook) -> None:
        cache = book.create_sheet("_com.example.cache")
        cache["A1"], cache["XFD1048576"] = "2.3", "cedg | small | 1 | south | 2019-20-Q3 | 0123456789ab"
        cache["A2"].comment = Comment("cached", "An add-in")
        cache.row_dimensions[2].hidden = True
        cache.sheet_state = "veryHidden"

    item = read(tamper)
    assert (said(item), item.status) == (["_com.example.cache ADDIN_SHEET"], "clean")
    assert values(item) == answers()


# Text of the form, and text of their own


@pytest.mark.parametrize(
    ("tamper", "findings"),
    [
        pytest.param(put("A2", "Lead: somebody else"), [here("LOCKED_CHANGED", "A2")], id="a line"),
        pytest.param(put("B8", "Rewrite training"), [here("LOCKED_CHANGED", "B8")], id="a title"),
        pytest.param(put("B8", None), [here("LOCKED_CHANGED", "B8")], id="a title cleared"),
        pytest.param(put("B8", "Review  training\n"), [], id="a title with other spaces"),
        pytest.param(put("E10", date(2021, 1, 1)), [here("LOCKED_CHANGED", "E10")], id="a date the plan has settled"),
        pytest.param(put("H7", "Blue"), [here("LOCKED_CHANGED", "H7")], id="a rating where none is theirs to give"),
        pytest.param(put("D8", "My manager"), outside("D8"), id="an empty cell of the form"),
        pytest.param(put("C19", "see overleaf"), outside("C19"), id="a gap in a table"),
        pytest.param(put("N3", "see overleaf"), outside("N3"), id="beside the form"),
        pytest.param(put("B40", 0), outside("B40"), id="a nought below it"),
        pytest.param(put("B40", False), outside("B40"), id="FALSE below it"),
        pytest.param(put("B40", date(2020, 1, 1)), outside("B40"), id="a date below it"),
        pytest.param(put("B40", " \u00a0\u200b"), [], id="what nobody can see"),
        pytest.param(put("F3", "see overleaf", COVER_TAB), outside("F3", COVER_TAB), id="on the Cover"),
        pytest.param(put("A4", "Azure", "Reference"), ["Reference!A4 LOCKED_CHANGED"], id="in the lists"),
    ],
)
def test_text(read: Read, tamper: Tamper, findings: list[str]) -> None:
    item = read(tamper)
    assert said(item) == findings
    assert values(item) == answers()


def test_much_text_outside_is_listed_up_to_a_point_and_counted(read: Read) -> None:
    def tamper(book: Workbook) -> None:
        for row in range(MAX_OUTSIDE_FORM + 20):
            book[TAB].cell(30 + row, 14).value = f"note {row}"

    item = read(tamper)
    assert said(item) == outside(" ".join(f"N{30 + row}" for row in range(MAX_OUTSIDE_FORM + 1)))
    assert item.findings[-1].value == "20 more cells, from here on"
    assert values(item) == answers()


# Whose copy it is


def stamp_cell(book: Workbook) -> Any:
    return next(cell for (cell,) in book[COVER_TAB]["A1:A60"] if str(cell.value).startswith("cedg | "))


def move_stamp(sheet: str, to: str) -> Tamper:
    def tamper(book: Workbook) -> None:
        cell = stamp_cell(book)
        book[sheet][to], cell.value = cell.value, None

    return tamper


def without_properties(book: Workbook) -> None:
    for name in list(book.custom_doc_props.names):  # type: ignore[attr-defined]
        del book.custom_doc_props[name]  # type: ignore[attr-defined]


def restamp(old: str, new: str, properties: bool = True) -> Tamper:
    def tamper(book: Workbook) -> None:
        cell = stamp_cell(book)
        cell.value = cell.value.replace(f" {old} ", f" {new} ")
        for item in book.custom_doc_props.props if properties else ():  # type: ignore[attr-defined]
            item.value = new if item.value == old else item.value

    return tamper


@pytest.mark.parametrize(
    ("tamper", "findings"),
    [
        pytest.param(without_properties, [], id="the properties lost, as some programs lose them"),
        pytest.param(move_stamp(COVER_TAB, "F9"), ["{stamp} LOCKED_CHANGED"], id="moved on the Cover"),
        pytest.param(move_stamp("Versions", "H9"), ["{stamp} LOCKED_CHANGED"], id="moved to another tab"),
        pytest.param(lambda b: setattr(stamp_cell(b), "value", None), ["{stamp} LOCKED_CHANGED"], id="deleted: the properties say it"),
        pytest.param(lambda b: put("F9", stamp_cell(b).value, COVER_TAB)(b), [], id="there twice, and the same"),
        pytest.param(restamp("1", "2"), ["OTHER_VERSION"], id="of another version of the plan: read by its refs"),
    ],
)  # fmt: skip
def test_stamp(read: Read, tamper: Tamper, findings: list[str]) -> None:
    item = read(tamper)
    stamp = f"{COVER_TAB}!{cell_of_stamp(item)}"
    assert sorted(said(item)) == sorted(text.format(stamp=stamp) for text in findings)
    assert values(item) == answers()
    assert item.returned.stamp and (item.returned.stamp.agency, item.returned.stamp.period) == ("north", PERIOD)


def cell_of_stamp(item: Checked) -> str | None:
    return next((f.place.cell for f in item.findings if f.code == "LOCKED_CHANGED"), None)


@pytest.mark.parametrize(
    ("tamper", "name", "code", "says"),
    [
        pytest.param(lambda b: (without_properties(b), setattr(stamp_cell(b), "value", None)), "", "NOT_OURS", "", id="no stamp"),
        pytest.param(
            lambda b: put("F9", stamp_cell(b).value.replace("north", "south"), COVER_TAB)(b), "", "STAMP_UNCLEAR",
            "north | 2019-20-Q3", id="two stamps",
        ),
        pytest.param(restamp("small", "large"), "", "OTHER_PLAN", "large", id="other plan"),
        pytest.param(restamp("north", "nroth"), "", "UNKNOWN_AGENCY", "Did you mean 'north'?", id="unknown agency"),
        pytest.param(restamp(PERIOD, "2019-20-Q5"), "", "UNKNOWN_PERIOD", "2019-20-Q5", id="unknown period"),
        pytest.param(
            restamp("north", "south", properties=False), "", "WRONG_AGENCY", "its properties say north, 2019-20-Q3", id="stamp retyped",
        ),
        pytest.param(None, f"south_{PERIOD}.xlsx", "WRONG_AGENCY", "named for south, 2019-20-Q3", id="file named for another agency"),
        pytest.param(
            None, "north_2019-20-Q4.xlsx", "WRONG_AGENCY", "named for north, 2019-20-Q4",
            id="last quarter's copy filled in again under this quarter's name",
        ),
        pytest.param(None, f"SOUTH_{PERIOD} (2) FINAL.XLSX", "WRONG_AGENCY", "named for south", id="file name in capitals"),
    ],
)  # fmt: skip
def test_not_this_agency_s_copy(read: Read, tamper: Tamper | None, name: str, code: str, says: str) -> None:
    item = read(tamper, name=name or f"north_{PERIOD}.xlsx")
    assert (said(item), item.status, values(item)) == ([code], "rejected", {})
    assert says in item.findings[0].message


@pytest.mark.parametrize(
    "name", ["return (1) FINAL v2.xlsx", "North_2019-20-q3.XLSX", f"north_{PERIOD} (1).xlsx", "south.xlsx", "north_.xlsx"]
)
def test_any_name_will_do(read: Read, name: str) -> None:
    assert said(read(name=name)) == []


# What stands in an input cell


@pytest.mark.parametrize(
    ("cell", "written", "code", "value"),
    [
        ("C13", "<f>3+4</f><v>7</v>", "FORMULA_USED", 7),
        ("C13", "<f>3+4</f>", "FORMULA_NO_VALUE", None),
        ("C13", "<f>3+4</f><v></v>", "FORMULA_NO_VALUE", None),
        ("C13", "<f>[1]Sheet1!$A$1</f><v>7</v>", "FORMULA_EXTERNAL", None),
        ("C13", "<f>'[1]Our sheet'!$A$1</f><v>7</v>", "FORMULA_EXTERNAL", None),
        ("C13", "<f>'C:\\x\\[Our book.xlsx]It''s'!$A$1</f><v>7</v>", "FORMULA_EXTERNAL", None),
        ("C13", "<f>[1]!Total</f><v>7</v>", "FORMULA_EXTERNAL", None),
        ("C13", '<f t="shared" ref="C13:C14" si="0">[1]Sheet1!A1</f><v>7</v>', "FORMULA_EXTERNAL", None),
        ("C13", "<f>SUM(Table1[Count])+Cover!A1</f><v>7</v>", "FORMULA_USED", 7),
        ("C13", '<f>LEN("[1]Sheet1!A1")</f><v>7</v>', "FORMULA_USED", 7),
        ("C8", "<f>TODAY()</f><v>43800</v>", "FORMULA_USED", date(2019, 12, 1)),
        ("G8", ' t="str"><f>"a"</f><v>=HYPERLINK("x")</v>', "FORMULA_USED", '=HYPERLINK("x")'),
        ("G8", ' t="str"><f>""</f><v></v>', "FORMULA_NO_VALUE", None),
        ("H8", ' t="str"><f>A1</f><v>Purple</v>', "UNKNOWN_RATING", None),
        ("C13", ' t="e"><f>1/0</f><v>#DIV/0!</v>', "ERROR_VALUE", None),
        ("C13", ' t="e"><v>#N/A</v>', "ERROR_VALUE", None),
        ("C8", ' t="e"><v>#VALUE!</v>', "ERROR_VALUE", None),
        ("G8", ' t="e"><v>#NAME?</v>', "ERROR_VALUE", None),
        ("H8", ' t="e"><v>#REF!</v>', "ERROR_VALUE", None),
        ("C13", "<v>NaN</v>", "NOT_A_NUMBER", None),
        ("C13", "<v>1e999</v>", "NOT_A_NUMBER", None),
        ("C8", "<v>1e300</v>", "UNREADABLE_DATE", None),
    ],
)
def test_formulas_and_errors(read: Read, cell: str, written: str, code: str, value: Any) -> None:
    key = {"C13": "kpi/K2.1/value", "C8": "action/2.3/date_commenced", "G8": "action/2.3/evidence", "H8": "action/2.3/rating"}[cell]
    item = read(edit=lambda parts: rewrite(parts, cell, written))
    assert [text for text in said(item) if cell in text] == [here(code, cell)]
    assert values(item) == answers([key]) | ({key: value} if value is not None else {})


def rewrite(parts: Parts, cell: str, written: str) -> None:
    """Put XML into a cell, keeping its style."""
    name, sheet = sheet_of(parts, TAB)
    opening = "" if written.startswith(" ") else ">"
    changed, times = re.subn(
        rf'<c r="{cell}"( s="\d+")?[^>]*?(?:/>|>.*?</c>)', lambda m: f'<c r="{cell}"{m[1] or ""}{opening}{written}</c>', sheet, count=1
    )
    assert times == 1
    parts[name] = changed.encode()


def sheet_of(parts: Parts, title: str) -> tuple[str, str]:
    """A tab's part and its XML."""
    titles = re.findall(r'<sheet [^>]*?name="([^"]+)"', parts["xl/workbook.xml"].decode())
    name = f"xl/worksheets/sheet{titles.index(title) + 1}.xml"
    return name, parts[name].decode()


def test_formula_filled_down_is_as_external_as_its_first_cell(read: Read) -> None:
    """Excel writes a formula that was filled down once; the cells below only refer to it."""

    def edit(parts: Parts) -> None:
        rewrite(parts, "C13", '<f t="shared" ref="C13:C15" si="4">[1]Sheet1!A1</f><v>7</v>')
        rewrite(parts, "C15", '<f t="shared" si="4"/><v>8</v>')

    item = read(edit=edit)
    assert said(item) == [here("FORMULA_EXTERNAL", "C13"), here("FORMULA_EXTERNAL", "C15")]
    assert values(item) == answers(["kpi/K2.1/value", "kpi/K2.3/value"])


@pytest.mark.parametrize(
    ("typed", "code", "value"),
    [
        (date(2020, 1, 14), "", date(2020, 1, 14)),
        ("14/01/2020", "DATE_AS_TEXT", date(2020, 1, 14)),
        (" 14.1.2020\u00a0", "DATE_AS_TEXT", date(2020, 1, 14)),
        ("14th January 2020", "DATE_AS_TEXT", date(2020, 1, 14)),
        ("14-Jan-2020", "DATE_AS_TEXT", date(2020, 1, 14)),
        ("2020-01-14", "DATE_AS_TEXT", date(2020, 1, 14)),
        (43844, "DATE_AS_NUMBER", date(2020, 1, 14)),
        ("43844", "UNREADABLE_DATE", None),
        ("14/01/20", "UNREADABLE_DATE", None),
        ("01/14/2020", "UNREADABLE_DATE", None),
        ("31/02/2020", "UNREADABLE_DATE", None),
        ("January 2020", "UNREADABLE_DATE", None),
        ("ongoing", "UNREADABLE_DATE", None),
        (datetime(2020, 1, 14, 10, 30), "UNREADABLE_DATE", None),
        (0.5, "UNREADABLE_DATE", None),
        (7, "UNREADABLE_DATE", None),
        (-1, "UNREADABLE_DATE", None),
        (True, "UNREADABLE_DATE", None),
    ],
)
def test_dates(read: Read, typed: Any, code: str, value: date | None) -> None:
    item = read(put("E8", typed, number_format="dd/mm/yyyy" if isinstance(typed, date) else "General"))
    assert said(item) == ([here(code, "E8")] if code else [])
    assert values(item) == answers(["action/2.3/target_date"]) | ({"action/2.3/target_date": value} if value else {})


@pytest.mark.parametrize(
    ("typed", "code", "value"),
    [
        (0, "", 0),
        (1200.0, "", 1200),
        ("1,200", "NUMBER_AS_TEXT", 1200),
        (" 7\u00a0", "NUMBER_AS_TEXT", 7),
        ("1,2", "NOT_A_NUMBER", None),
        ("7%", "NOT_A_NUMBER", None),
        ("£7", "NOT_A_NUMBER", None),
        ("n/a", "NOT_A_NUMBER", None),
        ("1e3", "NOT_A_NUMBER", None),
        ("9" * 400, "NOT_A_NUMBER", None),
        (True, "NOT_A_NUMBER", None),
        (False, "NOT_A_NUMBER", None),
        (date(2020, 1, 14), "NOT_A_NUMBER", None),
    ],
)
def test_numbers(read: Read, typed: Any, code: str, value: float | None) -> None:
    item = read(put("C13", typed))
    assert said(item) == ([here(code, "C13")] if code else [])
    assert values(item) == answers(["kpi/K2.1/value"]) | ({"kpi/K2.1/value": value} if value is not None else {})


@pytest.mark.parametrize(
    ("typed", "value"),
    [
        (7, "7"), (7.0, "7"), (12.5, "12.5"), (True, "TRUE"), (date(2020, 1, 14), "14/01/2020"),
        ("=1+1", "=1+1"), ("@SUM(A1)", "@SUM(A1)"),
        ("  two  spaces ", "  two  spaces "), ("“quoted”", "“quoted”"), ("a\nb\tc", "a\nb\tc"), ("👩‍👧 ok", "👩‍👧 ok"),
    ],
)  # fmt: skip
def test_whatever_is_typed_into_a_text_cell_is_text(small: Plan, read: Read, typed: Any, value: str) -> None:
    def tamper(book: Workbook) -> None:
        put("I8", typed)(book)

    item = read(tamper)
    assert said(item) == []
    assert values(item) == answers(["action/2.3/remedial_action"]) | {"action/2.3/remedial_action": value}


@pytest.mark.parametrize(
    ("typed", "code", "value"),
    [
        ("Blue", "", "Blue"), (" blue\u00a0", "RATING_RETYPED", "Blue"), ("BLUE", "RATING_RETYPED", "Blue"),
        ("B", "UNKNOWN_RATING", None), ("Blue/Green", "UNKNOWN_RATING", None), ("Bluе", "UNKNOWN_RATING", None),
        (1, "UNKNOWN_RATING", None), (True, "UNKNOWN_RATING", None), (date(2020, 1, 1), "UNKNOWN_RATING", None),
    ],
)  # fmt: skip
def test_ratings(read: Read, typed: Any, code: str, value: str | None) -> None:
    item = read(put("H8", typed))
    assert said(item) == ([here(code, "H8")] if code else [])
    assert values(item) == answers(["action/2.3/rating"]) | ({"action/2.3/rating": value} if value else {})


# What the XML alone shows


def test_comments_are_told_with_their_words(read: Read) -> None:
    def tamper(book: Workbook) -> None:
        book[TAB]["G8"].comment = Comment("See the\nfile", "An officer")
        book[TAB]["Z99"].comment = Comment("Beside", "An officer")

    item = read(tamper)
    assert [(f.where, f.code, f.value) for f in item.findings] == [
        (f"{TAB}!G8", "COMMENT", "See the file"), (f"{TAB}!Z99", "COMMENT", "Beside"),
    ]  # fmt: skip
    assert values(item) == answers()


def test_a_thread_is_told_whole_and_without_its_echo(read: Read) -> None:
    """Excel 365 keeps a thread as several comments, and one plain comment that tells older programs what they miss."""
    kind = "http://schemas.microsoft.com/office/2017/10/relationships/threadedComment"
    thread = (
        '<ThreadedComments xmlns="http://schemas.microsoft.com/office/spreadsheetml/2018/threadedcomments">'
        '<threadedComment ref="G8" id="{1}"><text>Is this right?</text></threadedComment>'
        '<threadedComment ref="G8" id="{2}" parentId="{1}"><text>Yes, it is.</text></threadedComment></ThreadedComments>'
    )

    def edit(parts: Parts) -> None:
        name, _ = sheet_of(parts, TAB)
        rels = f"xl/worksheets/_rels/{name.rpartition('/')[2]}.rels"
        relation = f'<Relationship Id="rIdT" Type="{kind}" Target="../threadedComments/threadedComment1.xml"/></Relationships>'
        parts[rels] = parts[rels].replace(b"</Relationships>", relation.encode())
        parts["xl/threadedComments/threadedComment1.xml"] = thread.encode()

    item = read(lambda book: setattr(book[TAB]["G8"], "comment", Comment("[Threaded comment] Your version ...", "tc")), edit)
    assert [(f.where, f.code, f.value) for f in item.findings] == [(f"{TAB}!G8", "COMMENT", "Is this right? / Yes, it is.")]


def test_hidden_rows_and_columns_are_read_and_said(read: Read) -> None:
    def tamper(book: Workbook) -> None:
        for row in (8, 400):
            book[TAB].row_dimensions[row].hidden = True
        for column in ("D", "ZZ"):
            book[TAB].column_dimensions[column].hidden = True

    item = read(tamper)
    assert said(item) == [here("HIDDEN_ROWS")]
    assert [name in str(item.findings[0].value) for name in ("rows 8", "400", "columns D", "ZZ")] == [True, False, True, False]
    assert values(item) == answers()


def test_rows_a_filter_hides_are_read_and_need_no_answer(read: Read) -> None:
    def tamper(book: Workbook) -> None:
        book[TAB].auto_filter.ref = "A6:J10"
        book[TAB].row_dimensions[9].hidden = True

    item = read(tamper)
    assert (said(item), item.status) == ([here("FILTERED_ROWS")], "clean")
    assert values(item) == answers()


def test_protection_taken_off(read: Read) -> None:
    item = read(lambda book: (setattr(book[TAB].protection, "sheet", False), book.create_sheet("Notes")))
    assert [(f.where, f.code, f.value) for f in item.findings] == [
        ("Notes", "SHEET_ADDED", None), ("", "PROTECTION_REMOVED", TAB),
    ]  # fmt: skip


# Other programs' ways of writing the same workbook


def days_from_1904(book: Workbook) -> None:
    book.epoch = CALENDAR_MAC_1904


def without_date_formats(book: Workbook) -> None:
    for sheet in book.worksheets:
        for row in sheet.iter_rows():
            for cell in row:
                if isinstance(cell.value, datetime):
                    cell.value = (cell.value - book.epoch).days
                    cell.number_format = "General"


DATES = [key for key, value in ANSWERS.items() if isinstance(value, date)]


def test_days_counted_from_1904(read: Read) -> None:
    item = read(days_from_1904)
    assert said(item) == []
    assert values(item) == answers()


@pytest.mark.parametrize("first", [lambda book: book, days_from_1904], ids=["from 1900", "from 1904"])
def test_dates_that_lost_their_format(read: Read, first: Tamper) -> None:
    """A program that drops styles leaves bare numbers, which count from the workbook's own first day; the form's own say nothing new."""
    item = read(lambda book: (first(book), without_date_formats(book)))
    assert sorted(f.key for f in item.findings if f.code == "DATE_AS_NUMBER" and f.key) == sorted(DATES)
    assert [text for text in said(item) if "DATE_AS_NUMBER" not in text] == []
    assert values(item) == answers()


def test_a_settled_date_that_is_another_day_is_changed(read: Read) -> None:
    """E10 is the 30th of November; one day more is another date, as a number too."""
    assert said(read(put("E10", 43_800, number_format="General"))) == [here("LOCKED_CHANGED", "E10")]


def with_prefix(parts: Parts) -> None:
    """<x:worksheet>, as the Open XML SDK writes it."""
    namespace = 'xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"'
    for name in parts:
        if name.startswith("xl/worksheets/sheet") or name in ("xl/workbook.xml", "xl/styles.xml"):
            text = re.sub(r"<(/?)(?=[A-Za-z])", r"<\1x:", parts[name].decode())
            parts[name] = text.replace(namespace, namespace.replace("xmlns=", "xmlns:x=")).encode()


def without_addresses(parts: Parts) -> None:
    """Cells one after the other, without saying where; every row is there."""
    for name in parts:
        if name.startswith("xl/worksheets/sheet"):
            parts[name] = re.sub(r'<c r="[A-Z]+\d+"', "<c", padded(parts[name].decode())).encode()


def padded(sheet: str) -> str:
    """The sheet with every row written from its first column, without gaps."""

    def whole(match: re.Match[str]) -> str:
        cells = {m[1]: m[0] for m in re.finditer(r'<c r="([A-Z]+)\d+"[^>]*?(?:/>|>.*?</c>)', match[2], re.DOTALL)}
        last = max(cells, key=lambda letters: (len(letters), letters))
        return match[1] + "".join(cells.get(chr(n), f'<c r="{chr(n)}1"/>') for n in range(65, ord(last) + 1)) + "</row>"

    return re.sub(r"(<row [^>]*>)(<c .*?)</row>", whole, sheet, flags=re.DOTALL)


def with_shared_strings(parts: Parts) -> None:
    """Every text once, in a part of its own, as Excel writes them; some in several runs of formatted text."""
    texts: list[str] = []

    def shared(match: re.Match[str]) -> str:
        texts.append(match[3])
        return f'<c r="{match[1]}"{match[2]} t="s"><v>{len(texts) - 1}</v></c>'

    for name in parts:
        if name.startswith("xl/worksheets/sheet"):
            pattern = r'<c r="([A-Z]+\d+)"( s="\d+")? t="inlineStr"><is><t[^>]*>(.*?)</t></is></c>'
            parts[name] = re.sub(pattern, shared, parts[name].decode(), flags=re.DOTALL).encode()
    assert len(texts) > 50
    space = 't xml:space="preserve"'
    items = [
        f"<si><r><{space}>{text[:3]}</t></r><r><rPr><b/></rPr><{space}>{text[3:]}</t></r></si>"
        if number % 2 and "&" not in text else f"<si><{space}>{text}</t></si>"
        for number, text in enumerate(texts)
    ]  # fmt: skip
    namespace = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
    parts["xl/sharedStrings.xml"] = f'<sst xmlns="{namespace}">{"".join(items)}</sst>'.encode()
    kind = "http://schemas.openxmlformats.org/officeDocument/2006/relationships/sharedStrings"
    rels = "xl/_rels/workbook.xml.rels"
    relation = f'<Relationship Id="rIdS" Type="{kind}" Target="sharedStrings.xml"/></Relationships>'
    parts[rels] = parts[rels].replace(b"</Relationships>", relation.encode())


def without_empty_rows(parts: Parts) -> None:
    """The first five rows are blank and not written, so that calamine's first row is the sixth."""
    name, sheet = sheet_of(parts, TAB)
    parts[name] = re.sub(r'<row r="[1-5]" .*?</row>', "", sheet, flags=re.DOTALL).encode()


def with_a_list_from_excel_2010(parts: Parts) -> None:
    """Extensions at the end of a sheet hold formulas too, which are no cell's."""
    name, _ = sheet_of(parts, TAB)
    with_prefix(parts)
    extension = (
        '<x:extLst><x:ext xmlns:x14="a" xmlns:xm="b"><x14:conditionalFormatting><x14:cfRule><xm:f>[1]Sheet1!A1</xm:f></x14:cfRule>'
        "<xm:sqref>H8</xm:sqref></x14:conditionalFormatting></x:ext></x:extLst></x:worksheet>"
    )
    parts[name] = parts[name].replace(b"</x:worksheet>", extension.encode())


@pytest.mark.parametrize(
    "edit", [with_prefix, without_addresses, with_shared_strings, with_a_list_from_excel_2010], ids=lambda edit: edit.__name__
)
def test_other_ways_of_writing_it(read: Read, edit: Edit) -> None:
    item = read(edit=edit)
    assert said(item) == []
    assert values(item) == answers()


def test_formulas_are_seen_in_every_way_of_writing_it(read: Read) -> None:
    """The pass over the XML and calamine must agree on what stands where."""
    for edit in (with_prefix, without_addresses, with_shared_strings):

        def both(parts: Parts, edit: Edit = edit) -> None:
            rewrite(parts, "C13", "<f>3+4</f><v>7</v>")
            rewrite(parts, "H9", ' t="e"><v>#N/A</v>')
            edit(parts)

        assert said(read(edit=both)) == [here("ERROR_VALUE", "H9"), here("FORMULA_USED", "C13")], edit.__name__


def test_addresses_count_rows_that_are_not_written(read: Read) -> None:
    item = read(edit=without_empty_rows)
    assert said(item) == [here("LOCKED_CHANGED", f"A{row}") for row in (1, 2, 3, 4)]
    assert values(item) == answers()
    assert item.returned.entries and item.returned.entries["action/2.3/rating"].place.cell == "H8"


def test_days_written_as_iso_text(read: Read) -> None:
    """As strict workbooks keep them."""
    item = read(edit=lambda parts: rewrite(parts, "C8", ' t="d"><v>2019-08-01</v>'))
    assert said(item) == []
    assert values(item) == answers()


def test_time_of_saving(read: Read) -> None:
    assert read().returned.modified == SENT


@pytest.mark.parametrize(
    ("written", "modified"),
    [
        ("2020-01-14T10:30:00+01:00", datetime(2020, 1, 14, 9, 30, tzinfo=UTC)),
        ("2020-01-14", datetime(2020, 1, 14, tzinfo=UTC)),
        ("0001-01-01T00:00:00+14:00", None),
        ("9999-12-31T23:59:59-14:00", None),
        ("0001-01-02T00:00:00Z", None),
        ("2319-01-14T10:30:00Z", None),
        ("yesterday", None),
        ("", None),
    ],
)
def test_time_of_saving_as_others_write_it(read: Read, written: str, modified: datetime | None) -> None:
    def edit(parts: Parts) -> None:
        name = "docProps/core.xml"
        parts[name] = re.sub(rb"(<dcterms:modified[^>]*>)[^<]*", rb"\g<1>" + written.encode(), parts[name])

    item = read(edit=edit)
    assert item.returned.modified == modified
    assert values(item) == answers()


# Whatever is answered


_ODD = (
    "=1+1", "+44", "@x", "-", "_x0041_", "_x000B_", "a_x005F_b", "\r\n", "\x0b", "\x00", "<&>\"'", "]]>",
    "\u2028", "👩‍👧", "\ufeffx", "é\u0301",
)  # fmt: skip
TEXTS = st.lists(
    st.text(st.characters(exclude_categories=("Cs", "Cn")), max_size=40) | st.sampled_from(_ODD), min_size=1, max_size=4
).map("".join)  # fmt: skip
NUMBERS = st.integers(0, 999_999_999) | st.floats(0, 1e9).map(lambda number: float(f"{number:.15g}"))
DAYS = st.dates(date(2000, 1, 1), date(2099, 12, 31))


def answer(kind: str, choices: tuple[str, ...] | None) -> st.SearchStrategy[Any]:
    kinds = {"text": TEXTS, "date": DAYS, "number": NUMBERS}
    return st.none() | (st.sampled_from(choices) if choices else kinds[kind])


@settings(max_examples=50, derandomize=True, deadline=None, database=None, suppress_health_check=list(HealthCheck))
@given(data=st.data())
def test_every_answer_comes_back_as_it_was_given(small: Plan, tmp_path_factory: pytest.TempPathFactory, data: st.DataObject) -> None:
    fields = [item for _, _, item in layout_for(small, "north", PERIOD).fields()]
    given = {item.key: data.draw(answer(item.kind, item.choices), label=item.key) for item in fields}
    path = tmp_path_factory.mktemp("any") / "return.xlsx"
    path.write_bytes(to_bytes(build_template(small, "north", PERIOD, values=given), SENT))
    (item,) = checked(small, path)
    expected = {key: value for key, value in given.items() if value is not None and not is_blank(value)}
    assert values(item) == expected
    assert not {finding.code for finding in item.findings} & {"OUTSIDE_FORM", "LOCKED_CHANGED", "ROW_MOVED", "FORMULA_USED"}
    for finding in item.findings:
        assert not finding.held_back, finding


def test_every_day_a_date_cell_takes_is_read(small: Plan, tmp_path: Path) -> None:
    """Leap years and century ends among them, in both ways of counting days."""
    days = [date(2000, 1, 1), date(2000, 2, 29), date(2000, 12, 31), date(2020, 2, 29), date(2099, 12, 31)]
    days += [date(2000, 1, 1) + timedelta(days=n * 3653) for n in range(10)]
    for epoch in (None, CALENDAR_MAC_1904):
        for first in range(0, len(days), 3):
            some = days[first : first + 3]
            given = {f"action/{ref}/date_commenced": day for ref, day in zip(("2.3", "2.4", "2.5"), some, strict=False)}
            book = build_template(small, "north", PERIOD, values=given)
            if epoch:
                book.epoch = epoch
            path = tmp_path / "return.xlsx"
            path.write_bytes(to_bytes(book, SENT))
            (item,) = checked(small, path)
            assert values(item) == given
