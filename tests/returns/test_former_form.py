"""A copy issued before KPIs had a reason: it has no such column, and that is no finding."""

from __future__ import annotations

from typing import Any

import openpyxl
import pytest

from cedg_excel.master.accounting import count_cells
from cedg_excel.master.merge import merge
from cedg_excel.plan.model import Plan
from tests.conftest import RATED, Fill, checked

NO_REASON_COLUMN = 10


@pytest.mark.parametrize(("figure", "codes", "reason"), [(7, [], None), (None, [], None), ("n/a", ["REASON_READ"], "Not applicable")])
def test_it_is_read_without_new_findings(fill: Fill, small: Plan, figure: Any, codes: list[str], reason: str | None) -> None:
    path = fill({**RATED, "kpi/K2.1/value": figure})
    book = openpyxl.load_workbook(path)
    book["Objective 2"].delete_cols(NO_REASON_COLUMN)
    for row in book["Objective 2"].iter_rows(min_row=6, max_row=10):
        row[NO_REASON_COLUMN - 1].value = None
    cover = book["Cover"]
    stamp = next(cell for row in cover.iter_rows() for cell in row if str(cell.value).startswith("cedg |"))
    stamp.value = f"{stamp.value[:-12]}0123456789ab"
    book.save(path)
    items = checked(small, path)
    assert sorted(f.code for f in items[0].findings if f.code != "LATE") == sorted(["OTHER_VERSION", *codes])
    merged = merge(items, small)
    count_cells(items, merged)
    assert merged.tables["kpis"].set_index("ref").loc["K2.1", "reason"] == reason
