"""A plan from its file, TOML or workbook, and the file of a plan."""

from __future__ import annotations

from pathlib import Path

from cedg_excel.errors import CannotWrite, PlanError
from cedg_excel.plan.model import Plan
from cedg_excel.planfiles.toml_file import load_toml, plan_toml

PLAN_FILE_NAMES = ("plan.toml", "plan.xlsx")
"""The names that the plan of a round folder can have."""

_UNSUPPORTED = {
    ".xls": "an old Excel workbook",
    ".xlsm": "a workbook with macros",
    ".xlsb": "a binary workbook",
    ".ods": "an OpenDocument file",
}


def load_plan(path: str | Path) -> Plan:
    """
    The plan in a TOML file or an Excel workbook.

    Raises PlanError, naming every mistake's key, or sheet and cell, and the nearest right name.
    """
    path = Path(path)
    suffix = path.suffix.lower()
    if suffix == ".xlsx":
        # Imported here so that reading a TOML file need not wait for the libraries that read workbooks.
        from cedg_excel.planfiles.read_workbook import read_plan_book

        return read_plan_book(path).plan
    if suffix in _UNSUPPORTED:
        raise PlanError(f"The plan {path.name} is {_UNSUPPORTED[suffix]}. Save it as an Excel workbook (.xlsx) and use that file.")
    return load_toml(path)


def remarks_on(path: Path) -> tuple[str, ...]:
    """A sentence about each part of the file that is not part of the plan; only a workbook can have such parts."""
    if path.suffix.lower() != ".xlsx":
        return ()
    from cedg_excel.planfiles.read_workbook import read_plan_book

    return read_plan_book(path).remarks


def plan_in(folder: Path) -> Path | None:
    """The plan of a round folder; None when it has none. Raises PlanError when it has two."""
    existing = [folder / name for name in PLAN_FILE_NAMES if (folder / name).is_file()]
    if len(existing) > 1:
        raise PlanError(
            f"{folder} contains both {' and '.join(PLAN_FILE_NAMES)}, and only one can be the plan. Move the other one out of the folder."
        )
    return existing[0] if existing else None


def is_plan(path: Path) -> bool:
    """Whether a file can be used as a plan, which one with mistakes cannot."""
    try:
        load_plan(path)
    except PlanError:
        return False
    return True


def plan_file(plan: Plan, path: Path) -> bytes:
    """The bytes of a plan's file, in the format of the name's ending. Raises CannotWrite for any other format."""
    match path.suffix.lower():
        case ".xlsx":
            # Imported here, as in `load_plan`: openpyxl takes longer to load than most plans take to read.
            from cedg_excel.planfiles.write_workbook import plan_bytes

            return plan_bytes(plan)
        case ".toml":
            return plan_toml(plan).encode("utf-8")
    raise CannotWrite(f"A plan cannot be written as {path.name}. Name a file that ends in .xlsx or .toml with --out; nothing was changed.")
