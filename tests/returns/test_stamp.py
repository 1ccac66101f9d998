"""Whose copy it is: the stamp, the properties and the file's name."""

from __future__ import annotations

from typing import Any

import pytest
from openpyxl import Workbook

from cedg_excel.checking.check import Checked
from cedg_excel.tab_names import COVER as COVER_TAB
from tests.conftest import PERIOD
from tests.returns.altered import Read, Tamper, answers, put, reported, values


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
        pytest.param(lambda b: setattr(stamp_cell(b), "value", None), ["{stamp} LOCKED_CHANGED"], id="deleted: the properties have it"),
        pytest.param(lambda b: put("F9", stamp_cell(b).value, COVER_TAB)(b), [], id="present twice, and the same"),
        pytest.param(restamp("1", "2"), ["OTHER_VERSION"], id="of another version of the plan: read by its refs"),
    ],
)  # fmt: skip
def test_stamp(read: Read, tamper: Tamper, findings: list[str]) -> None:
    item = read(tamper)
    stamp = f"{COVER_TAB}!{cell_of_stamp(item)}"
    assert sorted(reported(item)) == sorted(text.format(stamp=stamp) for text in findings)
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
        pytest.param(None, f"SOUTH_{PERIOD} (2) FINAL.XLSX", "WRONG_AGENCY", "named for south", id="file name in upper case"),
    ],
)  # fmt: skip
def test_a_copy_without_a_clear_owner_is_refused(read: Read, tamper: Tamper | None, name: str, code: str, says: str) -> None:
    item = read(tamper, name=name or f"north_{PERIOD}.xlsx")
    assert (reported(item), item.status, values(item)) == ([code], "rejected", {})
    assert says in item.findings[0].message


@pytest.mark.parametrize(
    "name", ["return (1) FINAL v2.xlsx", "North_2019-20-q3.XLSX", f"north_{PERIOD} (1).xlsx", "south.xlsx", "north_.xlsx"]
)
def test_any_file_name_is_accepted(read: Read, name: str) -> None:
    assert reported(read(name=name)) == []
