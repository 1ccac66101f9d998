"""
Every rule once: its code, severity, sentence and remedy, whether it holds a value back, and its condition.

The order of the table is the order of causes: a cell that breaks several rules is told the first.
No rule reads the clock.
"""

from __future__ import annotations

from cedg_excel.excel_facts import MAX_CHARACTERS
from cedg_excel.findings import Severity
from cedg_excel.form import conditions
from cedg_excel.form.conditions import Condition
from cedg_excel.form.fields import FieldKind, field_names
from cedg_excel.form.rule import Rule

ERROR, WARNING, INFO = Severity.ERROR, Severity.WARNING, Severity.INFO


KINDS: tuple[FieldKind, ...] = ("rating", "date", "text", "number", "choice")

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
         "Ask the agency to save a copy without it and send that, or open it with --password.", rejects=True),
    Rule("WRONG_PASSWORD", ERROR, "file", "None of the passwords given opens this workbook.",
         "Ask the agency for its password, or for a copy without one. A sensitivity label has no password: it must be taken off.",
         rejects=True),
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
    Rule("OTHER_VERSION", INFO, "file", "This copy was made from {value}.",
         "It was read by its refs. Send fresh copies for the next period."),
    Rule("NOT_IN_COPY", INFO, "file", "The plan now asks for {value} too, which this copy was made without.",
         "Nothing to do. It counts as not rated until the agency's next copy, which asks for it."),
    Rule("LEFT_PLAN", WARNING, "file", "The plan no longer asks this agency for {other}, so its row was not read. It says: {value}.",
         "What was merged before stays in the data tables. If this still matters, write it where the work goes on."),
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
    Rule("COLUMN_MOVED", WARNING, "form", "{other}. The columns were read by their headings.",
         "Nothing to do. Columns are best left as they are."),
    Rule("ROW_MISSING", ERROR, "form", "The row of {value} is missing, so it could not be read.",
         "Ask the agency to fill in a fresh copy, or type {value} back into the Ref column of its row."),
    Rule("ROW_REPEATED", ERROR, "form", "The ref {value} stands in more than one row ({other}), so none of them was read.",
         "Keep one row for {value}."),
    Rule("REF_MISPLACED", ERROR, "form", 'The ref {value} stands beside the words of another, "{other}", so neither row was read.',
         "Put each ref back beside its own words, or ask the agency to fill in a fresh copy."),
    Rule("ROW_MOVED", WARNING, "form", "{other}. The rows were read by their refs.",
         "Nothing to do. Rows are best left as they are."),
    Rule("LOCKED_CHANGED", WARNING, "form", 'The form\'s own text was changed here, from "{other}" to "{value}".',
         "Nothing to do: the plan's own text is used. If it should change, tell the coordinator."),
    Rule("OUTSIDE_FORM", WARNING, "form", 'Something was typed outside the form: "{value}". It is not merged.',
         "If it matters, move it into a pale yellow cell."),
    Rule("MERGED_CELLS", WARNING, "form", "Cells are merged here ({value}). Only what stands in the first of them was read.",
         "Unmerge them, and check that no answer was lost."),
    Rule("HIDDEN_SHEET", WARNING, "form", "This tab is hidden. It was read all the same.",
         "Show it, and check that it holds nothing it should not."),
    Rule("HIDDEN_ROWS", WARNING, "form", "Rows or columns are hidden here ({value}). They were read all the same.",
         "Show them, and check that they hold nothing they should not."),
    Rule("COMMENT", WARNING, "form", 'There is a comment on this cell: "{value}". Comments are not merged.',
         "If it matters, put it into a pale yellow cell."),
    Rule("FILTERED_ROWS", INFO, "form", "A filter hides rows here ({value}). They were read all the same.", "Nothing to do."),
    Rule("ADDIN_SHEET", INFO, "form", "An add-in left a sheet in this workbook. It was ignored.", "Nothing to do."),
    Rule("DROPDOWN_GONE", INFO, "form", "The dropdown is gone from {value}, as after a paste or in another program.",
         "Nothing to do: what stands there was checked all the same."),
    Rule("PROTECTION_REMOVED", INFO, "form", "Sheet protection is off on {value}.", "Nothing to do: everything was checked."),
    Rule("LINKS", INFO, "form", "This workbook is linked to other workbooks. The links were not followed.",
         "Nothing to do, unless a cell below says so."),
    Rule("EMBEDDED", INFO, "form", "This workbook holds pictures or embedded files. They are not merged.",
         "Send such evidence by the route your group has agreed."),
)  # fmt: skip


def _reading(
    code: str, severity: Severity, says: str, fix: str, *, holds: bool = False, breaks: str = "", kinds: tuple[FieldKind, ...] = KINDS
) -> Rule:
    """A rule that reading a cell already decides, in every table and on all fields of these kinds."""
    return Rule(code, severity, "values", says, fix, holds, kinds=kinds, condition=conditions.read_as(code, breaks))


def _values(
    code: str, severity: Severity, condition: Condition, says: str, fix: str, *, to_do: bool = False,
    kinds: tuple[FieldKind, ...] = KINDS, **where: tuple[str, ...],
) -> Rule:  # fmt: skip
    """A rule on the fields of each table that `where` names."""
    return Rule(code, severity, "values", says, fix, where=tuple(where.items()), kinds=kinds, condition=condition, to_do=to_do)


PASTE = "Type the value itself. If you paste, use Paste Special, Values."

TAKE_OUT = "Write it without. Nothing here may identify a child; a copy that is sent back has it taken out already."
IF_PERSONAL = "Leave it if it belongs to a service. If it belongs to a person, take it out."


def _privacy(code: str, severity: Severity, says: str, fix: str, *, holds: bool = False) -> Rule:
    """A rule that only reading can decide: a sheet cannot search a text."""
    return Rule(code, severity, "privacy", says, fix, holds, kinds=KINDS, condition=conditions.read_as(code))


PRIVACY_ERRORS = (
    _privacy("NHS_NUMBER", ERROR, "This holds what looks like an NHS number.", TAKE_OUT, holds=True),
    _privacy("NI_NUMBER", ERROR, "This holds what looks like a National Insurance number.", TAKE_OUT, holds=True),
    _privacy("DATE_OF_BIRTH", ERROR, "This holds what looks like a date of birth.", TAKE_OUT, holds=True),
)
PRIVACY_WARNINGS = (
    _privacy("EMAIL_ADDRESS", WARNING, "This holds an e-mail address.", IF_PERSONAL),
    _privacy("PHONE_NUMBER", WARNING, "This holds what looks like a phone number.", IF_PERSONAL),
    _privacy("POSTCODE", WARNING, "This holds what looks like a postcode.", IF_PERSONAL),
)

# What the sheet says as well is said without the value: its reader sees it in the cell.
VALUE_RULES = (
    _reading("ERROR_VALUE", ERROR, "This cell shows an error instead of a value.", PASTE, holds=True, breaks=conditions.ERROR),
    _reading("FORMULA_EXTERNAL", ERROR, "This cell takes its value from another workbook.", PASTE, holds=True),
    _reading("FORMULA_NO_VALUE", ERROR, "This cell holds a formula without a result.", PASTE, holds=True),
    _reading("UNKNOWN_RATING", ERROR, "This is not a BRAG rating.", "Choose Blue, Red, Amber or Green from the list.",
             holds=True, breaks=conditions.NOT_KNOWN, kinds=("rating",)),
    _reading("UNKNOWN_CHOICE", ERROR, "This is not one of the choices.", "Choose from the list.",
             holds=True, breaks=conditions.NOT_KNOWN, kinds=("choice",)),
    _reading("UNREADABLE_DATE", ERROR, "This cannot be used as a date.",
             "Type the day, the month and the four-figure year, such as 14/01/2020.",
             holds=True, breaks=conditions.NOT_A_DATE, kinds=("date",)),
    _reading("NOT_A_NUMBER", ERROR, "This is not a number.",
             "Type the number alone, without words or signs. Leave it blank if you do not have it.",
             holds=True, breaks=conditions.NOT_A_NUMBER, kinds=("number",)),
    _reading("TEXT_BEYOND_EXCEL", ERROR, f"This text is longer than an Excel cell can hold, {MAX_CHARACTERS:,} characters.",
             "Shorten it, and keep the detail in your own records.", holds=True, kinds=("text",)),
    *PRIVACY_ERRORS,
    _values("RATING_MISSING", ERROR, conditions.RATED, "This action has no BRAG rating.",
            "Choose Blue, Red, Amber or Green from the list.", to_do=True, actions=("rating",)),
    _values("ACHIEVED_IN_FUTURE", ERROR, conditions.BY_THE_END,
            "The date achieved is after the end of the period, {period_end}.",
            "Check the date. If the work is not done yet, clear it.", actions=("date_achieved",)),
    _values("DATE_OUTSIDE_PLAN", ERROR, conditions.IN_PLAN,
            "This date is outside the plan, which runs from {plan_start} to {plan_end}.", "Check the year.",
            actions=("target_date", "date_achieved")),
    _values("COMMENCED_AFTER_PLAN", ERROR, conditions.NOT_AFTER_PLAN,
            "This date is after the end of the plan, {plan_end}.", "Check the year.", actions=("date_commenced",)),
    _values("ACHIEVED_BEFORE_COMMENCED", ERROR, conditions.NOT_BEFORE_COMMENCED,
            "The date achieved is before the date commenced.", "Check both dates, here and in {date_commenced}.",
            actions=("date_achieved",)),
    _values("BLUE_NEEDS_ACHIEVED", ERROR, conditions.BLUE_HAS_DATE, "Blue needs the date it was achieved.",
            "Enter it in {date_achieved}, or pick another rating.", actions=("rating",)),
    _values("ACHIEVED_NOT_BLUE", ERROR, conditions.DATE_HAS_BLUE, "There is a date achieved, but the rating is not Blue.",
            "Choose Blue, or clear {date_achieved}.", actions=("rating",)),
    _values("AMBER_NEEDS_REMEDIAL", ERROR, conditions.AMBER_HAS_ACTION, "Amber needs the remedial action being taken.",
            "Write it in {remedial_action}, or pick another rating.", actions=("rating",)),
    _values("GREEN_PAST_TARGET", ERROR, conditions.GREEN_ON_TARGET, "Green means on target, but the target date has passed.",
            "If it is done, choose Blue and enter the date in {date_achieved}. "
            "If not, choose Amber and say in {remedial_action} what is being done.", actions=("rating",)),
    _values("BLUE_NEEDS_EVIDENCE", WARNING, conditions.BLUE_HAS_EVIDENCE, "Blue needs some evidence.",
            "Say in {evidence} what shows that it is done.", actions=("rating",)),
    _values("COMMENCED_BEFORE_PLAN", WARNING, conditions.NOT_BEFORE_PLAN,
            "The work commenced before the plan did, on {plan_start}.",
            "Check the year. If the work was already going on, leave it.", actions=("date_commenced",)),
    _values("NEGATIVE", ERROR, conditions.NOT_NEGATIVE, "This number is below 0.", "Check the number.",
            kinds=("number",), kpis=field_names("kpis", "number")),
    _values("NOT_WHOLE", ERROR, conditions.WHOLE, "This count is not a whole number.", "Type a whole number, such as 15.",
            kinds=("number",), kpis=field_names("kpis", "number")),
    _values("NUMERATOR_ABOVE_DENOMINATOR", ERROR, conditions.NOT_ABOVE, "This number is more than the total it is out of.",
            "Check it, and the total in {denominator}.", kpis=("numerator",)),
    _values("RATIO_HALF", ERROR, conditions.HAS_OTHER_HALF, "A percentage needs two numbers, and this is only one of them.",
            "Type the other one in {other_half} as well.", kpis=("numerator", "denominator")),
    _values("LOOKS_LIKE_DATE", WARNING, conditions.NOT_A_DAY, "This may be a date that Excel has turned into a number.",
            "Check the number. Leave it if it is right.", kinds=("number",), kpis=field_names("kpis", "number")),
    *PRIVACY_WARNINGS,
    _values("TEXT_TOO_LONG", WARNING, conditions.FITS, "This text is longer than {text_limit} characters.",
            "Shorten it, and keep the detail in your own records.", kinds=("text",),
            actions=field_names("actions", "text"), kpis=(*field_names("kpis", "text"), "value"), narrative=field_names("narrative")),
    _values("NIL_WITH_ENTRIES", ERROR, conditions.NIL_IS_EMPTY, "Nothing to report is ticked, but there are answers on the other tabs.",
            "Clear this cell, or clear the answers.", cover=("nil_return",)),
    _values("COVER_MISSING", WARNING, conditions.GIVEN, "{label} is blank.", "Fill it in.", to_do=True,
            cover=("completed_by", "completed_on", "status")),
    _values("DRAFT", WARNING, conditions.FINAL, "This return is marked as a draft.",
            "Choose Final when it is ready to be used.", to_do=True, cover=("status",)),
    _reading("FORMULA_USED", WARNING, "This cell holds a formula; its result was used.", PASTE),
    _reading("DATE_AS_TEXT", WARNING, "This date is text. It was read as {read}.",
             "Check that it is right, or type it again as a date.", kinds=("date",)),
    _reading("DATE_AS_NUMBER", WARNING, "This date is a bare number. It was read as {read}.",
             "Check that it is right, or type it again as a date.", kinds=("date",)),
    _reading("NUMBER_AS_TEXT", WARNING, "This number is text. It was read as {read}.",
             "Check that it is right, or type it again as a number.", kinds=("number",)),
    _reading("RATING_RETYPED", INFO, "This was read as {read}.", "Nothing to do.", kinds=("rating",)),
)  # fmt: skip

LIVE_CODE = {"DATE_AS_TEXT": "UNREADABLE_DATE", "NUMBER_AS_TEXT": "NOT_A_NUMBER"}
"""What reading can make out and Excel cannot: in the sheet a date or number typed as text is simply none."""

SENSE_RULES = (
    Rule("REOPENED", WARNING, "sense", "This was Blue last time, and is {value} now.",
         "Say under Evidence what has reopened it, or choose Blue."),
    Rule("WORSENED_NO_WORD", WARNING, "sense", "This was {other} last time and is {value} now, without a word of why.",
         "Say under Evidence or Remedial action what has happened."),
    Rule("KPI_JUMPED", WARNING, "sense", "This was {other} last time, and is {value} now.",
         "Check the number. If it is right, a word under Comment will save a question."),
    Rule("KPI_MISSING", WARNING, "sense", "A figure was given before, but none this time.",
         "Type it if you have it. If not, a word under Comment will save a question."),
    Rule("EVIDENCE_SAME", WARNING, "sense", "The rating has changed since last time, but the evidence has not.",
         "Bring the evidence up to date."),
)  # fmt: skip
"""Soft questions that need the return before: the master has it, a copy has not."""

RULES = (*FILE_RULES, *FORM_RULES, *VALUE_RULES, *SENSE_RULES)
BY_CODE = {rule.code: rule for rule in RULES}
