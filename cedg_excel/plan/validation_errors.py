"""From pydantic's errors to mistakes in plain words."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any, Literal, get_args, get_origin

from pydantic import BaseModel
from pydantic_core import ErrorDetails

from cedg_excel.plan.field_types import fields_by_key
from cedg_excel.plan.mistakes import Data, Mistake, key_of, table_heading
from cedg_excel.plan.model import About, Action, Agency, BragWording, Kpi, Objective, Period, Version, Waiver
from cedg_excel.text import nearest

MODELS: dict[str, type[BaseModel]] = {
    "plan": About, "agency": Agency, "objective": Objective, "action": Action,
    "kpi": Kpi, "period": Period, "version": Version, "waiver": Waiver,
}  # fmt: skip


def mistake_from(data: Data, error: ErrorDetails) -> Mistake:
    """The mistake that one of pydantic's errors is about."""
    loc, problem = tuple(error["loc"]), error["type"]
    table, key = str(loc[0]), key_of(loc)
    if len(loc) == 1 and table in MODELS and problem in ("missing", "too_short"):
        return Mistake("missing_table", loc, "is missing.")
    if len(loc) == 1 and problem == "tuple_type":
        return Mistake("not_a_table", loc, f"must be written as {table_heading(table)}, once for each {table}.")
    if problem == "extra_forbidden":
        return _unknown_key(loc)
    if problem == "missing":
        return Mistake("missing_key", loc, "is missing.")
    if key in _SEVERAL_TYPES:
        problem = "no_type_matches"
    value = _value_at(data, loc)
    suggestion = nearest(str(value), _choices(MODELS[table].model_fields[key].annotation)) if error["type"] == "literal_error" else ""
    message = f"{_message(table, key, problem, error)}.{suggestion}"
    if not key:
        return Mistake("wrong_entry", loc, message, problem)
    return Mistake("wrong_value", loc, message, problem, value if isinstance(value, str | int | float | date) else None)


def _unknown_key(loc: tuple[int | str, ...]) -> Mistake:
    table, key = str(loc[0]), key_of(loc)
    known = fields_by_key(BragWording if key.startswith("brag.") else MODELS[table]) if table in MODELS else MODELS
    return Mistake("unknown_key", loc, f"unknown key '{key or table}'.{nearest(str(loc[-1]), known)}")


_SEVERAL_TYPES = {
    "contributors": 'must be "all", or agency ids in square brackets',
    "baseline": "must be a number or text",
    "target": "must be a number or text",
    "date_to_group": "must be a date or text",
}
"""Keys whose value may be of several types: pydantic reports an error for each type."""

_PATTERNS = {
    "id": "must be letters, digits, dots and hyphens, starting with a letter or digit, 63 characters at most",
    "version": "must be one line without bars (|)",
    "action": "must be the objective's number, a dot and a number, such as 2.3",
    "kpi": "must be K, the objective's number, a dot and a number, such as K2.3",
}
"""The pattern of a key, or of the refs of a table, in words."""

_MESSAGES = {
    "string_type": "must be text in quotes",
    "string_too_short": "must not be empty",
    "string_too_long": "must have {max_length} characters or fewer",
    "tuple_type": "must be a list in square brackets",
    "bool_type": "must be true or false",
    "bool_parsing": "must be true or false",
    "model_type": "must be a table of keys, each on its own line",
    "int_type": "must be a whole number",
    "int_parsing": "must be a whole number",
    "int_from_float": "must be a whole number",
    "finite_number": "must be a whole number",
    "greater_than_equal": "must be {ge} or more",
    "less_than_equal": "must be {le} or less",
    "literal_error": "must be {expected}",
}
"""pydantic's types of error, in plain words; the names in braces are its own. Other errors keep pydantic's message."""


def _message(table: str, key: str, problem: str, error: ErrorDetails) -> str:
    if problem == "no_type_matches":
        return _SEVERAL_TYPES[key]
    if problem == "string_pattern_mismatch":
        return _PATTERNS[table if key == "ref" else key]
    return _MESSAGES[problem].format(**error.get("ctx", {})) if problem in _MESSAGES else error["msg"]


def _choices(annotation: Any) -> list[str]:
    """The words that a type allows: `["up", "down", ""]` for a Literal, or for a union with one."""
    if get_origin(annotation) is Literal:
        return list(get_args(annotation))
    return [word for part in get_args(annotation) for word in _choices(part)]


def _value_at(data: Any, loc: Sequence[int | str]) -> Any:
    for part in loc:
        try:
            data = data[part]
        except (KeyError, IndexError, TypeError):
            return None
    return data
