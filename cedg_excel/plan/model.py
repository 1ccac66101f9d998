"""The plan as data: objectives, actions, KPIs, agencies and periods. Knows nothing of files or spreadsheets."""

from __future__ import annotations

import re
from functools import cached_property
from typing import Any, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator
from pydantic_core import PydanticCustomError

from cedg_excel.plan.at_period import is_active, plan_at
from cedg_excel.plan.field_types import DateOrText, Day, Identifier, Lines, NumberOrText, OneLine, QuotedText, without_blanks
from cedg_excel.plan.notice import MAX_NOTICE
from cedg_excel.ratings import AMBER, BLUE, GREEN, RED
from cedg_excel.tab_names import objective_tab_name

ID_PATTERN = r"^[A-Za-z0-9][A-Za-z0-9.-]{0,62}$"
VERSION_PATTERN = r"^[^|\n]+$"
"""The stamp gives the version between bars and on one line."""
ACTION_REF = re.compile(r"^(\d+)\.\d+[a-z]?$")
KPI_REF = re.compile(r"^K(\d+)\.\d+[a-z]?$")


class _PlanModel(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", str_strip_whitespace=True, coerce_numbers_to_str=True, allow_inf_nan=False)


class BragWording(_PlanModel):
    """What the group says each rating means."""

    blue: str = BLUE.meaning
    red: str = RED.meaning
    amber: str = AMBER.meaning
    green: str = GREEN.meaning

    @model_validator(mode="before")
    @classmethod
    def _drop_blanks(cls, data: Any) -> Any:
        return without_blanks(data, ("blue", "red", "amber", "green"))

    def of(self, word: str) -> str:
        """What a rating means: `of("Blue")`."""
        return str(getattr(self, word.lower()))


class About(_PlanModel):
    """
    The facts about the plan as a whole. `text_limit` is in characters; `unlock` is the password of the sheets.

    `notice` is a sentence such as "Invented sample data." that appears in everything made from the plan, on every sheet and page.
    """

    id: Identifier = Field(pattern=ID_PATTERN)
    title: str = Field(min_length=1)
    group: str = ""
    partnership: str = ""
    start: Day
    end: Day
    version: QuotedText = Field(pattern=VERSION_PATTERN)
    purpose: str = ""
    governance: str = ""
    next_steps: str = ""
    notice: OneLine = Field(default="", max_length=MAX_NOTICE)
    brag: BragWording = BragWording()
    text_limit: int = Field(default=2000, ge=100, le=30000)
    unlock: str = "cedg"

    @model_validator(mode="before")
    @classmethod
    def _drop_blanks(cls, data: Any) -> Any:
        return without_blanks(data, ("unlock",))

    @model_validator(mode="after")
    def _check_order(self) -> Self:
        if self.end < self.start:
            raise PydanticCustomError("end_before_start", "end is before start")
        return self


class Agency(_PlanModel):
    """
    A body that fills in one copy. Contact and e-mail are for reminders and never appear in a copy.

    `from_` (in the plan `from`) and `until` are its first and last period, by id; blank where it is there from the start, or stays.
    """

    id: Identifier = Field(pattern=ID_PATTERN)
    name: str = Field(min_length=1)
    part_of: str = ""
    contact: str = ""
    email: str = ""
    from_: Identifier = Field(default="", alias="from")
    until: Identifier = ""


class Objective(_PlanModel):
    """One objective. Its actions and KPIs are those whose refs begin with its number."""

    number: int = Field(ge=1, le=99)
    title: str = Field(min_length=1)
    lead: str = ""
    purpose: str = ""

    @property
    def sheet(self) -> str:
        """The name of its tab, in the template and in the master."""
        return objective_tab_name(self.number)


class Action(_PlanModel):
    """
    One action. `agencies` are accountable and rate it; `contributors` may give evidence and no rating.

    `until` is the id of its last period, blank where it goes on; `became` the ref of the action that continues it after that.
    """

    ref: QuotedText = Field(pattern=ACTION_REF.pattern)
    title: str = Field(min_length=1)
    detail: Lines = ()
    leads: str = ""
    agencies: tuple[Identifier, ...] = ()
    contributors: tuple[Identifier, ...] | Literal["all"] = ()
    date_commenced: Day | None = None
    target_date: Day | None = None
    evidence: str = ""
    business_plan: bool = False
    continues: bool = False
    until: Identifier = ""
    became: QuotedText = ""

    @property
    def objective(self) -> int:
        """The number of the objective it belongs to: 2 for ref 2.3."""
        return int(self.ref.split(".")[0])

    def contributes(self, agency: str) -> bool:
        """Whether the agency may give evidence here without being accountable."""
        if agency in self.agencies:
            return False
        return self.contributors == "all" or agency in self.contributors


class Kpi(_PlanModel):
    """
    One key performance indicator. A percentage is asked for as numerator and denominator.

    `combine` is across agencies, `over_time` across quarters; `good` is blank when neither direction is better.
    """

    ref: QuotedText = Field(pattern=KPI_REF.pattern)
    measure: str = Field(min_length=1)
    unit: Literal["count", "percent", "days", "words"] = "count"
    good: Literal["up", "down", ""] = ""
    agencies: tuple[Identifier, ...] = ()
    combine: Literal["sum", "ratio", "single"] = "sum"
    over_time: Literal["sum", "latest", "none"] = "none"
    frequency: Literal["quarterly", "half-yearly", "yearly"] = "quarterly"
    numerator: str = ""
    denominator: str = ""
    baseline: NumberOrText = None
    target: NumberOrText = None
    status: Literal["live", "in development", "being explored"] = "live"

    @property
    def objective(self) -> int:
        """The number of the objective it belongs to: 2 for ref K2.3."""
        return int(self.ref[1:].split(".")[0])

    @property
    def is_live(self) -> bool:
        """False while a measure is in development or being explored: it is optional then, and not in any total."""
        return self.status == "live"

    @model_validator(mode="after")
    def _check_ratio(self) -> Self:
        if (self.unit == "percent") != (self.combine == "ratio"):
            raise PydanticCustomError("percent_without_ratio", 'unit = "percent" and combine = "ratio" go together')
        return self


class Period(_PlanModel):
    """A reporting period, usually a quarter. `year` is the plan year it is shown with."""

    id: Identifier = Field(pattern=ID_PATTERN)
    label: str = ""
    year: str = ""
    start: Day
    end: Day
    due: Day | None = None
    meeting: str = ""

    @property
    def name(self) -> str:
        """What the period is called in headings: its label, or its id when it has none."""
        return self.label or self.id

    @model_validator(mode="after")
    def _check_order(self) -> Self:
        if self.end < self.start:
            raise PydanticCustomError("end_before_start", "end is before start")
        return self


class Version(_PlanModel):
    """An entry of the version control. `date_to_group` is when the group saw it."""

    date: Day
    number: QuotedText = Field(min_length=1)
    author: str = ""
    change: str = ""
    date_to_group: DateOrText = None


class Waiver(_PlanModel):
    """An agreed exception: this rule does not count for this agency and key, for this reason, until this day."""

    rule: str = Field(min_length=1)
    agency: Identifier
    key: str = ""
    period: str = ""
    reason: str = Field(min_length=1)
    who: str = Field(min_length=1)
    until: Day


class Plan(_PlanModel):
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
        # Layouts are cached by plan: hashing all its entries each time would cost more than the cache saves.
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

    @cached_property
    def changes_over_time(self) -> bool:
        """Whether any agency joins or leaves, or any action ends, during the plan."""
        return any(agency.from_ or agency.until for agency in self.agencies) or any(action.until for action in self.actions)

    def at(self, period_id: str, also: str = "") -> Plan:
        """
        The plan as it is in a period: without the agencies that are not active then, and without the actions that ended before it
        or have not begun, because none of their accountable agencies has joined.

        `also` is the id of an agency that is kept although it is not active. Raises KeyError for a period that the plan does not have.
        """
        if not self.changes_over_time:
            return self
        return plan_at(self, period_id, "" if not also or self.is_active(also, period_id) else also)

    def is_active(self, agency_id: str, period_id: str) -> bool:
        """Whether an agency is asked, counted and chased in a period; one that the plan does not have is not."""
        return agency_id in self.agency_by_id and is_active(self, self.agency_by_id[agency_id], period_id)

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
        """Whether the KPI is reported in this period: half-yearly in every second one, yearly in the last of the plan year."""
        step = {"quarterly": 1, "half-yearly": 2, "yearly": 0}[kpi.frequency]
        year = self.year_of(period)
        position = year.index(period) + 1
        return position == len(year) if step == 0 else position % step == 0 or position == len(year)
