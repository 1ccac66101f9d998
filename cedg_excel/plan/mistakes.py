"""What is wrong with a plan, in whichever format it was written: each mistake with its place and a plain sentence."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any, Literal

from cedg_excel.errors import PlanError

Data = Mapping[str, Any]
"""A plan as nested tables, as TOML has them."""

MistakeKind = Literal[
    "missing_table", "not_a_table", "missing_key", "unknown_key", "wrong_value", "wrong_entry", "unknown_id", "repeated_id", "listed_twice"
]


@dataclass(frozen=True, slots=True)
class Mistake:
    """
    One thing wrong with a plan. `loc` leads to it: `("action", 3, "unit")`, lists counted from 0.

    `message` continues the key's name or stands alone, as `kind` tells. `problem` is what is wrong with a value or entry, as
    pydantic names it (`string_type`) or the plan's own models do (`not_a_date`). `value` is the value, where it can be shown.
    """

    kind: MistakeKind
    loc: tuple[int | str, ...]
    message: str
    problem: str = ""
    value: str | int | float | date | None = None

    @property
    def table(self) -> str:
        """`action`, or the first key of an unknown table."""
        return str(self.loc[0])

    @property
    def key(self) -> str:
        """`unit`, or `brag.blue`; nothing for a whole entry."""
        return key_of(self.loc)


def key_of(loc: tuple[int | str, ...]) -> str:
    """The key that a place leads to: `unit`, or `brag.blue`; nothing for a whole entry."""
    keys = loc[1:] if loc[0] == "plan" else loc[2:]
    # pydantic adds positions in lists and the types that a value may have; they are left out.
    return ".".join(str(key) for key in (keys[:2] if keys[:1] == ("brag",) else keys[:1]))


def plan_error(name: str, lines: Iterable[str]) -> PlanError:
    """`The plan plan.toml has 2 mistakes:` and a line for each."""
    lines = list(dict.fromkeys(lines))
    count = "1 mistake" if len(lines) == 1 else f"{len(lines)} mistakes"
    return PlanError(f"The plan {name} has {count}:\n" + "\n".join(f"  {line}" for line in lines))


def toml_line(data: Data, mistake: Mistake) -> str:
    """A mistake for the author of a TOML file: `[[action]] 2.1: agencies: unknown agency 'suoth'. Did you mean 'south'?`"""
    match mistake.kind:
        case "missing_table":
            return f"{table_heading(mistake.table)} {mistake.message}"
        case "not_a_table":
            return f"{mistake.table} {mistake.message}"
        case "repeated_id":
            return f"{table_heading(mistake.table)}: {mistake.key} {mistake.message}"
    return f"{_entry_name(data, mistake.loc)}: {_about_entry(mistake)}"


_KEYS_OF_IDS = ("agencies", "contributors", "agency", "from", "until", "became")
"""The keys that hold ids or refs of other entries: an unknown one is named with its key."""


def _about_entry(mistake: Mistake) -> str:
    key, message = mistake.key, mistake.message
    if mistake.kind == "missing_key":
        return f"'{key}' {message}"
    if mistake.kind == "wrong_value":
        value = "" if mistake.value is None else f" = {_toml_value(mistake.value)}"
        return f"{key}{value} {message}"
    if mistake.kind == "listed_twice" or (mistake.kind == "unknown_id" and key in _KEYS_OF_IDS):
        return f"{key}: {message}"
    return message


def table_heading(table: str) -> str:
    """How a table begins in TOML: `[plan]`, `[[action]]`."""
    return "[plan]" if table == "plan" else f"[[{table}]]"


def _entry_name(data: Data, loc: tuple[int | str, ...]) -> str:
    """`[[action]] 2.1`; `[[period]] number 3` for an entry without an id; `the plan` for what belongs to no table."""
    table = str(loc[0])
    if len(loc) > 1 and isinstance(loc[1], int):
        entry = data[table][loc[1]]
        name = next((entry[key] for key in ("ref", "id", "number", "rule") if isinstance(entry, dict) and key in entry), None)
        return f"[[{table}]] {name if name is not None else f'number {loc[1] + 1}'}"
    return table_heading(table) if table in TABLES else "the plan"


def _toml_value(value: Any) -> str:
    return str(value).lower() if isinstance(value, bool) else f'"{value}"' if isinstance(value, str) else str(value)


TABLES = ("plan", "agency", "objective", "action", "kpi", "period", "version", "waiver")
"""The tables of a plan, in TOML's names."""
