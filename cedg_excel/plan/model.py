"""The plan as data: objectives, actions, KPIs, agencies and periods. Knows neither files nor a spreadsheet library."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterable
from contextlib import suppress
from datetime import date, datetime, time
from functools import cached_property
from typing import Annotated, Any, Literal, Self

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, model_validator

from cedg_excel.ratings import AMBER, BLUE, GREEN, RED
from cedg_excel.tab_names import objective_tab_name

ID_PATTERN = r"^[A-Za-z0-9][A-Za-z0-9.-]{0,62}$"
VERSION_PATTERN = r"^[^|\n]+$"
"""A version stands in the stamp, between bars and on one line."""
ACTION_REF = re.compile(r"^(\d+)\.\d+[a-z]?$")
KPI_REF = re.compile(r"^K(\d+)\.\d+[a-z]?$")
_ISO_DAY = re.compile("[0-9]{4}-[0-9]{2}-[0-9]{2}")
A_DATE = "must be a date, such as 2019-10-01"
AS_WRITTEN = "must stand in quotes; without them 2.10 would be read as 2.1"


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
        raise ValueError(AS_WRITTEN)
    return value


def _or_blank(value: Any) -> Any:
    """Nothing for an empty text: a cell cannot tell the two apart."""
    return None if isinstance(value, str) and not value.strip() else value


def _day_or_words(value: Any) -> Any:
    """A day however it is written: a cell has those before 1900 as text."""
    if isinstance(value, str) and _ISO_DAY.fullmatch(value.strip()):
        with suppress(ValueError):  # of what is no day, and so words
            return date.fromisoformat(value.strip())
    return _or_blank(value)


def _one_line_each(value: Any) -> Any:
    """Lines of detail, none of them blank, however they were parted."""
    if not isinstance(value, list | tuple) or not all(isinstance(text, str) for text in value):
        return value
    return [line for text in value for line in map(str.strip, text.split("\n")) if line]


Day = Annotated[date, BeforeValidator(_day)]
Written = Annotated[str, BeforeValidator(_as_written)]
Identifier = Written
Figure = Annotated[str | int | float | None, BeforeValidator(_or_blank)]


def _without_blanks(data: Any, keys: Iterable[str]) -> Any:
    """The table without those of the keys that hold an empty text, so that their defaults stand."""
    if not isinstance(data, dict):
        return data
    return {key: value for key, value in data.items() if key not in keys or _or_blank(value) is not None}


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", str_strip_whitespace=True, coerce_numbers_to_str=True, allow_inf_nan=False)


class BragWording(_Part):
    """What the group says each rating means."""

    blue: str = BLUE.meaning
    red: str = RED.meaning
    amber: str = AMBER.meaning
    green: str = GREEN.meaning

    @model_validator(mode="before")
    @classmethod
    def _blank_is_unset(cls, data: Any) -> Any:
        return _without_blanks(data, ("blue", "red", "amber", "green"))

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

    @model_validator(mode="before")
    @classmethod
    def _blank_is_unset(cls, data: Any) -> Any:
        return _without_blanks(data, ("unlock",))

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
        return objective_tab_name(self.number)


class Action(_Part):
    """
    One action. `agencies` are accountable and rate it; `contributors` may give evidence and no rating.
    """

    ref: Written = Field(pattern=ACTION_REF.pattern)
    title: str = Field(min_length=1)
    detail: Annotated[tuple[str, ...], BeforeValidator(_one_line_each)] = ()
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
    baseline: Figure = None
    target: Figure = None
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
    date_to_group: Annotated[str | Day | None, BeforeValidator(_day_or_words)] = None


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


def nearest(word: str, words: Iterable[str]) -> str:
    """`" Did you mean 'agencies'?"`, or nothing when no known word is near."""
    close = difflib.get_close_matches(word, list(words), n=1, cutoff=0.6)
    return f" Did you mean '{close[0]}'?" if close else ""
