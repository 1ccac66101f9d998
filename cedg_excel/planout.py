"""A plan as the file it is kept in."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from datetime import date
from pathlib import Path
from typing import Any

from cedg_excel.errors import CannotWrite
from cedg_excel.plan import Plan


def plan_file(plan: Plan, path: Path) -> bytes:
    """The bytes of a plan's file, of the kind that its name ends in. Raises CannotWrite for a kind no plan is kept in."""
    if path.suffix.lower() != ".toml":
        raise CannotWrite(f"A plan cannot be written as {path.name}. Name a file that ends in .toml with --out; nothing was changed.")
    data = plan.model_dump(by_alias=True, exclude_none=True, exclude_defaults=True)
    return "\n".join(_tables(data)).encode("utf-8")


def _tables(data: Mapping[str, Any]) -> Iterator[str]:
    for name, table in data.items():
        for entry in [table] if isinstance(table, dict) else table:
            yield f"[{name}]" if isinstance(table, dict) else f"[[{name}]]"
            yield from (f"{key} = {_toml(value)}" for key, value in entry.items())
            yield ""


def _toml(value: Any) -> str:
    if isinstance(value, dict):
        return "{ " + ", ".join(f"{key} = {_toml(item)}" for key, item in value.items()) + " }"
    if isinstance(value, tuple | list):
        return "[" + ", ".join(map(_toml, value)) + "]"
    if isinstance(value, date):
        return value.isoformat()
    return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")
