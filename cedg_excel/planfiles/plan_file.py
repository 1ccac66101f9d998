"""A plan from a file, whichever way it is kept: as TOML or as a workbook."""

from __future__ import annotations

from pathlib import Path

from cedg_excel.errors import PlanError
from cedg_excel.plan.model import Plan
from cedg_excel.planfiles.toml_file import load_toml

NAMES = ("plan.toml", "plan.xlsx")
"""What the plan of a round folder is called."""

_OTHERS = {".xls": "an old Excel workbook", ".xlsm": "a workbook with macros", ".xlsb": "a binary workbook", ".ods": "an OpenDocument file"}


def load_plan(path: str | Path) -> Plan:
    """
    The plan in a TOML file or an Excel workbook.

    Raises PlanError, naming every mistake's key, or sheet and cell, and the nearest right name.
    """
    path = Path(path)
    kind = path.suffix.lower()
    if kind == ".xlsx":
        # Only now: the plan of a TOML file should not wait for what reads workbooks.
        from cedg_excel.planfiles.read_workbook import read_plan_book

        return read_plan_book(path).plan
    if kind in _OTHERS:
        raise PlanError(f"The plan {path.name} is {_OTHERS[kind]}. Save it as an Excel workbook (.xlsx) and name that.")
    return load_toml(path)


def remarks_on(path: Path) -> tuple[str, ...]:
    """What was left aside in reading a plan that loads: only a workbook can hold more than the plan."""
    if path.suffix.lower() != ".xlsx":
        return ()
    from cedg_excel.planfiles.read_workbook import read_plan_book

    return read_plan_book(path).remarks


def plan_in(folder: Path) -> Path | None:
    """The plan of a round folder; None when it has none. Raises PlanError when it has two."""
    found = [folder / name for name in NAMES if (folder / name).is_file()]
    if len(found) > 1:
        raise PlanError(f"{folder} holds both {' and '.join(NAMES)}, and only one can be the plan. Move the other one out of the folder.")
    return found[0] if found else None


def is_plan(path: Path) -> bool:
    """Whether a file can be used as a plan. One with mistakes is somebody's work, so it is not taken for one."""
    try:
        load_plan(path)
    except PlanError:
        return False
    return True
