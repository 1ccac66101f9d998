"""The plan as TOML: read from a file, and written so that it is easy to read and edit."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator, Mapping
from datetime import date
from itertools import groupby
from pathlib import Path
from typing import Any

from pydantic import BaseModel

from cedg_excel.errors import PlanError
from cedg_excel.plan.from_data import plan_from
from cedg_excel.plan.model import Plan

WIDTH = 120
"""Lists longer than this, in characters, are written with one item a line."""

ALWAYS_WRITTEN = {"unit", "combine", "over_time"}
"""Keys that are written even with their default: each KPI should show how its figure is counted."""


def load_toml(path: Path) -> Plan:
    """
    The plan in a TOML file.

    Raises PlanError, naming every mistake's key and the nearest right name.
    """
    try:
        text = path.read_text(encoding="utf-8-sig")
    except OSError as error:
        raise PlanError(f"The plan {path} cannot be read ({error.strerror}). Check the path.") from error
    except UnicodeDecodeError as error:
        raise PlanError(f"The plan {path.name} is not a text file in UTF-8. Save it as TOML in UTF-8.") from error
    return plan_from_toml(text, path.name)


def plan_from_toml(text: str, name: str) -> Plan:
    """The plan in the text of a TOML file of this name. Raises PlanError as `load_toml` does."""
    try:
        data = tomllib.loads(text)
    except (ValueError, RecursionError) as error:
        raise PlanError(f"The plan {name} is not valid TOML: {error}. Correct that line and try again.") from error
    return plan_from(data, name)


def plan_toml(plan: Plan) -> str:
    """The plan as the text of a TOML file; reading it gives an equal plan."""
    return "\n".join(_lines(plan)).rstrip() + "\n"


def _lines(plan: Plan) -> Iterator[str]:
    title = " ".join(re.sub(r"[\x00-\x1f\x7f]", " ", plan.about.title).split())
    yield f"# {title}"
    yield ""
    yield from _table("[plan]", plan.about, skip=("brag",))
    yield from _table("[plan.brag]", plan.about.brag)
    yield from _part("Agencies: each fills in a copy of its own", "agency", plan.agencies)
    yield from _part("Objectives", "objective", plan.objectives)
    for number, actions in groupby(plan.actions, key=lambda action: action.objective):
        yield from _part(f"Actions of objective {number}", "action", tuple(actions))
    for number, kpis in groupby(plan.kpis, key=lambda kpi: kpi.objective):
        yield from _part(f"KPIs of objective {number}", "kpi", tuple(kpis))
    yield from _part("Reporting periods", "period", plan.periods)
    yield from _part("Version control", "version", plan.versions)
    yield from _part("Agreed exceptions", "waiver", plan.waivers)


def _part(heading: str, table: str, entries: tuple[BaseModel, ...]) -> Iterator[str]:
    if entries:
        yield f"\n# {heading}\n"
    for entry in entries:
        yield from _table(f"[[{table}]]", entry)


def _table(head: str, entry: BaseModel, skip: tuple[str, ...] = ()) -> Iterator[str]:
    """One table: the keys that are required or differ from their default, without blanks."""
    fields: Mapping[str, Any] = type(entry).model_fields
    values = {name: getattr(entry, name) for name in fields if name not in skip}
    written = {
        name: value for name, value in values.items()
        if value is not None and (fields[name].is_required() or name in ALWAYS_WRITTEN or value != fields[name].default)
    }  # fmt: skip
    if written or head == "[plan]":
        yield head
        yield from (f"{name} = {_value(value)}" for name, value in written.items())
        yield ""


def _value(value: Any) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, str):
        return _text(value)
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, tuple):
        items = [_text(item, on_one_line=True) for item in value]
        line = f"[{', '.join(items)}]"
        return line if len(line) < WIDTH else "[\n" + "".join(f"    {item},\n" for item in items) + "]"
    return repr(value)


def _text(text: str, on_one_line: bool = False) -> str:
    """A text in quotes, or in triple quotes where it has several lines."""
    escaped = text.replace("\\", "\\\\")
    if "\n" in text and not on_one_line:
        # Quotes need no escape, except three together and any at the end, which would end the text.
        escaped = re.sub('"{3,}|"+$', lambda match: r"\"" * len(match[0]), escaped)
        return '"""\n' + _CONTROL.sub(_escape, escaped) + '"""'
    escaped = escaped.replace('"', r"\"").replace("\n", r"\n")
    return '"' + _CONTROL.sub(_escape, escaped) + '"'


# E-mail and editors may change line breaks in the file, so all except \n are written as escapes.
_CONTROL = re.compile("[\x00-\x09\x0b-\x1f\x7f\x85\u2028\u2029]")


def _escape(match: re.Match[str]) -> str:
    return {"\t": r"\t", "\r": r"\r"}.get(match[0], f"\\u{ord(match[0]):04X}")
