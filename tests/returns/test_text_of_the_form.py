"""The form's own text that was changed, and text outside the cells to fill in."""

from __future__ import annotations

from datetime import date

import pytest
from openpyxl import Workbook

from cedg_excel.returns.unexpected_content import MAX_OUTSIDE_FORM
from cedg_excel.tab_names import COVER as COVER_TAB
from tests.returns.altered import TAB, Read, Tamper, answers, on_tab, outside, put, reported, values


@pytest.mark.parametrize(
    ("tamper", "findings"),
    [
        pytest.param(put("A2", "Lead: somebody else"), [on_tab("LOCKED_CHANGED", "A2")], id="a line"),
        pytest.param(put("B8", "Rewrite training"), [on_tab("LOCKED_CHANGED", "B8")], id="a title"),
        pytest.param(put("B8", None), [on_tab("LOCKED_CHANGED", "B8")], id="a title cleared"),
        pytest.param(put("B8", "Review  training\n"), [], id="a title with other spaces"),
        pytest.param(put("E10", date(2021, 1, 1)), [on_tab("LOCKED_CHANGED", "E10")], id="a date the plan has settled"),
        pytest.param(put("H7", "Blue"), [on_tab("LOCKED_CHANGED", "H7")], id="a rating by a contributor"),
        pytest.param(put("D8", "My manager"), outside("D8"), id="an empty cell of the form"),
        pytest.param(put("C19", "see overleaf"), outside("C19"), id="a gap in a table"),
        pytest.param(put("N3", "see overleaf"), outside("N3"), id="next to the form"),
        pytest.param(put("B40", 0), outside("B40"), id="a zero below it"),
        pytest.param(put("B40", False), outside("B40"), id="FALSE below it"),
        pytest.param(put("B40", date(2020, 1, 1)), outside("B40"), id="a date below it"),
        pytest.param(put("B40", " \u00a0\u200b"), [], id="invisible characters"),
        pytest.param(put("F3", "see overleaf", COVER_TAB), outside("F3", COVER_TAB), id="on the Cover"),
        pytest.param(put("A4", "Azure", "Reference"), ["Reference!A4 LOCKED_CHANGED"], id="in the lists"),
    ],
)
def test_changed_text_and_text_outside_the_form(read: Read, tamper: Tamper, findings: list[str]) -> None:
    item = read(tamper)
    assert reported(item) == findings
    assert values(item) == answers()


def test_text_outside_the_form_is_listed_up_to_a_limit_and_counted(read: Read) -> None:
    def tamper(book: Workbook) -> None:
        for row in range(MAX_OUTSIDE_FORM + 20):
            book[TAB].cell(30 + row, 14).value = f"note {row}"

    item = read(tamper)
    assert reported(item) == outside(" ".join(f"N{30 + row}" for row in range(MAX_OUTSIDE_FORM + 1)))
    assert item.findings[-1].value == "20 more cells, from here on"
    assert values(item) == answers()
