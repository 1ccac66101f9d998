"""Spreadsheet returns for a multi-agency delivery plan: locked copies out, one checked master back."""

from __future__ import annotations

import os
from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from cedg_excel.checking.check import check
    from cedg_excel.closing.report import report_of
    from cedg_excel.closing.rollover import next_plan
    from cedg_excel.closing.word_report import report_bytes
    from cedg_excel.copies.template import build_template, template_bytes
    from cedg_excel.master.master_file import write_master
    from cedg_excel.master.merge import merge
    from cedg_excel.master.period_view import last_view
    from cedg_excel.master.read_workbook import read_master, read_table, tables
    from cedg_excel.master.workbook import master_bytes
    from cedg_excel.planfiles.plan_file import load_plan
    from cedg_excel.returns.read import read_returns

__version__ = "0.1.0"

# openpyxl writes other bytes where lxml happens to be installed, and the same returns must give the same master.
os.environ.setdefault("OPENPYXL_LXML", "False")

_HOME = {
    "load_plan": "planfiles.plan_file",
    "build_template": "copies.template",
    "template_bytes": "copies.template",
    "read_returns": "returns.read",
    "check": "checking.check",
    "merge": "master.merge",
    "master_bytes": "master.workbook",
    "write_master": "master.master_file",
    "read_master": "master.read_workbook",
    "read_table": "master.read_workbook",
    "tables": "master.read_workbook",
    "last_view": "master.period_view",
    "report_of": "closing.report",
    "report_bytes": "closing.word_report",
    "next_plan": "closing.rollover",
}
"""The public names, in the order of use, and the module of each. Loaded on first use: `cedg --help` should not wait for pandas."""

__all__ = [
    "build_template",
    "check",
    "last_view",
    "load_plan",
    "master_bytes",
    "merge",
    "next_plan",
    "read_master",
    "read_returns",
    "read_table",
    "report_bytes",
    "report_of",
    "tables",
    "template_bytes",
    "write_master",
]


def __getattr__(name: str) -> Any:
    if name not in _HOME:
        raise AttributeError(f"module 'cedg_excel' has no attribute {name!r}")
    value = globals()[name] = getattr(import_module(f"cedg_excel.{_HOME[name]}"), name)
    return value
