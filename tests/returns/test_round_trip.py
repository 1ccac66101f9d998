"""Every answer is read as it was entered."""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from openpyxl.utils.datetime import CALENDAR_MAC_1904

from cedg_excel.copies.template import build_template
from cedg_excel.excel.save import to_bytes
from cedg_excel.form.layout import layout_for
from cedg_excel.plan.model import Plan
from cedg_excel.text import is_blank, readable
from tests.conftest import PERIOD, SENT, checked
from tests.returns.altered import Read, answers, reported, values


def test_unchanged_copy_has_no_findings(read: Read) -> None:
    item = read()
    assert reported(item) == []
    assert values(item) == answers()


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
def test_every_answer_is_read_as_it_was_entered(small: Plan, tmp_path_factory: pytest.TempPathFactory, data: st.DataObject) -> None:
    fields = [item for _, _, item in layout_for(small, "north", PERIOD).fields()]
    given = {item.key: data.draw(answer(item.kind, item.choices), label=item.key) for item in fields}
    path = tmp_path_factory.mktemp("any") / "return.xlsx"
    path.write_bytes(to_bytes(build_template(small, "north", PERIOD, values=given), SENT))
    (item,) = checked(small, path)
    # Marks of direction and symbols of Word's fonts are the only characters that are not passed on as they are.
    as_read = {key: readable(value) if isinstance(value, str) else value for key, value in given.items()}
    expected = {key: value for key, value in as_read.items() if value is not None and not is_blank(value)}
    assert values(item) == expected
    assert not {finding.code for finding in item.findings} & {"OUTSIDE_FORM", "LOCKED_CHANGED", "ROW_MOVED", "FORMULA_USED"}
    for finding in item.findings:
        assert not finding.held_back, finding


def test_every_date_that_a_cell_accepts_is_read(small: Plan, tmp_path: Path) -> None:
    """Including leap years and the ends of centuries, in both of Excel's date systems."""
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
