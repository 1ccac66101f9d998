"""Finds what was typed over the form's own formulas: its checks, its counts and its lines of progress."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator
from typing import Any

from cedg_excel.excel.grid import Grid
from cedg_excel.excel_facts import Address
from cedg_excel.findings import Finding, Place
from cedg_excel.form.formulas import TO_DO
from cedg_excel.form.model import PlacedCells
from cedg_excel.form.rules import BY_CODE
from cedg_excel.tab_names import CHECK_TAB
from cedg_excel.text import plain_text, shown

MAX_TYPED_OVER = 20
"""How many cells are listed for one tab."""

_CHECK_TEXT = re.compile(rf"(?:{TO_DO})?[A-Z]{{1,2}}\d+: .+|\d{{1,4}}|Ready to send\.|\d+ of \d+ actions rated, .*")
"""What the formulas of a tab other than Check can show."""


def typed_over_formulas(placed: PlacedCells, grid: Grid, formulas: Collection[Address], file: str) -> Iterator[Finding]:
    """
    A finding for each cell that should have a formula, has none, and is not blank. `formulas` are the addresses that have one.

    Some programs keep only values. Where a tab has no formula left, what a formula of the form could have shown is not reported.
    """
    missing = sorted(address for address in placed.formulas if address not in formulas and address in grid.cells)
    if missing and not formulas:
        missing = [address for address in missing if not _may_be_result(grid.title, grid.cells[address])]
    for address in missing[:MAX_TYPED_OVER]:
        yield BY_CODE["TYPED_OVER"].finding(file, Place(grid.title, *address), value=shown(grid.cells[address]))


def _may_be_result(title: str, value: Any) -> bool:
    return title == CHECK_TAB or _CHECK_TEXT.fullmatch(plain_text(value)) is not None
