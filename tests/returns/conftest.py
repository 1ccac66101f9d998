"""Shared by the tests of reading: a copy that is changed, then read and checked."""

from __future__ import annotations

from pathlib import Path

import pytest

from cedg_excel.checking.check import Checked
from cedg_excel.copies.template import build_template
from cedg_excel.excel.save import to_bytes
from cedg_excel.plan.model import Plan
from tests.conftest import PERIOD, SENT, checked
from tests.returns.altered import ANSWERS, Edit, Read, Tamper, altered, assert_addresses


@pytest.fixture(scope="session")
def filled(small: Plan) -> bytes:
    """The copy before anyone altered it."""
    return to_bytes(build_template(small, "north", PERIOD, values=ANSWERS), SENT)


@pytest.fixture
def read(filled: bytes, small: Plan, tmp_path: Path) -> Read:
    """Alter the copy, with openpyxl or in its XML, and read and check it: `read(tamper)`, `read(edit=..., name=...)`."""

    def after(tamper: Tamper | None = None, edit: Edit | None = None, name: str = f"north_{PERIOD}.xlsx") -> Checked:
        path = tmp_path / name
        path.write_bytes(altered(filled, tamper, edit))
        (item,) = checked(small, path)
        if {finding.code for finding in item.findings} & {"ROW_MOVED", "COLUMN_MOVED", "SHEET_RENAMED"}:
            assert_addresses(path, item.returned)
        return item

    return after
