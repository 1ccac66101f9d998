"""A plan as the file it is kept in."""

from __future__ import annotations

from pathlib import Path

from cedg_excel.errors import CannotWrite
from cedg_excel.plan.model import Plan
from cedg_excel.planfiles.toml_file import plan_toml
from cedg_excel.planfiles.write_workbook import plan_bytes


def plan_file(plan: Plan, path: Path) -> bytes:
    """The bytes of a plan's file, of the kind that its name ends in. Raises CannotWrite for a kind no plan is kept in."""
    match path.suffix.lower():
        case ".xlsx":
            return plan_bytes(plan)
        case ".toml":
            return plan_toml(plan).encode("utf-8")
    raise CannotWrite(f"A plan cannot be written as {path.name}. Name a file that ends in .xlsx or .toml with --out; nothing was changed.")
