"""
The rules about answers: values, and personal data in them.

The order of VALUE_RULES is the order of causes: of the rules that a cell breaks, only the first is reported.
No rule depends on today's date.
"""

from __future__ import annotations

from dataclasses import replace

from cedg_excel.excel_facts import MAX_CHARACTERS
from cedg_excel.findings import Severity
from cedg_excel.form import conditions
from cedg_excel.form.child_condition import ABOUT_NO_SINGLE_CHILD
from cedg_excel.form.conditions import Condition
from cedg_excel.form.fields import FIGURES, FieldKind, field_names
from cedg_excel.form.rule import Rule

ERROR, WARNING, INFO = Severity.ERROR, Severity.WARNING, Severity.INFO

KINDS: tuple[FieldKind, ...] = ("rating", "date", "text", "number", "choice")


def _reading(
    code: str, severity: Severity, message: str, fix: str, *, holds_back: bool = False, broken_formula: str = "",
    kinds: tuple[FieldKind, ...] = KINDS,
) -> Rule:  # fmt: skip
    """A rule that reading the cell already decides, on all fields of these kinds in every table."""
    return Rule(code, severity, "values", message, fix, holds_back, kinds=kinds, condition=conditions.read_as(code, broken_formula))


def _figures(
    code: str, severity: Severity, message: str, fix: str, *, broken_formula: str = "", names: tuple[str, ...] = FIGURES,
) -> Rule:  # fmt: skip
    """A rule that reading a KPI's figure already decides. The figure is held back."""
    condition = conditions.read_as(code, broken_formula)
    return Rule(code, severity, "values", message, fix, True, fields_by_table=(("kpis", names),), kinds=("number",), condition=condition)


def _values(
    code: str, severity: Severity, condition: Condition, message: str, fix: str, *, to_do: bool = False,
    kinds: tuple[FieldKind, ...] = KINDS, **fields_by_table: tuple[str, ...],
) -> Rule:  # fmt: skip
    """A rule on the fields named for each table, `actions=("rating",)`; on all of these kinds when none are named."""
    fields = tuple(fields_by_table.items())
    return Rule(code, severity, "values", message, fix, fields_by_table=fields, kinds=kinds, condition=condition, to_do=to_do)


PASTE = "Type the value itself. If you paste, use Paste Special, Values."

TAKE_OUT = "Remove it: nothing here may identify a child. In a copy that is sent back, it has already been removed."
IF_PERSONAL = "Leave it if it belongs to a service. If it belongs to a person, remove it."


def _privacy(code: str, severity: Severity, message: str, fix: str, *, holds_back: bool = False) -> Rule:
    """A rule that only reading the cell can decide: Excel formulas cannot search a text for it."""
    return Rule(code, severity, "privacy", message, fix, holds_back, kinds=KINDS, condition=conditions.read_as(code))


PRIVACY_ERRORS = (
    _privacy("NHS_NUMBER", ERROR, "This contains what looks like an NHS number.", TAKE_OUT, holds_back=True),
    _privacy("NI_NUMBER", ERROR, "This contains what looks like a National Insurance number.", TAKE_OUT, holds_back=True),
    _privacy("DATE_OF_BIRTH", ERROR, "This contains what looks like a date of birth.", TAKE_OUT, holds_back=True),
)
PRIVACY_WARNINGS = (
    _privacy("EMAIL_ADDRESS", WARNING, "This contains an e-mail address.", IF_PERSONAL),
    _privacy("PHONE_NUMBER", WARNING, "This contains what looks like a phone number.", IF_PERSONAL),
    _privacy("POSTCODE", WARNING, "This contains what looks like a postcode.", IF_PERSONAL),
)

# Messages that the sheet shows as well leave out the value: people see it in the cell.
VALUE_RULES = (
    _reading("ERROR_VALUE", ERROR, "This cell shows an error instead of a value.", PASTE, holds_back=True, broken_formula=conditions.ERROR),
    _reading("UNREADABLE_VALUE", ERROR, "What is stored in this cell cannot be read for certain.",
             "Type the value again in Excel, and save.", holds_back=True),
    _reading("FORMULA_EXTERNAL", ERROR, "This cell takes its value from another workbook.", PASTE, holds_back=True),
    _reading("FORMULA_NO_VALUE", ERROR, "This cell contains a formula without a result.", PASTE, holds_back=True),
    _reading("PICTURE_IN_CELL", WARNING, "There is a picture in this cell. Its words were not read.",
             "Type what it shows. Send a picture as evidence by the route your group has agreed.", holds_back=True),
    _reading("STRUCK_OUT", WARNING, "This is struck through, so it was read as withdrawn.",
             "Clear the cell, or type what is right. If it still holds, remove the line through it.", holds_back=True),
    _reading("SHOWN_OTHERWISE", ERROR, "The format of this cell makes it look like {value}, but the number in it is {other}.",
             "Type the number itself, in a cell without that format. Use Paste Special, Values, if you paste.",
             holds_back=True, kinds=("number",)),
    _reading("UNKNOWN_RATING", ERROR, "This is not a BRAG rating.", "Choose Blue, Red, Amber or Green from the list.",
             holds_back=True, broken_formula=conditions.NOT_A_CHOICE, kinds=("rating",)),
    _reading("CHOICE_UNCLEAR", WARNING, "This is not one of the choices, though one of them is in it.",
             "Choose from the list what is meant.", holds_back=True, broken_formula=conditions.CHOICE_IN_WORDS, kinds=("choice",)),
    _reading("UNKNOWN_CHOICE", ERROR, "This is not one of the choices.", "Choose from the list.",
             holds_back=True, broken_formula=conditions.NOT_A_CHOICE, kinds=("choice",)),
    _reading("UNREADABLE_DATE", ERROR, "This cannot be used as a date.",
             "Type the day, the month and the four-figure year, such as 14/01/2020. Leave it blank if there is no date yet.",
             holds_back=True, broken_formula=conditions.NOT_A_DATE, kinds=("date",)),
    _figures("NO_FIGURE_UNCLEAR", WARNING, "This may mean 0, or that there is no figure.",
             "If it is 0, type 0. If there is none, clear this and choose why under Why no figure.",
             broken_formula=conditions.UNCLEAR_FIGURE),
    _figures("RATIO_IN_ONE_CELL", ERROR, "A percentage is typed as two numbers, and this is more than one of them.",
             "Put how many in the figure, and out of how many in Out of. The percentage is calculated for you.",
             broken_formula=conditions.RATIO_IN_A_CELL, names=("numerator", "denominator")),
    _figures("RATIO_TYPED", ERROR, "A percentage is typed as two numbers, and both are in this cell.", "Put {other} in Out of.",
             names=("numerator", "denominator")),
    _figures("RATIO_AS_PERCENTAGE", ERROR, "This looks like {value}, and the number in the cell is {other}. "
             "A percentage is typed as two numbers.",
             "Put how many in the figure, and out of how many in Out of. The percentage is calculated for you.",
             names=("numerator", "denominator")),
    _reading("NOT_A_NUMBER", ERROR, "This is not a number.",
             "Type the number alone, without words or signs. Leave it blank if you do not have it.",
             holds_back=True, broken_formula=conditions.NOT_A_NUMBER, kinds=("number",)),
    _reading("TEXT_BEYOND_EXCEL", ERROR, f"This text is longer than an Excel cell can hold, {MAX_CHARACTERS:,} characters.",
             "Shorten it, and keep the detail in your own records.", holds_back=True, kinds=("text",)),
    *PRIVACY_ERRORS,
    _values("RATING_MISSING", ERROR, conditions.RATED, "This action has no BRAG rating.",
            "Choose Blue, Red, Amber or Green from the list.", to_do=True, actions=("rating",)),
    _values("ACHIEVED_IN_FUTURE", ERROR, conditions.BY_PERIOD_END,
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
            "The work commenced before the plan started, on {plan_start}.",
            "Check the year. If the work was already going on, leave it.", actions=("date_commenced",)),
    _values("NEGATIVE", ERROR, conditions.NOT_NEGATIVE, "This number is below 0.", "Check the number.",
            kinds=("number",), kpis=field_names("kpis", "number")),
    _values("NOT_WHOLE", ERROR, conditions.WHOLE, "This count is not a whole number.", "Type a whole number, such as 15.",
            kinds=("number",), kpis=field_names("kpis", "number")),
    _values("NUMERATOR_ABOVE_DENOMINATOR", ERROR, conditions.NOT_ABOVE, "This number is more than the total it is out of.",
            "Check it, and the total in {denominator}.", kpis=("numerator",)),
    _values("RATIO_HALF", ERROR, conditions.HAS_OTHER_HALF, "A percentage needs two numbers, and this is only one of them.",
            "Type the other one in {other_half} as well.", kpis=("numerator", "denominator")),
    _values("LOOKS_LIKE_DATE", WARNING, conditions.NOT_DATE_LIKE, "This may be a date that Excel has turned into a number.",
            "Check the number. Leave it if it is right.", kinds=("number",), kpis=field_names("kpis", "number")),
    _values("FIGURE_AND_REASON", WARNING, conditions.FIGURE_OR_REASON, "There is a figure as well as a reason why there is none.",
            "Clear one of the two. Until then, the figure counts.", kpis=("reason",)),
    *PRIVACY_WARNINGS,
    replace(
        _values("CHILD_DESCRIBED", WARNING, ABOUT_NO_SINGLE_CHILD, "This may describe one child.",
                "Say it without initials, ages, school years or relatives, so that no child can be recognised.", kinds=("text",),
                actions=field_names("actions", "text"), kpis=(*field_names("kpis", "text"), "value"), narrative=field_names("narrative")),
        group="privacy"),
    _values("TEXT_TOO_LONG", WARNING, conditions.WITHIN_TEXT_LIMIT, "This text is longer than {text_limit} characters.",
            "Shorten it, and keep the detail in your own records.", kinds=("text",),
            actions=field_names("actions", "text"), kpis=(*field_names("kpis", "text"), "value"), narrative=field_names("narrative")),
    _reading("STRUCK_PART", WARNING, 'Part of this text is struck through, "{other}". It was read without that part.',
             "Delete what is struck through. If it still holds, remove the line through it.", kinds=("text",)),
    _reading("SHOWN_WITH_WORDS", WARNING, "The format of this cell adds words to the number: it looks like {other}. {read} was read.",
             "Check that the number is right, and that the words do not change it.", kinds=("number",)),
    _reading("DATE_PARTLY_SHOWN", WARNING, "Only a part of this date is shown, {other}. It was read as {read}.",
             "Check that the day and the year are right.", kinds=("date",)),
    _reading("FORMAT_NOT_FOLLOWED", WARNING, "The format of this cell makes the number in it look different. {read} was read.",
             "Check that it is what the cell shows.", kinds=("number", "text")),
    _reading("LINK_LEFT_OUT", WARNING, "The link behind this text leads to {other}, where others may not be able to follow it. "
             "It was left out.", "Say in words where it can be found, or use the address of a web page.", kinds=("text",)),
    _values("NIL_WITH_ENTRIES", ERROR, conditions.NIL_IS_EMPTY, "Nothing to report is set to Yes, but there are answers on the other tabs.",
            "Clear this cell, or clear the answers.", cover=("nil_return",)),
    _values("COVER_MISSING", WARNING, conditions.FILLED_IN, "{label} is blank.", "Fill it in.", to_do=True,
            cover=("completed_by", "completed_on", "status")),
    _values("DRAFT", WARNING, conditions.FINAL, "This return is marked as a draft.",
            "Choose Final when it is ready to be used.", to_do=True, cover=("status",)),
    _reading("FORMULA_USED", WARNING, "This cell contains a formula; its result was used.", PASTE),
    _reading("DATE_AS_TEXT", WARNING, "This date is stored as text. It was read as {read}.",
             "Check that it is right, or type it again as a date.", kinds=("date",)),
    _reading("DATE_AS_NUMBER", WARNING, "This date is stored as a plain number. It was read as {read}.",
             "Check that it is right, or type it again as a date.", kinds=("date",)),
    _reading("NUMBER_AS_TEXT", WARNING, "This number is stored as text. It was read as {read}.",
             "Check that it is right, or type it again as a number.", kinds=("number",)),
    Rule("REASON_READ", INFO, "values", "“{other}” was read as the reason why there is no figure: {read}.",
         "Nothing to do. Next time, choose it under Why no figure.", fields_by_table=(("kpis", ("reason",)),), kinds=("choice",),
         condition=conditions.read_as("REASON_READ")),
    _reading("LINK_KEPT", INFO, "The address of the link behind this text was added to it.", "Nothing to do.", kinds=("text",)),
    _reading("RATING_RETYPED", INFO, "This was read as {read}.", "Nothing to do.", kinds=("rating",)),
)  # fmt: skip

LIVE_CODE = {"DATE_AS_TEXT": "UNREADABLE_DATE", "NUMBER_AS_TEXT": "NOT_A_NUMBER", "RATIO_TYPED": "RATIO_IN_ONE_CELL"}
"""Dates and numbers typed as text, which the reader understands and Excel does not: the code by which the sheet reports each."""
