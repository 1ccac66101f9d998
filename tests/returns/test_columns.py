"""Columns that were moved or deleted, and headings that were retyped."""

from __future__ import annotations

import pytest

from cedg_excel.excel_facts import column_letter
from cedg_excel.plan.model import Plan
from cedg_excel.tab_names import COVER as COVER_TAB
from tests.returns.altered import TAB, Read, Tamper, answers, cover_row, on_tab, outside, put, reported, swap, values


@pytest.mark.parametrize(
    ("tamper", "findings", "unread"),
    [
        pytest.param(
            lambda b: b[TAB].insert_cols(1),
            [on_tab("COLUMN_MOVED", "B6"), on_tab("COLUMN_MOVED", "B12"), on_tab("COLUMN_MOVED", "B18")],
            [],
            id="inserted before all: reported once for each table",
        ),
        pytest.param(
            lambda b: b[TAB].insert_cols(3),
            [on_tab("COLUMN_MOVED", "D6"), on_tab("COLUMN_MOVED", "D12"), on_tab("COLUMN_MOVED", "H18")],
            [],
            id="inserted between",
        ),
        pytest.param(swap("E6:E10", "F6:F10"), [on_tab("COLUMN_MOVED", "E6")], [], id="swapped"),
        pytest.param(
            lambda b: b[TAB].move_range("I6:I10", cols=5), [on_tab("COLUMN_MOVED", "N6")], [], id="one column of a table moved away",
        ),
        pytest.param(
            put("G6", "Proof"),
            [on_tab("COLUMN_MISSING"), on_tab("LOCKED_CHANGED", "G6"), *outside("G7 G8 G9 G10")],
            ["action/*/evidence"],
            id="heading retyped: the column is not guessed",
        ),
        pytest.param(
            put("G6", None), [on_tab("COLUMN_MISSING"), *outside("G7 G8 G9 G10")], ["action/*/evidence"], id="heading cleared",
        ),
        pytest.param(put("G6", "Evidence "), [], [], id="heading with a space"),
        pytest.param(put("F6", "Date\nachieved"), [], [], id="heading broken over two lines"),
        pytest.param(put("N6", "Evidence"), outside("N6"), [], id="heading repeated next to the table, where nothing moved"),
        pytest.param(
            lambda b: [put(f"{column_letter(n)}6", None)(b) for n in range(1, 8)],
            [on_tab("HEADINGS_MISSING"), *outside("A7 B7 G7 H7 A8 B8 C8 E8 F8 G8 H8 I8 A9 B9 C9 E9 G9 H9 I9 A10 B10 C10 E10 G10 H10")],
            ["action/*"],
            id="most headings cleared",
        ),
    ],
)  # fmt: skip
def test_columns(read: Read, tamper: Tamper, findings: list[str], unread: list[str]) -> None:
    item = read(tamper)
    assert reported(item) == findings
    assert values(item) == answers(unread)


def test_column_deleted(read: Read) -> None:
    item = read(lambda book: book[TAB].delete_cols(8))
    assert [f"{finding.code} {finding.value}" for finding in item.findings if finding.code == "COLUMN_MISSING"] == [
        "COLUMN_MISSING BRAG", "COLUMN_MISSING Out of",
    ]  # fmt: skip
    assert values(item) == answers(["action/*/rating", "kpi/K2.2/denominator"])


def test_headings_of_the_cover(read: Read, small: Plan) -> None:
    row = cover_row(small, "completed_by") - 1
    item = read(put(f"B{row}", "Answers", COVER_TAB))
    assert reported(item)[0] == f"{COVER_TAB} COLUMN_MISSING"
    assert values(item) == answers(["cover/*"])
