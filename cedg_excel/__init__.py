"""Spreadsheet returns for a multi-agency delivery plan: locked copies out, one checked master back."""

from __future__ import annotations

import os
import sys
from importlib import import_module
from types import ModuleType
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from cedg_excel.check import check
    from cedg_excel.closure import report_of
    from cedg_excel.master import master_bytes, read_master, read_table, tables, write_master
    from cedg_excel.merge import merge
    from cedg_excel.planfile import load_plan
    from cedg_excel.report import report_bytes
    from cedg_excel.returns import read_returns
    from cedg_excel.rollover import next_plan
    from cedg_excel.template import build_template, template_bytes
    from cedg_excel.views import last_view

__version__ = "0.1.0"

# openpyxl writes other bytes where lxml happens to be installed, and the same returns must give the same master.
os.environ.setdefault("OPENPYXL_LXML", "False")

_HOME = {
    "load_plan": "planfile",
    "build_template": "template",
    "template_bytes": "template",
    "read_returns": "returns",
    "check": "check",
    "merge": "merge",
    "master_bytes": "master",
    "write_master": "master",
    "read_master": "master",
    "read_table": "master",
    "tables": "master",
    "last_view": "views",
    "report_of": "closure",
    "report_bytes": "report",
    "next_plan": "rollover",
}
"""The public names, in the order of use, and the module of each."""

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
    # Loaded on first use: `cedg --help` should not wait for pandas.
    if name in _HOME:
        return getattr(import_module(f"cedg_excel.{_HOME[name]}"), name)
    raise AttributeError(f"module 'cedg_excel' has no attribute {name!r}")


class _Package(ModuleType):
    """`check` and `merge` are modules as well: whichever is imported first, the public name means the function."""

    def __setattr__(self, name: str, value: Any) -> None:
        # The import machinery puts each module it loads on its package under the module's name.
        own = isinstance(value, ModuleType) and _HOME.get(name) == name
        super().__setattr__(name, getattr(value, name) if own else value)


sys.modules[__name__].__class__ = _Package
