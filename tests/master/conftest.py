"""A round folder whose master people work in between merges."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

import openpyxl
import pytest

from cedg_excel.copies.template import build_template
from cedg_excel.excel.save import to_bytes
from cedg_excel.plan.model import Plan
from tests.conftest import COVER, PERIOD, RATED, SENT, Cedg
from tests.helpers.places import SMALL

SOUTH = {"action/2.1/rating": "Green", "action/2.3/rating": "Green", "kpi/K2.1/value": 4}


@pytest.fixture
def send(round_folder: Path, small: Plan) -> Callable[..., Path]:
    """Put a copy that an agency has filled in into returns/."""

    def sent(name: str, agency: str, answers: Mapping[str, Any], period: str = PERIOD, when: datetime = SENT) -> Path:
        path = round_folder / "returns" / name
        path.write_bytes(to_bytes(build_template(small, agency, period, values={**COVER, **answers}), when))
        return path

    return sent


@pytest.fixture
def round_folder(cedg: Cedg, tmp_path: Path, small: Plan) -> Path:
    """A round folder with two returns that are merged."""
    folder = tmp_path / "round"
    assert cedg("init", folder, "--plan", SMALL).status == 0
    for name, agency, answers in (("n.xlsx", "north", {**RATED, "kpi/K2.1/value": 17}), ("s.xlsx", "south", SOUTH)):
        copy = build_template(small, agency, PERIOD, values={**COVER, **answers})
        (folder / "returns" / name).write_bytes(to_bytes(copy, SENT))
    assert cedg("merge", folder=folder).status == 0
    return folder


def edit(path: Path, change: Callable[[Any], object]) -> None:
    """Open a workbook, change it and save it, as a person does in Excel."""
    book = openpyxl.load_workbook(path)
    change(book)
    book.save(path)


def in_group_cell(ref: str, column: int, text: str | None) -> Callable[[Any], None]:
    """Type into one of the group's own cells of an action: column 13 is its rating, 14 its note."""

    def typed(book: Any) -> None:
        page = book["Objective 2"]
        row = next(cell.row for (cell,) in page.iter_rows(max_col=1) if cell.value == ref)
        page.cell(row, column).value = text

    return typed
