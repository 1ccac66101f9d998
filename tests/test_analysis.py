"""The examples for people who analyse the figures themselves."""

from __future__ import annotations

import re
import shutil
from pathlib import Path
from typing import Any

import openpyxl
import pytest

from cedg_excel import read_table, tables
from cedg_excel.errors import CannotRead
from cedg_excel.master.tables import COLUMNS
from tests.helpers.places import ROOT

MASTER = ROOT / "workbook" / "example-master.xlsx"
PAGE = (ROOT / "docs" / "analysis.md").read_text("utf-8")


def test_tables_returns_every_table_as_read_table_does() -> None:
    data = tables(str(MASTER))
    assert list(data) == list(COLUMNS)
    assert all(frame.equals(read_table(MASTER, name)) for name, frame in data.items())


def test_tables_of_a_missing_master_gives_one_sentence(tmp_path: Path) -> None:
    with pytest.raises(CannotRead, match="There is no master at"):
        tables(tmp_path / "none.xlsx")


def test_example_runs_in_a_round_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    shutil.copy(MASTER, tmp_path / "master.xlsx")
    shutil.copy(ROOT / "workbook" / "rotherham-2019-2022.toml", tmp_path / "plan.toml")
    monkeypatch.chdir(tmp_path)
    found: dict[str, Any] = {}
    for code in re.findall(r"```python\n(.*?)```", PAGE, re.DOTALL):
        exec(code, found)  # noqa: S102  the page's own examples
    assert found["latest"]["period"].unique().tolist() == ["2019-20-Q4"]
    assert int(found["ratings"].to_numpy().sum()) == found["latest"]["rating"].notna().sum() > 0
    assert list(found["by_quarter"].index) == ["2019-20-Q3", "2019-20-Q4"]
    assert (found["certain_by_quarter"] <= found["by_quarter"]).all()
    assert set(found["overdue"]["date_achieved"]) == {None}


def test_tables_have_the_names_the_page_gives() -> None:
    book = openpyxl.load_workbook(MASTER)
    names = {table for sheet in book for table in sheet.tables if sheet.title.startswith("Data ")}
    assert set(re.findall(r"`(data_\w+)`", PAGE)) == names
