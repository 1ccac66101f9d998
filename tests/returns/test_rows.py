"""Rows that were moved, copied or deleted, and refs that were retyped."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest
from openpyxl import Workbook

from cedg_excel.copies.template import build_template
from cedg_excel.excel.save import to_bytes
from cedg_excel.plan.model import Plan
from cedg_excel.tab_names import COVER as COVER_TAB
from tests.conftest import PERIOD, SENT, checked
from tests.returns.altered import LAST, TAB, Read, Tamper, answers, cover_row, on_tab, outside, put, reported, rows_missing, swap, values


def copy_of_2_3(book: Workbook) -> None:
    """Copy the row of 2.3 below everything else, with other evidence."""
    for column in range(1, 11):
        book[TAB].cell(24, column).value = book[TAB].cell(8, column).value
    book[TAB]["G24"] = "Other minutes"


ROW_8 = "A8 B8 C8 E8 F8 G8 H8 I8"
"""The cells with content in the row of 2.3."""


@pytest.mark.parametrize(
    ("tamper", "findings", "unread"),
    [
        pytest.param(lambda b: b[TAB].insert_rows(1), [on_tab("ROW_MOVED", "A8")], [], id="inserted above everything"),
        pytest.param(lambda b: b[TAB].insert_rows(6), [on_tab("ROW_MOVED", "A8")], [], id="inserted above the headings"),
        pytest.param(lambda b: b[TAB].insert_rows(7), [on_tab("ROW_MOVED", "A8")], [], id="inserted under the headings"),
        pytest.param(lambda b: b[TAB].insert_rows(9), [on_tab("ROW_MOVED", "A10")], [], id="inserted inside a table"),
        pytest.param(lambda b: b[TAB].insert_rows(11), [on_tab("ROW_MOVED", "A14")], [], id="inserted between tables"),
        pytest.param(lambda b: b[TAB].insert_rows(22), [], [], id="inserted below everything: nothing has moved"),
        pytest.param(lambda b: b[TAB].insert_rows(1, 7), [on_tab("ROW_MOVED", "A14")], [],
                     id="so many that one heading moves past another's old row"),
        pytest.param(lambda b: b[TAB].delete_rows(1, 5), [on_tab("ROW_MOVED", "A2")], [], id="the rows above the headings deleted"),
        pytest.param(
            lambda b: b[TAB].delete_rows(8),
            [*rows_missing("2.3"), on_tab("ROW_MOVED", "A8")],
            ["action/2.3/*"],
            id="an action deleted",
        ),
        pytest.param(
            lambda b: b[TAB].delete_rows(18),
            [on_tab("HEADINGS_MISSING"), on_tab("OUTSIDE_FORM", "A18"), on_tab("ROW_MOVED", "A18"),
             *outside("B18 G18 A19 B19 G19 A20 B20 G20")],
            ["narrative/*"],
            id="the headings deleted: the columns are not guessed",
        ),
        pytest.param(swap(f"A8:{LAST}8", f"A9:{LAST}9"), [on_tab("ROW_MOVED", "A8")], [], id="sorted"),
        pytest.param(
            lambda b: b[TAB].move_range(f"A7:{LAST}10", rows=23), [on_tab("ROW_MOVED", "A30")], [], id="cut from under their headings",
        ),
        pytest.param(lambda b: b[TAB].move_range(f"A6:{LAST}10", rows=23), [on_tab("ROW_MOVED", "A30")], [], id="cut with their headings"),
        pytest.param(lambda b: b[TAB].move_range(f"A8:{LAST}8", rows=22), [on_tab("ROW_MOVED", "A30")], [], id="one cut to the end"),
        pytest.param(lambda b: b[TAB].move_range(f"A6:{LAST}10", cols=12), [on_tab("COLUMN_MOVED", "M6")], [], id="cut to the side"),
        pytest.param(
            lambda b: b[TAB].move_range("A8:J8", cols=12),
            [*rows_missing("2.3"), *outside("M8 N8 O8 Q8 R8 S8 T8 U8")],
            ["action/2.3/*"],
            id="one cut to the side, away from its headings",
        ),
        pytest.param(
            copy_of_2_3, [on_tab("ROW_REPEATED", "A24")], ["action/2.3/*"], id="repeated with another answer: neither is used",
        ),
        pytest.param(
            swap("B8:J8", "B9:J9"),
            [on_tab("REF_MISPLACED", "A8"), on_tab("REF_MISPLACED", "A9")],
            ["action/2.3/*", "action/2.4/*"],
            id="sorted without the refs: answers are next to another action's ref",
        ),
        pytest.param(
            swap("A8:A9", "A9:A10"),
            [on_tab("REF_MISPLACED", f"A{n}") for n in (8, 9, 10)],
            ["action/2.3/*", "action/2.4/*", "action/2.5/*"],
            id="the refs sorted alone",
        ),
        pytest.param(
            lambda b: b[COVER_TAB].insert_rows(3), [f"{COVER_TAB}!A{{completed_by}} ROW_MOVED"], [], id="inserted on the Cover",
        ),
        pytest.param(lambda b: b["Reference"].insert_rows(2), [], [], id="inserted on a tab without questions"),
    ],
)  # fmt: skip
def test_rows(read: Read, small: Plan, tamper: Tamper, findings: list[str], unread: list[str]) -> None:
    item = read(tamper)
    moved = {"completed_by": cover_row(small, "completed_by") + 1}
    assert reported(item) == [text.format(**moved) for text in findings]
    assert values(item) == answers(unread)


@pytest.mark.parametrize("ref", ["2.3 ", " 2.3", "2.3\u00a0", "\u200b2.3", "2.3\n", 2.3])
def test_ref_with_spaces_or_as_a_number_is_the_same_ref(read: Read, ref: str | float) -> None:
    item = read(put("A8", ref, number_format="General"))
    assert reported(item) == []
    assert values(item) == answers()


@pytest.mark.parametrize("ref", ["v2.3", "2.3.", "2,3", "2.30", "Action 2.3", date(2020, 3, 2)])
def test_ref_retyped_is_not_guessed(read: Read, ref: str | date) -> None:
    item = read(put("A8", ref))
    assert reported(item) == [*rows_missing("2.3"), *outside(ROW_8)]
    assert values(item) == answers(["action/2.3/*"])


def test_ref_cleared(read: Read) -> None:
    item = read(put("A8", None))
    assert reported(item) == [*rows_missing("2.3"), *outside(ROW_8.removeprefix("A8 "))]
    assert values(item) == answers(["action/2.3/*"])


def test_ref_of_another_row(read: Read) -> None:
    """2.3 is retyped as 2.4: then there are two rows 2.4, and either might be meant."""
    item = read(put("A8", "2.4"))
    assert reported(item) == [*rows_missing("2.3"), on_tab("ROW_REPEATED", "A9")]
    assert values(item) == answers(["action/2.3/*", "action/2.4/*"])


def test_ref_as_a_number_loses_its_zero(plan: Plan, tmp_path: Path) -> None:
    """Some programs turn 2.10 into 2.1. Then there are two rows 2.1, and neither is read."""
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


def test_a_figure_is_not_taken_for_a_ref(read: Read) -> None:
    """With the column Ref deleted, the 2.5 days of a KPI must not be read as action 2.5."""
    item = read(lambda book: book[TAB].delete_cols(1))
    assert [text for text in reported(item) if "ROW_MISSING" in text] == rows_missing(*range(11))
    assert values(item) == answers(["action/*", "kpi/*", "narrative/*"])
