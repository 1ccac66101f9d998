"""The sheets of the plan's workbook: every column and line once, for both writing and reading it."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Literal

from cedg_excel.findings import Severity
from cedg_excel.form.rules import RULES
from cedg_excel.plan.notice import MAX_NOTICE
from cedg_excel.ratings import RATINGS

ColumnKind = Literal["code", "label", "text", "lines", "date", "date_or_text", "figure", "whole", "choice", "yes"]
"""What a cell takes. A `code` is an id or ref, a `label` a version: text, even if it looks like a number. `lines` is a list of texts."""


@dataclass(frozen=True, slots=True)
class Item:
    """
    A column, or a line of the tab Plan. `key` is its key in TOML, `choices` the defined name of its list.

    `longest` is the most characters it takes; 0 where any number is allowed. `added_later`: workbooks that an earlier version of the
    program wrote have no such column, and need none.
    """

    key: str
    heading: str
    kind: ColumnKind
    width: float
    prompt: str
    required: bool = False
    choices: str = ""
    longest: int = 0
    added_later: bool = False


@dataclass(frozen=True, slots=True)
class PlanSheet:
    """
    A tab with one entry of the plan a row: its title, its table in TOML, how to fill it in, its columns, and how many spare rows it has.

    `marks` is the defined name of the marks in its columns of agencies; empty where it has no such columns. `check_column` is the
    column with the Check, 1-based; `frozen_columns` is how many columns stay visible when people scroll.
    """

    title: str
    table: str
    guide: tuple[str, str]
    items: tuple[Item, ...]
    spare_rows: int
    check_column: int
    frozen_columns: int = 1
    marks: str = ""

    @property
    def columns(self) -> tuple[Item | None, ...]:
        """The columns from A on; None is the Check. The columns of agencies come after them."""
        return (*self.items[: self.check_column - 1], None, *self.items[self.check_column - 1 :])

    def item(self, key: str) -> Item:
        """The column of a key."""
        return next(item for item in self.items if item.key == key)

    def column(self, key: str) -> int:
        """The number of the column of a key, 1-based."""
        return self.columns.index(self.item(key)) + 1


PLAN, LISTS_SHEET, CHECK_HEADING = "Plan", "Lists", "Check"
HEADING_ROW = 5
"""The heading row of every tab except Plan; the rows above it explain how to fill the tab in."""

PLAN_HEADINGS = ("What", "Your plan", CHECK_HEADING, "Help")
PLAN_HEADING_ROW = 8
HOW_TO_USE = (
    "This workbook is the plan: every copy, check and page is made from it. It is yours: nothing is locked, and you can add columns "
    "or tabs, which the program ignores.",
    "Fill in the pale yellow cells, tab by tab from left to right. Check says what is wrong with a row while you type; Lists "
    "explains the words in the dropdowns.",
    "Returns are matched by id and ref: once copies have gone out, change titles as you like, but not ids or refs. A new action "
    "takes a new ref. When an action ends or an agency leaves, keep its row and choose its last period under Until.",
    "When the group agrees a change, add a line to Versions and give the plan its number below. Save as plan.xlsx in the round's "
    "folder, then run: cedg plan check plan.xlsx",
)

_ID = "A short name for file names and lists: letters, digits, hyphens and dots, no spaces"

PLAN_ITEMS = (
    Item("id", "Id", "code", 0, f"{_ID}, such as northtown-2025-2028.", True),
    Item("title", "Title", "text", 0, "The plan's name, as it appears on every copy and page.", True),
    Item("group", "Group", "text", 0, "The group that keeps the plan."),
    Item("partnership", "Partnership", "text", 0, "The partnership it answers to."),
    Item("start", "Start", "date", 0, "The plan's first day, such as 01/04/2025. New periods follow from it.", True),
    Item("end", "End", "date", 0, "The plan's last day.", True),
    Item("version", "Version", "label", 0, "The version in use, as it is called on Versions, such as 1 or 2.1.", True),
    Item("purpose", "Purpose", "text", 0, "What the plan is for. The closure report begins with it."),
    Item("governance", "Governance", "text", 0, "Who oversees it, and how."),
    Item("next_steps", "Next steps", "text", 0, "What follows the plan; for the closure report."),
    Item("notice", "Notice", "text", 0, "Shown on all that is made from the plan, such as: Invented sample data.", longest=MAX_NOTICE),
    *(
        Item(f"brag.{rating.word.lower()}", f"{rating.word} means", "text", 0, f"What your group says {rating.word} means.")
        for rating in RATINGS
    ),
    Item("text_limit", "Longest text", "whole", 0, "How many characters an agency may write into one cell: 100 to 30000."),
    Item("unlock", "Password", "text", 0, "Unlocks the sheets of the copies. It stops accidents, not people."),
)

_REF = "The objective's number, a dot and a number of its own"
_MORE = "There is room for more below; if you run out, copy a whole row further down."

AGENCIES = PlanSheet(
    "Agencies", "agency",
    ("One row for each body that fills in a copy: two departments that answer separately are two agencies. Contacts are for "
     "reminders and never appear in a copy.",
     f"A new agency also needs a column on Actions and KPIs: choose its id in a blank heading there. {_MORE}"),
    (Item("id", "Id", "code", 30, f"{_ID}, such as north-police. Do not change it once copies have gone out.", True),
     Item("name", "Name", "text", 46, "The full name, as it is printed.", True),
     Item("part_of", "Part of", "text", 36, "The body it belongs to, such as the council. The pages group by it."),
     Item("contact", "Contact", "text", 26, "Who to remind."),
     Item("email", "E-mail", "text", 30, "Where to send reminders."),
     Item("from", "From", "code", 14, "Its first period, where it joins during the plan. Before it, it is not asked.",
          choices="plan_periods", added_later=True),
     Item("until", "Until", "code", 14, "Its last period, where it leaves during the plan. After it, it is not asked. Its answers stay.",
          choices="plan_periods", added_later=True),
    ), spare_rows=10, check_column=8,
)  # fmt: skip
OBJECTIVES = PlanSheet(
    "Objectives", "objective",
    ("One row for each objective. Each has a tab of its own in every copy, and a page in the master.",
     f"Actions and KPIs belong to the objective their ref begins with. {_MORE}"),
    (Item("number", "Number", "whole", 9, "1, 2, 3 and so on.", True),
     Item("title", "Title", "text", 44, "A few words.", True),
     Item("lead", "Lead", "text", 28, "Who leads it: a person, a team or a body."),
     Item("purpose", "Purpose", "text", 70, "What it is to achieve."),
    ), spare_rows=6, check_column=5,
)  # fmt: skip
ACTIONS = PlanSheet(
    "Actions", "action",
    ("One row for each action. On the right, A: this agency is accountable and rates it. C: it contributes, and may add evidence "
     "but no rating.",
     f"For example: 1.1, Train front-line staff, with A under two agencies and C under a third. {_MORE}"),
    (Item("ref", "Ref", "code", 7, f"{_REF}: 2.3 is the third action of objective 2.", True),
     Item("title", "Action", "text", 36, "A short, imperative title.", True),
     Item("detail", "Detail", "lines", 42, "What it involves, a line each. Alt+Enter starts a new line."),
     Item("leads", "Leads", "text", 24, "Who leads, as you write it: people, teams, bodies."),
     Item("evidence", "Evidence expected", "text", 42, "What will show that it is done. Every copy shows it."),
     Item("date_commenced", "Date commenced", "date", 12.5, "Only if it is agreed already: the copies then show it locked."),
     Item("target_date", "Target date", "date", 12.5, "Only if it is agreed already: the copies then show it locked."),
     Item("business_plan", "Business plan", "yes", 9.5, "Yes if it comes from the business plan: it is then printed bold.",
          choices="plan_yes"),
     Item("continues", "Never ends", "yes", 9.5, "Yes for work that goes on and is never closed.", choices="plan_yes"),
     Item("all_contribute", "All others contribute", "yes", 11.5,
          "Yes if every agency that is not accountable may add evidence.", choices="plan_yes"),
     Item("until", "Until", "code", 12.5, "Its last period, where it ends during the plan. Its answers stay.", choices="plan_periods",
          added_later=True),
     Item("became", "Became", "code", 8.5, "The ref of the action that continues it after Until.", choices="plan_actions",
          added_later=True),
    ), spare_rows=12, check_column=3, frozen_columns=3, marks="plan_action_marks",
)  # fmt: skip
KPIS = PlanSheet(
    "KPIs", "kpi",
    ("One row for each key performance indicator. On the right, x: this agency is asked for the figure.",
     "For example: K1.1, Referrals, count, up, sum, sum, with x under two agencies. A measure with parts is a row each: K1.2a, "
     f"K1.2b. {_MORE}"),
    (Item("ref", "Ref", "code", 8, f"K, then {_REF[0].lower()}{_REF[1:]}: K2.3.", True),
     Item("measure", "Measure", "text", 40, "What is counted.", True),
     Item("unit", "Unit", "choice", 10, "What the figure is.", choices="plan_units"),
     Item("good", "Good is", "choice", 8, "Which direction is better. Blank when neither is.", choices="plan_good"),
     Item("combine", "Across agencies", "choice", 11, "How several agencies' figures become one.", choices="plan_combine"),
     Item("over_time", "Over time", "choice", 9.5, "How a year's quarters become one.", choices="plan_over_time"),
     Item("frequency", "How often", "choice", 12, "How often it is asked for.", choices="plan_frequency"),
     Item("numerator", "Percent: how many", "text", 24, "For a percentage only: what the upper number counts."),
     Item("denominator", "Percent: out of", "text", 24, "For a percentage only: what the lower number counts."),
     Item("baseline", "Baseline", "figure", 12, "Where it stood at the start: a number, or words. For 45 per cent type 45, not 45%."),
     Item("target", "Target", "figure", 12, "Where it should get to: a number, or words. For 45 per cent type 45, not 45%."),
     Item("status", "Status", "choice", 16, "A measure that is not live is optional, and in no total.", choices="plan_status"),
    ), spare_rows=12, check_column=3, frozen_columns=3, marks="plan_kpi_marks",
)  # fmt: skip
PERIODS = PlanSheet(
    "Periods", "period",
    ("One row for each reporting period, in order: usually quarters. The plan year groups the quarters that are shown side by side.",
     f"For example: 2025-26-Q1, Q1 2025-26, Year 1, from 01/04/2025 to 30/06/2025, due 20/07/2025. {_MORE}"),
    (Item("id", "Id", "code", 16, f"{_ID}, such as 2025-26-Q1. It is part of every copy's file name.", True),
     Item("label", "Label", "text", 18, "Its name in headings, such as Q1 2025-26."),
     Item("year", "Plan year", "text", 42, "The same words for each period of one plan year, such as Year 1."),
     Item("start", "Start", "date", 13, "Its first day.", True),
     Item("end", "End", "date", 13, "Its last day.", True),
     Item("due", "Due", "date", 13, "The day by which returns are asked for."),
     Item("meeting", "Meeting", "text", 30, "The meeting its pages are for, such as 3 February 2026."),
    ), spare_rows=8, check_column=8,
)  # fmt: skip
VERSIONS = PlanSheet(
    "Versions", "version",
    ("The plan's version control. Every copy and the master show it.",
     "The version in use is the one named on the tab Plan."),
    (Item("date", "Date", "date", 13, "The day this version was made.", True),
     Item("number", "Version", "label", 10, "As you call it: 1, 2, 2.1.", True),
     Item("author", "Author", "text", 28, "Who made it."),
     Item("change", "Change", "text", 80, "What changed: which actions and KPIs were added, ended, renamed or moved."),
     Item("date_to_group", "Date to the group", "date_or_text", 20, "When the group saw it: a date, or words."),
    ), spare_rows=10, check_column=6,
)  # fmt: skip
WAIVERS = PlanSheet(
    "Waivers", "waiver",
    ("Exceptions the group has agreed: this rule does not count for this agency, for this reason, until this day. Most plans have none.",
     "Rules are named by the code shown in brackets after every finding, such as RATING_MISSING."),
    (Item("rule", "Rule", "text", 32, "The code of the rule.", True, "plan_rules"),
     Item("agency", "Agency", "code", 30, "The agency's id.", True, "plan_agencies"),
     Item("key", "Key", "text", 26, "The cell it is about, such as action/2.3/rating. Blank: every cell."),
     Item("period", "Period", "code", 14, "Only this period. Blank: every period until the last day.", choices="plan_periods"),
     Item("reason", "Reason", "text", 50, "Why. It is shown with the finding.", True),
     Item("who", "Agreed by", "text", 26, "Who agreed to it.", True),
     Item("until", "Until", "date", 13, "The last day it applies. A period that ends later is not covered.", True),
    ), spare_rows=10, check_column=8,
)  # fmt: skip

SHEETS = (AGENCIES, OBJECTIVES, ACTIONS, KPIS, PERIODS, VERSIONS, WAIVERS)
"""In the order of the tabs, after Plan."""

BY_TABLE = {sheet.table: sheet for sheet in SHEETS}

ACCOUNTABLE, CONTRIBUTES, FIGURE = "A", "C", "x"
MARKS = {ACTIONS.marks: (ACCOUNTABLE, CONTRIBUTES), KPIS.marks: (FIGURE,)}


def _waivable() -> tuple[tuple[str, str], ...]:
    """The codes and sentences of the rules that can be waived: those about answers, except where the answer cannot be used."""
    rules = [rule for rule in RULES if rule.group in ("values", "consistency") and rule.severity != Severity.INFO and not rule.holds_back]
    return tuple((rule.code, re.sub(r"\{\w+\}", "…", rule.message)) for rule in rules)


LISTS: tuple[tuple[str, str, tuple[tuple[str, str], ...]], ...] = (
    ("plan_action_marks", "Agencies on Actions", (
        (ACCOUNTABLE, "Accountable: rates the action, and counts in its overall rating."),
        (CONTRIBUTES, "Contributes: may add evidence, and gives no rating."))),
    ("plan_kpi_marks", "Agencies on KPIs", ((FIGURE, "Is asked for the figure."),)),
    ("plan_yes", "Yes or nothing", (("Yes", "A blank cell means no."),)),
    ("plan_units", "Unit", (
        ("count", "A whole number of things or people."), ("percent", "Asked for as two numbers; the program works out the percentage."),
        ("days", "A number of days."), ("words", "An answer in words; in no total."))),
    ("plan_good", "Good is", (("up", "Higher is better."), ("down", "Lower is better."))),
    ("plan_combine", "Across agencies", (
        ("sum", "Added up."), ("ratio", "For percentages: all upper numbers over all lower numbers."),
        ("single", "One agency alone gives it."))),
    ("plan_over_time", "Over time", (
        ("sum", "Added up: a flow, such as referrals."), ("latest", "The latest figure counts: a stock, such as children on a plan."),
        ("none", "Not combined."))),
    ("plan_frequency", "How often", (
        ("quarterly", "Every period."), ("half-yearly", "Every second period of the plan year."),
        ("yearly", "The last period of the plan year."))),
    ("plan_status", "Status", (
        ("live", "Asked for, and counted."), ("in development", "Optional, and in no total."),
        ("being explored", "Optional, and in no total."))),
    ("plan_rules", "Rules that can be waived", _waivable()),
)  # fmt: skip
"""The lists behind the dropdowns, in their order on the tab Lists: defined name, heading, words with their meanings."""

WORDS = {name: tuple(word for word, _ in words) for name, _, words in LISTS}
