"""
Every rule once: its code, severity, sentence and remedy, whether it holds a value back, and its check on a column.

The order of the table is the order of causes: a cell that breaks several rules is told the first.
Frames have one row for each line of a return; `schema` says which columns. No rule reads the clock.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, Protocol

from cedg_excel.findings import Finding, Place, Severity

if TYPE_CHECKING:
    from pandas import DataFrame, Series

WHOLE_FILE = Place()

Group = Literal["file", "form", "values"]


class Check(Protocol):
    """From a frame and the name of a field: True on the rows that keep the rule."""

    def __call__(self, frame: DataFrame, name: str) -> Series[bool]: ...



ERROR, WARNING, INFO = Severity.ERROR, Severity.WARNING, Severity.INFO


@dataclass(frozen=True, slots=True)
class Rule:
    """
    One rule. `says` and `fix` are filled in with what is known of the place: {value}, {label}, {rating} (an address) ...

    `holds`: the value stays out of the master. `rejects`: the whole file is refused. `keeps` is checked on the
    fields that `where` names for each table, on every field of every table when `where` is empty.
    """

    code: str
    severity: Severity
    group: Group
    says: str
    fix: str = ""
    holds: bool = False
    rejects: bool = False
    where: tuple[tuple[str, tuple[str, ...]], ...] = ()
    keeps: Check | None = None

    def finding(
        self, file: str, place: Place = WHOLE_FILE, *, key: str | None = None, value: str | None = None, **words: str
    ) -> Finding:
        """The rule as a finding at a place."""
        known = _Words(words, value="" if value is None else _short(value))
        return Finding(
            self.code, self.severity, file, place, self.says.format_map(known), self.fix.format_map(known),
            key, value, self.holds,
        )  # fmt: skip


class _Words(dict[str, str]):
    """Leaves an unknown word visible instead of failing on it: a finding is never lost to its own sentence."""

    def __missing__(self, key: str) -> str:
        return key.replace("_", " ")


def _short(value: str, limit: int = 80) -> str:
    line = " ".join(value.split())
    return line if len(line) <= limit else line[: limit - 1] + "…"


# What breaks a rule. `.read` is what reading the cell met, "" when all was well; NaN compares as False.


def _read_as(code: str) -> Check:
    def read_otherwise(frame: DataFrame, name: str) -> Series[bool]:
        return frame[f"{name}.read"] != code

    return read_otherwise


def _readable(frame: DataFrame, *names: str) -> Series[bool]:
    fine = frame["rates"]
    for name in names:
        fine = fine & ~frame[f"{name}.held"]
    return fine


def _rated(frame: DataFrame, name: str) -> Series[bool]:
    return (frame[name] != "") | ~frame["rates"] | frame["nil"] | frame[f"{name}.held"]


def _achieved_by_the_end(frame: DataFrame, name: str) -> Series[bool]:
    return ~(frame[name] > frame["period_end"])


def _not_before_commenced(frame: DataFrame, name: str) -> Series[bool]:
    return ~(frame[name] < frame["date_commenced"])


def _start_in_plan(frame: DataFrame, name: str) -> Series[bool]:
    return ~(frame[name] < frame["plan_start"])


def _within_plan(frame: DataFrame, name: str) -> Series[bool]:
    early = frame[name] < frame["plan_start"]
    return ~(frame[name] > frame["plan_end"]) & (~early if name != "date_commenced" else True)


def _blue_has_date(frame: DataFrame, name: str) -> Series[bool]:
    return (frame[name] != "Blue") | frame["date_achieved"].notna() | ~_readable(frame, "date_achieved")


def _date_has_blue(frame: DataFrame, name: str) -> Series[bool]:
    return frame["date_achieved"].isna() | frame[name].isin(("Blue", "")) | ~_readable(frame, name)


def _amber_has_action(frame: DataFrame, name: str) -> Series[bool]:
    return (frame[name] != "Amber") | (frame["remedial_action"] != "") | ~_readable(frame, "remedial_action")


def _green_on_target(frame: DataFrame, name: str) -> Series[bool]:
    return (frame[name] != "Green") | ~(frame["target_date"] < frame["period_end"])


def _blue_has_evidence(frame: DataFrame, name: str) -> Series[bool]:
    return (frame[name] != "Blue") | (frame["evidence"] != "") | ~_readable(frame, "evidence")


def _fits(frame: DataFrame, name: str) -> Series[bool]:
    return ~(frame[f"{name}.length"] > frame["text_limit"])


def _not_negative(frame: DataFrame, name: str) -> Series[bool]:
    return ~(frame[name] < 0)


def _whole(frame: DataFrame, name: str) -> Series[bool]:
    return ~frame["whole"] | frame[name].isna() | (frame[name] % 1 == 0)


def _not_above(frame: DataFrame, name: str) -> Series[bool]:
    return ~(frame[name] > frame["denominator"])


def _has_other_half(frame: DataFrame, name: str) -> Series[bool]:
    other = "denominator" if name == "numerator" else "numerator"
    return frame[name].isna() | frame[other].notna() | frame[f"{other}.held"]


def _not_a_day(frame: DataFrame, name: str) -> Series[bool]:
    # Excel keeps days as whole numbers: these are the days of 2000 to 2049.
    return ~frame[name].between(36526, 54788)


def _given(frame: DataFrame, name: str) -> Series[bool]:
    return (frame[name].notna() & (frame[name] != "")) | frame[f"{name}.held"]


def _final(frame: DataFrame, name: str) -> Series[bool]:
    return frame[name] != "Draft"


def _nil_is_empty(frame: DataFrame, name: str) -> Series[bool]:
    return (frame[name] != "Yes") | (frame["filled"] == 0)


DATES = ("date_commenced", "target_date", "date_achieved")
TEXTS = ("evidence", "remedial_action")
NUMBERS = ("value", "numerator", "denominator")
NARRATIVE = ("achievements", "impact", "next_steps")

FILE_RULES = (
    Rule("LOCK_FILE", INFO, "file", "This is a lock file that Excel leaves while a workbook is open; it was skipped.",
         "Nothing to do."),
    Rule("NOT_A_FILE", INFO, "file", "This is not a file; it was skipped.", "Nothing to do."),
    Rule("UNREADABLE_FILE", ERROR, "file", "This file cannot be read ({reason}).",
         "Check that it has finished copying and that you may open it.", rejects=True),
    Rule("EMPTY_FILE", ERROR, "file", "This file is empty: it holds no bytes at all.",
         "Ask the agency to send it again.", rejects=True),
    Rule("NOT_A_WORKBOOK", ERROR, "file", "This is not an Excel workbook, whatever its name says.",
         "Ask the agency for its copy saved as an Excel workbook (.xlsx).", rejects=True),
    Rule("DAMAGED", ERROR, "file", "This workbook is damaged or incomplete and cannot be read.",
         "Ask the agency to open it, save it under a new name and send that.", rejects=True),
    Rule("ENCRYPTED", ERROR, "file", "This workbook is protected with a password or a sensitivity label, so it cannot be read.",
         "Ask the agency to save a copy without it and send that.", rejects=True),
    Rule("OLD_FORMAT", ERROR, "file", "This is {kind}, not an Excel workbook (.xlsx).",
         "Ask the agency to save its copy as an Excel workbook (.xlsx) and send that.", rejects=True),
    Rule("HAS_MACROS", ERROR, "file", "This workbook holds macros, which a copy never does.",
         "Ask the agency to save it as an Excel workbook (.xlsx), without macros.", rejects=True),
    Rule("UNSAFE", ERROR, "file", "This workbook holds something that office programs never write, so it was not opened.",
         "Do not open it. Ask the agency for a copy saved by Excel, and tell your IT team.", rejects=True),
    Rule("TOO_LARGE", ERROR, "file", "This workbook is far too large to be a copy of ours: {size}, where {limit} is the most.",
         "Ask the agency to fill in a fresh copy, without pictures or pasted sheets.", rejects=True),
    Rule("FAR_CELL", ERROR, "file", "Something stands far outside the form, in {cell} of {sheet}, so the tab is too large to read.",
         "Delete what is in that cell, save and try again.", rejects=True),
    Rule("NOT_OURS", ERROR, "file", "This workbook was not made from a plan by this program: its Cover has no stamp.",
         "Ask the agency to fill in the copy it was sent.", rejects=True),
    Rule("STAMP_UNCLEAR", ERROR, "file", "This workbook carries more than one stamp: {value}.",
         "Ask the agency to fill in a fresh copy.", rejects=True),
    Rule("OTHER_PLAN", ERROR, "file", "This copy belongs to another plan, {value}.",
         "Move it out of this round, or check it with --plan.", rejects=True),
    Rule("UNKNOWN_AGENCY", ERROR, "file", "This copy is for {value}, which is not an agency of this plan.{near}",
         "Send the agency a fresh copy, or add it to the plan.", rejects=True),
    Rule("UNKNOWN_PERIOD", ERROR, "file", "This copy is for {value}, which is not a period of this plan.{near}",
         "Send the agency a fresh copy, or add the period to the plan.", rejects=True),
    Rule("WRONG_AGENCY", ERROR, "file", "This copy was made for {value}, but {other}.",
         "Send the agency its own copy, or give the file its right name if it is only misnamed.", rejects=True),
    Rule("CANNOT_ORDER", ERROR, "file", "Another return from the same agency and period, {other}, says something else, "
         "and the files do not say which is the later.", "Run merge again with --prefer and the one to use.", rejects=True),
    Rule("STRICT", WARNING, "file", "The whole return was held back, because it has errors and --strict was asked for.",
         "Send it back to the agency, or merge without --strict."),
    Rule("OTHER_VERSION", INFO, "file", "This copy was made from another version of the plan ({value}).",
         "It was read by its refs. Send fresh copies for the next period."),
    Rule("LATE", INFO, "file", "This return was last saved on {value}, after it was due on {due}.",
         "Nothing to do: a late return is merged like any other."),
)  # fmt: skip

FORM_RULES = (
    Rule("SHEET_MISSING", ERROR, "form", "The tab {value} is missing, so nothing on it could be read.",
         "Ask the agency to fill in a fresh copy; tabs should not be deleted."),
    Rule("SHEET_UNCLEAR", ERROR, "form", "Several tabs look like {value} ({other}), so none of them was read.",
         "Delete the copies of the tab and keep the right one, named {value}."),
    Rule("SHEET_RENAMED", WARNING, "form", "This tab is {value} under another name; it was read as {value}.",
         "Nothing to do. Tabs are best left as they are."),
    Rule("SHEET_ADDED", WARNING, "form", "This tab was added; nothing on it is merged.",
         "If it matters, put it into the form. Then delete the tab."),
    Rule("HEADINGS_MISSING", ERROR, "form", "The heading row with {value} is missing or unclear, so its table could not be read.",
         "Ask the agency to fill in a fresh copy."),
    Rule("COLUMN_MISSING", ERROR, "form", "The column {value} is missing, so nothing in it could be read.",
         "Put the heading back, or ask the agency to fill in a fresh copy."),
    Rule("COLUMN_MOVED", WARNING, "form", "The column {value} has moved to here from column {other}; it was read where it stands.",
         "Nothing to do. Columns are best left as they are."),
    Rule("ROW_MISSING", ERROR, "form", "The row of {value} is missing, so it could not be read.",
         "Ask the agency to fill in a fresh copy, or type {value} back into the Ref column of its row."),
    Rule("ROW_REPEATED", ERROR, "form", "The ref {value} stands in more than one row ({other}), so none of them was read.",
         "Keep one row for {value}."),
    Rule("ROW_MOVED", WARNING, "form", "Rows have moved: {value} is in row {now}, not in row {other}. All were read by their refs.",
         "Nothing to do. Rows are best left as they are."),
    Rule("LOCKED_CHANGED", WARNING, "form", 'The form\'s own text was changed here, from "{other}" to "{value}".',
         "Nothing to do: the plan's own text is used. If it should change, tell the coordinator."),
    Rule("OUTSIDE_FORM", WARNING, "form", 'Something was typed outside the form: "{value}". It is not merged.',
         "If it matters, move it into a pale yellow cell."),
    Rule("HIDDEN_SHEET", WARNING, "form", "This tab is hidden. It was read all the same.",
         "Show it, and check that it holds nothing it should not."),
    Rule("HIDDEN_ROWS", WARNING, "form", "Rows or columns are hidden here ({value}). They were read all the same.",
         "Show them, and check that they hold nothing they should not."),
    Rule("COMMENT", WARNING, "form", 'There is a comment on this cell: "{value}". Comments are not merged.',
         "If it matters, put it into a pale yellow cell."),
    Rule("FILTERED_ROWS", INFO, "form", "A filter hides rows here ({value}). They were read all the same.", "Nothing to do."),
    Rule("ADDIN_SHEET", INFO, "form", "An add-in left a sheet in this workbook. It was ignored.", "Nothing to do."),
    Rule("PROTECTION_REMOVED", INFO, "form", "Sheet protection is off on {value}.", "Nothing to do: everything was checked."),
    Rule("LINKS", INFO, "form", "This workbook is linked to other workbooks. The links were not followed.",
         "Nothing to do, unless a cell below says so."),
    Rule("EMBEDDED", INFO, "form", "This workbook holds pictures or embedded files. They are not merged.",
         "Send such evidence by the route your group has agreed."),
)  # fmt: skip


def _reading(code: str, severity: Severity, says: str, fix: str, holds: bool = False) -> Rule:
    """A rule that reading a cell already decides, in every table and field alike."""
    return Rule(code, severity, "values", says, fix, holds, keeps=_read_as(code))


def _values(code: str, severity: Severity, keeps: Check, says: str, fix: str, **where: tuple[str, ...]) -> Rule:
    """A rule on the fields of each table that `where` names."""
    return Rule(code, severity, "values", says, fix, where=tuple(where.items()), keeps=keeps)


VALUE_RULES = (
    _reading("ERROR_VALUE", ERROR, "This cell shows the error {value}.",
             "Type the value itself. Pasted formulas do not work here.", True),
    _reading("FORMULA_EXTERNAL", ERROR, "This cell takes its value from another workbook.",
             "Type the value itself. If you paste, use Paste Special, Values.", True),
    _reading("FORMULA_NO_VALUE", ERROR, "This cell holds a formula without a result.",
             "Type the value itself. If you paste, use Paste Special, Values.", True),
    _reading("UNKNOWN_RATING", ERROR, '"{value}" is not a BRAG rating.',
             "Choose Blue, Red, Amber or Green from the list.", True),
    _reading("UNKNOWN_CHOICE", ERROR, '"{value}" is not one of the choices.', "Choose {choices} from the list.", True),
    _reading("UNREADABLE_DATE", ERROR, '"{value}" cannot be read as one date.',
             "Type the day, the month and the four-figure year, such as 14/01/2020.", True),
    _reading("NOT_A_NUMBER", ERROR, '"{value}" is not a number.',
             "Type the number alone, without words or signs. Leave it blank if you do not have it.", True),
    _values("RATING_MISSING", ERROR, _rated,
            "This action has no BRAG rating.",
            "Choose Blue, Red, Amber or Green from the list.",
            actions=("rating",)),
    _values("ACHIEVED_IN_FUTURE", ERROR, _achieved_by_the_end,
            "{value} is after the end of the period ({period_end}).",
            "Check the date. If the work is not done yet, clear it.",
            actions=("date_achieved",)),
    _values("DATE_OUTSIDE_PLAN", ERROR, _within_plan,
            "{value} is outside the plan, which runs from {plan_start} to {plan_end}.", "Check the year.",
            actions=DATES),
    _values("COMMENCED_BEFORE_PLAN", WARNING, _start_in_plan,
            "The work began on {value}, before the plan did ({plan_start}).",
            "Check the year. If the work was already going on, leave it.",
            actions=("date_commenced",)),
    _values("ACHIEVED_BEFORE_COMMENCED", ERROR, _not_before_commenced,
            "{value} is before the date the work commenced ({date_commenced_value}).",
            "Check both dates, here and in {date_commenced}.",
            actions=("date_achieved",)),
    _values("BLUE_NEEDS_ACHIEVED", ERROR, _blue_has_date,
            "Blue needs the date it was achieved.",
            "Enter it in {date_achieved}, or pick another rating.",
            actions=("rating",)),
    _values("ACHIEVED_NOT_BLUE", ERROR, _date_has_blue,
            "This is rated {value}, but {date_achieved} says it was achieved.",
            "Choose Blue, or clear {date_achieved}.",
            actions=("rating",)),
    _values("AMBER_NEEDS_REMEDIAL", ERROR, _amber_has_action,
            "Amber needs the remedial action being taken.", "Write it in {remedial_action}, or pick another rating.",
            actions=("rating",)),
    _values("GREEN_PAST_TARGET", ERROR, _green_on_target,
            "Green means on target, but the target date ({target_date_value}) has passed.",
            "Choose Blue if it is done, or Amber with what is being done about it. If the target date has moved, correct it.",
            actions=("rating",)),
    _values("BLUE_NEEDS_EVIDENCE", WARNING, _blue_has_evidence,
            "Blue without any evidence.", "Say in {evidence} what shows that it is done.",
            actions=("rating",)),
    _values("NEGATIVE", ERROR, _not_negative,
            "{value} is less than nothing.", "Check the number.",
            kpis=NUMBERS),
    _values("NOT_WHOLE", ERROR, _whole,
            "{value} is not a whole number.", "Type the count itself.",
            kpis=NUMBERS),
    _values("NUMERATOR_ABOVE_DENOMINATOR", ERROR, _not_above,
            "{value} is more than the total it is out of, in {denominator}.", "Check both numbers.",
            kpis=("numerator",)),
    _values("RATIO_HALF", ERROR, _has_other_half,
            "A percentage needs two numbers, and this is only one of them.", "Type the other one in {other_half} as well.",
            kpis=("numerator", "denominator")),
    _values("LOOKS_LIKE_DATE", WARNING, _not_a_day,
            "{value} may be a date that Excel has turned into a number.", "Check the number; leave it if it is right.",
            kpis=NUMBERS),
    _values("TEXT_TOO_LONG", WARNING, _fits,
            "This text has {length} characters; {limit} is the most.",
            "Shorten it, and keep the detail in your own records.",
            actions=TEXTS, kpis=("comment", "value"), narrative=NARRATIVE),
    _values("NIL_WITH_ENTRIES", ERROR, _nil_is_empty,
            "Nothing to report is ticked, but {filled} filled in.",
            "Clear this cell, or clear the others.",
            cover=("nil_return",)),
    _values("COVER_MISSING", WARNING, _given,
            "{label} is blank.", "Fill it in.",
            cover=("completed_by", "status", "completed_on")),
    _values("DRAFT", WARNING, _final,
            "This return is marked as a draft.",
            "Choose Final and send it again when it is ready. It is merged meanwhile.",
            cover=("status",)),
    _reading("FORMULA_USED", WARNING, "This cell holds a formula; its result was used.",
             "Type the value itself. If you paste, use Paste Special, Values."),
    _reading("DATE_AS_TEXT", WARNING, 'This date is text; "{value}" was read as {read}.',
             "Check that it is right, or type it again as a date."),
    _reading("DATE_AS_NUMBER", WARNING, "This date is a bare number; {value} was read as {read}.",
             "Check that it is right, or type it again as a date."),
    _reading("NUMBER_AS_TEXT", INFO, 'This number is text; "{value}" was read as {read}.', "Check that it is right."),
    _reading("RATING_RETYPED", INFO, '"{value}" was read as {read}.', "Nothing to do."),
)  # fmt: skip

RULES = (*FILE_RULES, *FORM_RULES, *VALUE_RULES)

BY_CODE: dict[str, Rule] = {}
for _rule in RULES:
    BY_CODE.setdefault(_rule.code, _rule)
"""A rule that is checked in several tables has its sentence on the first of its entries."""

HOLDING = frozenset(rule.code for rule in VALUE_RULES if rule.holds)
