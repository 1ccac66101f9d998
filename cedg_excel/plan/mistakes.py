"""What is wrong with a plan, whichever way it was written: each mistake by where it is, and in plain words."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Literal

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from cedg_excel.errors import PlanError
from cedg_excel.plan.model import (
    ACTION_REF,
    KPI_REF,
    About,
    Action,
    Agency,
    BragWording,
    Kpi,
    Objective,
    Period,
    Plan,
    Version,
    Waiver,
    nearest,
)

TABLES: dict[str, type[BaseModel]] = {
    "plan": About, "agency": Agency, "objective": Objective, "action": Action,
    "kpi": Kpi, "period": Period, "version": Version, "waiver": Waiver,
}  # fmt: skip

EACH_ITS_OWN = "each must be its own."

Data = Mapping[str, Any]
"""A plan as nested tables, as TOML has them."""


@dataclass(frozen=True, slots=True)
class Mistake:
    """
    One thing wrong with a plan. `loc` leads to it: `("action", 3, "unit")`, lists counted from 0.

    `value` is what stands there, where it can be shown. `says` goes on from the key's name (`missing`, `wrong`: "must be
    ...") or stands alone (`table`: there is none of these at all; `entry`: of the whole; `unknown_key`; `loose`: an id that
    names nothing, or is there twice).
    """

    kind: Literal["missing", "wrong", "table", "entry", "unknown_key", "loose"]
    loc: tuple[int | str, ...]
    says: str
    value: str | int | float | date | None = None

    @property
    def key(self) -> str:
        """`unit`, or `brag.blue`; nothing for a whole entry."""
        keys = self.loc[1:] if self.loc[0] == "plan" else self.loc[2:]
        # Without what pydantic adds: places in lists, and the kinds a value may be of.
        return ".".join(str(key) for key in (keys[:2] if keys[:1] == ("brag",) else keys[:1]))


def plan_from(data: Data, name: str = "plan", line: Callable[[Mistake], str] | None = None) -> Plan:
    """
    A plan from its nested tables.

    Raises PlanError with every mistake, one a line; `line` says one, with its place, as the plan's author meets it.
    """
    plan, found = read_plan(data)
    if plan is None:
        raise refusal(name, [(line or (lambda mistake: toml_line(data, mistake)))(mistake) for mistake in found])
    return plan


def read_plan(data: Data) -> tuple[Plan | None, list[Mistake]]:
    """The plan, or else every mistake in it."""
    found: list[Mistake] = []
    plan = None
    try:
        plan = Plan.model_validate(data)
    except ValidationError as error:
        # A list whose every entry has a mistake counts as empty, but the mistakes have been said.
        told = [item for item in error.errors() if item["type"] != "too_short" or not data.get(str(item["loc"][0]))]
        found = [_mistake(data, item) for item in told]
    found += _loose_ends(data, {mistake.loc[0] for mistake in found if mistake.key in ("", "id", "number")})
    return (_in_order(plan), []) if plan and not found else (None, found)


def _in_order(plan: Plan) -> Plan:
    """Whose an action or KPI is says nothing by its order; the plan's own is kept everywhere."""
    order = {agency.id: number for number, agency in enumerate(plan.agencies)}

    def sort(ids: Iterable[str]) -> tuple[str, ...]:
        return tuple(sorted(ids, key=order.__getitem__))

    actions = tuple(
        action.model_copy(update={
            "agencies": sort(action.agencies),
            "contributors": "all" if action.contributors == "all" else sort(action.contributors),
        })
        for action in plan.actions
    )  # fmt: skip
    kpis = tuple(kpi.model_copy(update={"agencies": sort(kpi.agencies)}) for kpi in plan.kpis)
    return plan.model_copy(update={"actions": actions, "kpis": kpis})


def refusal(name: str, lines: Iterable[str]) -> PlanError:
    """`The plan plan.toml has 2 mistakes:` and a line for each."""
    lines = list(dict.fromkeys(lines))
    head = "1 mistake" if len(lines) == 1 else f"{len(lines)} mistakes"
    return PlanError(f"The plan {name} has {head}:\n" + "\n".join(f"  {line}" for line in lines))


# As the author of a TOML file meets them


def toml_line(data: Data, mistake: Mistake) -> str:
    """A mistake by its entry and key: `[[action]] 2.1: agencies: unknown agency 'suoth'. Did you mean 'south'?`"""
    table = str(mistake.loc[0])
    if mistake.kind == "table":
        return f"{_heading(table)} is missing." if mistake.says == "" else f"{table} {mistake.says}"
    entry = _entry(data, mistake.loc)
    if mistake.kind == "missing":
        return f"{entry}: '{mistake.key}' {mistake.says}"
    if mistake.kind == "wrong":
        shown = "" if mistake.value is None else f" = {_toml(mistake.value)}"
        return f"{entry}: {mistake.key + shown + ' ' if mistake.key else ''}{mistake.says}"
    if mistake.kind == "loose" and mistake.key in ("agencies", "contributors", "agency"):
        return f"{entry}: {mistake.key}: {mistake.says}"
    if mistake.kind == "loose" and mistake.says.endswith(EACH_ITS_OWN):
        return f"{_heading(table)}: {mistake.key} {mistake.says}"
    return f"{entry}: {mistake.says}"


def _heading(table: str) -> str:
    return "[plan]" if table == "plan" else f"[[{table}]]"


def _entry(data: Data, loc: Sequence[int | str]) -> str:
    """How the entry an error is in is named."""
    table = str(loc[0])
    if len(loc) > 1 and isinstance(loc[1], int):
        item = data[table][loc[1]]
        name = next((item[k] for k in ("ref", "id", "number", "rule") if isinstance(item, dict) and k in item), None)
        return f"[[{table}]] {name if name is not None else f'number {loc[1] + 1}'}"
    return _heading(table) if table in TABLES else "the plan"


def _toml(value: Any) -> str:
    return str(value).lower() if isinstance(value, bool) else f'"{value}"' if isinstance(value, str) else str(value)


# From the library's errors to ours


def _mistake(data: Data, error: ErrorDetails) -> Mistake:
    loc, kind, says = tuple(error["loc"]), error["type"], error["msg"]
    table = str(loc[0])
    if len(loc) == 1 and table in TABLES and kind in ("missing", "too_short"):
        return Mistake("table", loc, "")
    if len(loc) == 1 and kind == "tuple_type":
        return Mistake("table", loc, f"must be written as {_heading(table)}, once for each.")
    if kind == "extra_forbidden":
        return _unknown_key(loc)
    if kind == "missing":
        return Mistake("missing", loc, "is missing.")
    value = _value(data, loc)
    choices = re.findall(r"'([^']*)'", says) if kind == "literal_error" else []
    key = Mistake("wrong", loc, "").key
    shown = value if key and isinstance(value, str | int | float | date) else None
    return Mistake("wrong" if key else "entry", loc, f"{_wanted(table, key, kind, says)}.{nearest(str(value), choices)}", shown)


def _unknown_key(loc: tuple[int | str, ...]) -> Mistake:
    table = TABLES.get(str(loc[0]))
    key = Mistake("unknown_key", loc, "").key
    known = BragWording.model_fields if key.startswith("brag.") else table.model_fields if table else TABLES
    return Mistake("unknown_key", loc, f"unknown key '{key or loc[0]}'.{nearest(str(loc[-1]), known)}")


_EITHER = {
    "contributors": 'must be "all", or agency ids in square brackets',
    "baseline": "must be a number or text",
    "target": "must be a number or text",
    "date_to_group": "must be a date or text",
}
"""What a key takes that may be of several kinds; pydantic complains for each of them."""

_PATTERN = {
    "id": "must be letters, figures, dots and hyphens, beginning with a letter or figure, 63 characters at most",
    "version": "must be one line without bars (|)",
    "action": "must be the objective's number, a dot and a number, such as 2.3",
    "kpi": "must be K, the objective's number, a dot and a number, such as K2.3",
}
"""What a key takes, or the ref of a table."""

_KIND = {
    "string_type": "must be text in quotes",
    "string_too_short": "must not be empty",
    "tuple_type": "must be a list in square brackets",
    "bool_type": "must be true or false",
    "bool_parsing": "must be true or false",
    "model_type": "must be a table of keys, each on its line",
    "int_type": "must be a whole number",
    "int_parsing": "must be a whole number",
    "int_from_float": "must be a whole number",
    "finite_number": "must be a whole number",
}
"""What pydantic means, in plain words."""


def _wanted(table: str, key: str, kind: str, says: str) -> str:
    if key in _EITHER:
        return _EITHER[key]
    if kind == "string_pattern_mismatch":
        return _PATTERN[table if key == "ref" else key]
    return _KIND.get(kind) or says.removeprefix("Value error, ").replace("Input should be", "must be")


def _value(data: Any, loc: Sequence[int | str]) -> Any:
    for part in loc:
        try:
            data = data[part]
        except (KeyError, IndexError, TypeError):
            return None
    return data


# Ids and refs that repeat, and ids that name nothing


def _loose_ends(data: Data, unsure: set[int | str]) -> Iterator[Mistake]:
    """`unsure` are the tables some of whose ids cannot be read: what points to one of those is not judged."""
    for table, key in (("agency", "id"), ("objective", "number"), ("action", "ref"), ("kpi", "ref"), ("period", "id")):
        yield from _repeated(data, table, key)
    for table, pattern in (("action", ACTION_REF), ("kpi", KPI_REF)):
        for place, item in _items(data, table):
            match = pattern.fullmatch(_id(item.get("ref")))
            if match and "objective" not in unsure and int(match[1]) not in {_number(o) for _, o in _items(data, "objective")}:
                yield Mistake("loose", (table, place, "ref"), f"there is no objective {int(match[1])}.")
            yield from _agencies(data, table, place, item, unsure)
    for place, item in _items(data, "waiver"):
        yield from _unknown(data, unsure, "agency", ("waiver", place, "agency"), _id(item.get("agency")))
        yield from _unknown(data, unsure, "period", ("waiver", place, "period"), _id(item.get("period")))


def _agencies(data: Data, table: str, place: int, item: Data, unsure: set[int | str]) -> Iterator[Mistake]:
    lists = {key: [_id(name) for name in value] for key in ("agencies", "contributors") if isinstance(value := item.get(key), list | tuple)}
    for key, names in lists.items():
        loc = (table, place, key)
        for name in names:
            yield from _unknown(data, unsure, "agency", loc, name)
        for name, times in Counter(names).items():
            if times > 1:
                yield Mistake("loose", loc, f"'{name}' is there {times} times; once is enough.")
    for both in sorted(set(lists.get("agencies", ())) & set(lists.get("contributors", ()))):
        yield Mistake("entry", (table, place), f"'{both}' is in agencies and in contributors; keep one.")


def _unknown(data: Data, unsure: set[int | str], table: str, loc: tuple[int | str, ...], name: str) -> Iterator[Mistake]:
    known = [_id(item.get("id")) for _, item in _items(data, table)]
    if name and table not in unsure and name not in known:
        yield Mistake("loose", loc, f"unknown {table} '{name}'.{nearest(name, known)}")


def _repeated(data: Data, table: str, key: str) -> Iterator[Mistake]:
    # Folded, since Windows would write both agencies' copies to one file.
    alike: dict[str, list[tuple[int, str]]] = defaultdict(list)
    for place, item in _items(data, table):
        if name := _id(item.get(key)):
            alike[name.casefold()].append((place, name))
    for same in alike.values():
        if len(same) > 1:
            (_, name), (place, _) = same[:2]
            yield Mistake("loose", (table, place, key), f"'{name}' is used {len(same)} times; {EACH_ITS_OWN}")


def _items(data: Data, table: str) -> list[tuple[int, Data]]:
    items = data.get(table)
    return [(n, item) for n, item in enumerate(items) if isinstance(item, dict)] if isinstance(items, list) else []


def _id(value: Any) -> str:
    """An id or ref as the plan takes it; nothing for what cannot be one."""
    return str(value).strip() if isinstance(value, str | int) and not isinstance(value, bool) else ""


def _number(objective: Data) -> int | None:
    text = _id(objective.get("number"))
    return int(text) if text.isdecimal() else None
