"""The plan as data: objectives, actions, KPIs, agencies and periods. Knows no spreadsheet library."""

from __future__ import annotations

import difflib
import re
import tomllib
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date, datetime, time
from functools import cached_property
from pathlib import Path
from typing import Annotated, Any, Literal, Self

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError, model_validator

from cedg_excel import brag
from cedg_excel.errors import PlanError

ID_PATTERN = r"^[A-Za-z0-9][A-Za-z0-9.-]{0,62}$"
VERSION_PATTERN = r"^[^|\n]+$"
"""A version stands in the stamp, between bars and on one line."""
ACTION_REF = re.compile(r"^(\d+)\.\d+[a-z]?$")
KPI_REF = re.compile(r"^K(\d+)\.\d+[a-z]?$")
A_DATE = "must be a date, such as 2019-10-01"


def _day(value: Any) -> Any:
    # Left to itself, pydantic takes a number for the seconds since 1970.
    if isinstance(value, str):
        try:
            return date.fromisoformat(value.strip())
        except ValueError:
            raise ValueError(A_DATE) from None
    if isinstance(value, datetime) and value.time() == time():
        return value.date()
    if value is not None and (not isinstance(value, date) or isinstance(value, datetime)):
        raise ValueError(A_DATE)
    return value


def _as_written(value: Any) -> Any:
    if isinstance(value, float):
        raise ValueError("must stand in quotes; without them 2.10 would be read as 2.1")
    return value


Day = Annotated[date, BeforeValidator(_day)]
Written = Annotated[str, BeforeValidator(_as_written)]
Identifier = Written


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", str_strip_whitespace=True, coerce_numbers_to_str=True)


class BragWording(_Part):
    """What the group says each rating means."""

    blue: str = brag.BLUE.meaning
    red: str = brag.RED.meaning
    amber: str = brag.AMBER.meaning
    green: str = brag.GREEN.meaning

    def of(self, word: str) -> str:
        """The meaning of a rating's word: `of("Blue")`."""
        return str(getattr(self, word.lower()))


class About(_Part):
    """The plan's own particulars. `text_limit` is in characters; `unlock` is the sheets' password."""

    id: Identifier = Field(pattern=ID_PATTERN)
    title: str = Field(min_length=1)
    group: str = ""
    partnership: str = ""
    start: Day
    end: Day
    version: Written = Field(pattern=VERSION_PATTERN)
    purpose: str = ""
    governance: str = ""
    next_steps: str = ""
    brag: BragWording = BragWording()
    text_limit: int = Field(default=2000, ge=100, le=30000)
    unlock: str = "cedg"

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        if self.end < self.start:
            raise ValueError("end is before start")
        return self


class Agency(_Part):
    """Whoever fills in one copy. Contact and e-mail are for the chase texts and never leave in a copy."""

    id: Identifier = Field(pattern=ID_PATTERN)
    name: str = Field(min_length=1)
    part_of: str = ""
    contact: str = ""
    email: str = ""


class Objective(_Part):
    """One objective. Its actions and KPIs are those whose refs begin with its number."""

    number: int = Field(ge=1, le=99)
    title: str = Field(min_length=1)
    lead: str = ""
    purpose: str = ""

    @property
    def sheet(self) -> str:
        """The name of its tab, in the template and in the master."""
        return f"Objective {self.number}"


class Action(_Part):
    """
    One action. `agencies` are accountable and rate it; `contributors` may give evidence and no rating.
    """

    ref: Written = Field(pattern=ACTION_REF.pattern)
    title: str = Field(min_length=1)
    detail: tuple[str, ...] = ()
    leads: str = ""
    agencies: tuple[Identifier, ...] = ()
    contributors: tuple[Identifier, ...] | Literal["all"] = ()
    date_commenced: Day | None = None
    target_date: Day | None = None
    evidence: str = ""
    business_plan: bool = False
    continues: bool = False

    @property
    def objective(self) -> int:
        """The number of the objective it belongs to: 2 for ref 2.3."""
        return int(self.ref.split(".")[0])

    def contributes(self, agency: str) -> bool:
        """Whether the agency may give evidence here without being accountable."""
        if agency in self.agencies:
            return False
        return self.contributors == "all" or agency in self.contributors


class Kpi(_Part):
    """
    One key performance indicator. A percentage is asked for as numerator and denominator.

    `combine` is across agencies, `over_time` across quarters; `good` is blank when neither direction is.
    """

    ref: Written = Field(pattern=KPI_REF.pattern)
    measure: str = Field(min_length=1)
    unit: Literal["count", "percent", "days", "words"] = "count"
    good: Literal["up", "down", ""] = ""
    agencies: tuple[Identifier, ...] = ()
    combine: Literal["sum", "ratio", "single"] = "sum"
    over_time: Literal["sum", "latest", "none"] = "none"
    frequency: Literal["quarterly", "half-yearly", "yearly"] = "quarterly"
    numerator: str = ""
    denominator: str = ""
    baseline: str | int | float | None = None
    target: str | int | float | None = None
    status: Literal["live", "in development", "being explored"] = "live"

    @property
    def objective(self) -> int:
        """The number of the objective it belongs to: 2 for ref K2.3."""
        return int(self.ref[1:].split(".")[0])

    @property
    def live(self) -> bool:
        """False while a measure is in development or being explored: optional, and in no total."""
        return self.status == "live"

    @model_validator(mode="after")
    def _percent_is_a_ratio(self) -> Self:
        if (self.unit == "percent") != (self.combine == "ratio"):
            raise ValueError('unit = "percent" and combine = "ratio" go together')
        return self


class Period(_Part):
    """A reporting period, one quarter as a rule. `year` is the plan year it is shown with."""

    id: Identifier = Field(pattern=ID_PATTERN)
    label: str = ""
    year: str = ""
    start: Day
    end: Day
    due: Day | None = None
    meeting: str = ""

    @property
    def name(self) -> str:
        """How the period is headed: its label, or its id when it has none."""
        return self.label or self.id

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        if self.end < self.start:
            raise ValueError("end is before start")
        return self


class Version(_Part):
    """`date_to_group` is when the group saw it."""

    date: Day
    number: Written = Field(min_length=1)
    author: str = ""
    change: str = ""
    date_to_group: str | Day | None = None


class Waiver(_Part):
    """An agreed exception: this rule is not applied to this agency and key, until then, for this reason."""

    rule: str = Field(min_length=1)
    agency: Identifier
    key: str = ""
    period: str = ""
    reason: str = Field(min_length=1)
    who: str = Field(min_length=1)
    until: Day


class Plan(_Part):
    """A whole plan. Every list is in the plan's own order; every id and ref is unique."""

    about: About = Field(alias="plan")
    agencies: tuple[Agency, ...] = Field(alias="agency", min_length=1)
    objectives: tuple[Objective, ...] = Field(alias="objective", min_length=1)
    actions: tuple[Action, ...] = Field(alias="action", default=())
    kpis: tuple[Kpi, ...] = Field(alias="kpi", default=())
    periods: tuple[Period, ...] = Field(alias="period", min_length=1)
    versions: tuple[Version, ...] = Field(alias="version", default=())
    waivers: tuple[Waiver, ...] = Field(alias="waiver", default=())

    def __hash__(self) -> int:
        # Layouts are cached by plan: hashing its hundreds of parts each time would cost more than it saves.
        return hash((self.about.id, self.about.version))

    @cached_property
    def agency_by_id(self) -> dict[str, Agency]:
        return {agency.id: agency for agency in self.agencies}

    @cached_property
    def period_by_id(self) -> dict[str, Period]:
        return {period.id: period for period in self.periods}

    @cached_property
    def action_by_ref(self) -> dict[str, Action]:
        return {action.ref: action for action in self.actions}

    @cached_property
    def kpi_by_ref(self) -> dict[str, Kpi]:
        return {kpi.ref: kpi for kpi in self.kpis}

    def actions_of(self, objective: int) -> tuple[Action, ...]:
        """The actions of one objective, in the plan's order."""
        return tuple(action for action in self.actions if action.objective == objective)

    def kpis_of(self, objective: int) -> tuple[Kpi, ...]:
        """The KPIs of one objective, in the plan's order."""
        return tuple(kpi for kpi in self.kpis if kpi.objective == objective)

    def year_of(self, period: Period) -> tuple[Period, ...]:
        """The periods of the same plan year, in the plan's order; the period alone when it names no year."""
        same = tuple(other for other in self.periods if period.year and other.year == period.year)
        return same or (period,)

    def is_due(self, kpi: Kpi, period: Period) -> bool:
        """Whether the KPI is asked for in this period: half-yearly is every second, yearly the last of the plan year."""
        step = {"quarterly": 1, "half-yearly": 2, "yearly": 0}[kpi.frequency]
        year = self.year_of(period)
        position = year.index(period) + 1
        return position == len(year) if step == 0 else position % step == 0 or position == len(year)


def load_plan(path: str | Path) -> Plan:
    """
    The plan in a TOML file.

    Raises PlanError, naming every mistake's key and the nearest right name.
    """
    path = Path(path)
    try:
        text = path.read_text(encoding="utf-8-sig")
    except OSError as error:
        raise PlanError(f"The plan {path} cannot be read ({error.strerror}). Check the path.") from error
    except UnicodeDecodeError as error:
        raise PlanError(f"The plan {path.name} is not a text file in UTF-8. Save it as TOML in UTF-8.") from error
    try:
        data = tomllib.loads(text)
    except (ValueError, RecursionError) as error:
        raise PlanError(f"The plan {path.name} is not valid TOML: {error}. Mend that line and try again.") from error
    return plan_from(data, path.name)


def plan_from(data: Mapping[str, Any], name: str = "plan") -> Plan:
    """A plan from the nested tables of its TOML. Raises PlanError with every mistake, one a line."""
    try:
        plan = Plan.model_validate(data)
    except ValidationError as error:
        # A list whose every entry has a mistake counts as empty, but the mistakes have been said.
        told = [item for item in error.errors() if item["type"] != "too_short" or not data.get(str(item["loc"][0]))]
        mistakes = [_mistake(data, item["loc"], item["type"], item["msg"]) for item in told]
        raise _refusal(name, mistakes) from error
    mistakes = list(_loose_ends(plan))
    if mistakes:
        raise _refusal(name, mistakes)
    return plan


def _refusal(name: str, mistakes: Iterable[str]) -> PlanError:
    lines = list(dict.fromkeys(mistakes))
    head = "1 mistake" if len(lines) == 1 else f"{len(lines)} mistakes"
    return PlanError(f"The plan {name} has {head}:\n" + "\n".join(f"  {line}" for line in lines))


_TABLES: dict[str, type[BaseModel]] = {
    "plan": About, "agency": Agency, "objective": Objective, "action": Action,
    "kpi": Kpi, "period": Period, "version": Version, "waiver": Waiver,
}  # fmt: skip


def nearest(word: str, words: Iterable[str]) -> str:
    """`" Did you mean 'agencies'?"`, or nothing when no known word is near."""
    close = difflib.get_close_matches(word, list(words), n=1, cutoff=0.6)
    return f" Did you mean '{close[0]}'?" if close else ""


def _mistake(data: Mapping[str, Any], loc: Sequence[int | str], kind: str, says: str) -> str:
    """One pydantic error as a sentence that names the entry and key as the plan's author wrote them."""
    if len(loc) == 1 and loc[0] in _TABLES and kind in ("missing", "too_short"):
        return f"{_heading(str(loc[0]))} is missing."
    if len(loc) == 1 and kind == "tuple_type":
        return f"{loc[0]} must be written as {_heading(str(loc[0]))}, once for each."
    entry, keys = _entry(data, loc)
    if kind == "extra_forbidden":
        table = _TABLES.get(str(loc[0]))
        known = BragWording.model_fields if "brag" in keys[:-1] else table.model_fields if table else _TABLES
        return f"{entry}: unknown key '{_key(keys)}'.{nearest(str(keys[-1]) if keys else str(loc[0]), known)}"
    if kind == "missing":
        return f"{entry}: '{_key(keys)}' is missing."
    value = _value(data, loc)
    shown = f" = {_toml(value)}" if isinstance(value, str | int | float | date) else ""
    choices = re.findall(r"'([^']*)'", says) if kind == "literal_error" else []
    wanted = _wanted(str(loc[0]), _key(keys), kind, says)
    return f"{entry}: {_key(keys) + shown + ' ' if keys else ''}{wanted}.{nearest(str(value), choices)}"


def _heading(table: str) -> str:
    return "[plan]" if table == "plan" else f"[[{table}]]"


def _key(keys: Sequence[int | str]) -> str:
    """`brag.blue`: the keys as written, without what pydantic adds: places in lists, and the kinds a value may be of."""
    return ".".join(str(key) for key in (keys[:2] if keys[:1] == ("brag",) else keys[:1]))


def _toml(value: Any) -> str:
    return str(value).lower() if isinstance(value, bool) else f'"{value}"' if isinstance(value, str) else str(value)


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
}
"""What pydantic means, in plain words."""


def _wanted(table: str, key: str, kind: str, says: str) -> str:
    if key in _EITHER:
        return _EITHER[key]
    if kind == "string_pattern_mismatch":
        return _PATTERN[table if key == "ref" else key]
    return _KIND.get(kind) or says.removeprefix("Value error, ").replace("Input should be", "must be")


def _entry(data: Mapping[str, Any], loc: Sequence[int | str]) -> tuple[str, Sequence[int | str]]:
    """How to name the entry an error is in, and the keys below it."""
    if len(loc) > 1 and isinstance(loc[1], int):
        item = data[str(loc[0])][loc[1]]
        name = next((item[k] for k in ("ref", "id", "number", "rule") if isinstance(item, dict) and k in item), None)
        return f"[[{loc[0]}]] {name if name is not None else f'number {loc[1] + 1}'}", loc[2:]
    return (_heading(str(loc[0])), loc[1:]) if str(loc[0]) in _TABLES else ("the plan", loc)


def _value(data: Any, loc: Sequence[int | str]) -> Any:
    for part in loc:
        try:
            data = data[part]
        except (KeyError, IndexError, TypeError):
            return None
    return data


def _loose_ends(plan: Plan) -> Iterator[str]:
    """Ids and refs that repeat, and ids that name nothing."""
    yield from _repeated("agency", "id", [a.id for a in plan.agencies])
    yield from _repeated("objective", "number", [str(o.number) for o in plan.objectives])
    yield from _repeated("action", "ref", [a.ref for a in plan.actions])
    yield from _repeated("kpi", "ref", [k.ref for k in plan.kpis])
    yield from _repeated("period", "id", [p.id for p in plan.periods])
    numbers = {objective.number for objective in plan.objectives}
    for table, items in (("action", plan.actions), ("kpi", plan.kpis)):
        for item in items:
            if item.objective not in numbers:
                yield f"[[{table}]] {item.ref}: there is no objective {item.objective}."
            yield from _unknown(plan, f"[[{table}]] {item.ref}", "agencies", item.agencies)
            yield from _twice(f"[[{table}]] {item.ref}", "agencies", item.agencies)
    for action in plan.actions:
        if action.contributors != "all":
            yield from _unknown(plan, f"[[action]] {action.ref}", "contributors", action.contributors)
            yield from _twice(f"[[action]] {action.ref}", "contributors", action.contributors)
            for both in sorted(set(action.agencies) & set(action.contributors)):
                yield f"[[action]] {action.ref}: '{both}' is in agencies and in contributors; keep one."
    for waiver in plan.waivers:
        yield from _unknown(plan, f"[[waiver]] {waiver.rule}", "agency", [waiver.agency])
        if waiver.period and waiver.period not in plan.period_by_id:
            yield f"[[waiver]] {waiver.rule}: unknown period '{waiver.period}'.{nearest(waiver.period, plan.period_by_id)}"


def _repeated(table: str, key: str, values: Iterable[str]) -> Iterator[str]:
    # Folded, since Windows would write both agencies' copies to one file.
    alike: dict[str, list[str]] = defaultdict(list)
    for value in values:
        alike[value.casefold()].append(value)
    for same in alike.values():
        if len(same) > 1:
            yield f"[[{table}]]: {key} '{same[0]}' is used {len(same)} times; each must be its own."


def _unknown(plan: Plan, entry: str, key: str, ids: Iterable[str]) -> Iterator[str]:
    for name in ids:
        if name not in plan.agency_by_id:
            yield f"{entry}: {key}: unknown agency '{name}'.{nearest(name, plan.agency_by_id)}"


def _twice(entry: str, key: str, ids: Iterable[str]) -> Iterator[str]:
    for name, times in Counter(ids).items():
        if times > 1:
            yield f"{entry}: {key}: '{name}' is there {times} times; once is enough."
