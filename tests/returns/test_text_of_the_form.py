"""The form's own text that was changed, and text outside the cells to fill in."""

from __future__ import annotations

from datetime import date

import pytest
from openpyxl import Workbook

from cedg_excel.returns.unexpected_content import MAX_OUTSIDE_FORM
from cedg_excel.tab_names import COVER as COVER_TAB
from tests.returns.altered import TAB, Read, Tamper, answers, here, outside, put, said, values


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
