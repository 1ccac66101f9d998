"""
Each condition twice, side by side: as a check on a frame and as an Excel formula. A test proves that the two agree.

On a frame the check is True where the condition is met; a date or number that was typed as text is NaN there, since the
sheet cannot compare it either. In Excel the formula is TRUE where the condition is broken, and is evaluated only where the
rules before it in the table are met: by then a number in a date cell is a date, perhaps with a time behind it, and a rating
is one of the four. Names in braces are fields of the row, and `it` is the field being checked; `Operand` lists what can be used
of one. Formulas use only what Excel 2010, LibreOffice and Excel for the web all support.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

from cedg_excel.excel_facts import serial
from cedg_excel.form.fields import FIGURES
from cedg_excel.form.values import DAYS
from cedg_excel.ratings import AMBER, BLUE, GREEN

if TYPE_CHECKING:
    from pandas import DataFrame, Series


class Check(Protocol):
    """From a frame and the name of a field: True on the rows that meet the condition."""

    def __call__(self, frame: DataFrame, name: str) -> Series[bool]: ...


@dataclass(frozen=True, slots=True)
class Condition:
    """
    `check` is applied to a frame. `broken_formula` is used in the sheet, and empty where Excel cannot express the condition.
    `reading_code` is the rule's code where reading the cell already decides. `highlighted`: a cell that breaks it is coloured, which
    takes a formula without arrays.
    """

    check: Check
    broken_formula: str = ""
    reading_code: str = ""
    highlighted: bool = True


NO_CONDITION = Condition(lambda frame, name: frame[name].notna() | True)
"""For rules that are decided before any frame is built."""

DATE_LIKE_NUMBERS = (36526, 54788)
"""The numbers by which Excel stores the dates of 2000 to 2049."""


FIRST_DAY, LAST_DAY = (serial(day) for day in DAYS)


def read_as(code: str, broken_formula: str = "") -> Condition:
    """A condition that reading the cell decides; `code` is the rule that it broke."""

    def not_read_so(frame: DataFrame, name: str) -> Series[bool]:
        return frame[f"{name}.read"] != code

    return Condition(not_read_so, broken_formula, code)


def _rated(frame: DataFrame, name: str) -> Series[bool]:
    return ~frame[f"{name}.blank"] | ~frame["rates"] | frame["nil"]


RATED = Condition(_rated, "AND({it.blank},NOT({nil}))")


def _by_period_end(frame: DataFrame, name: str) -> Series[bool]:
    return ~(frame[name] > frame["period_end"])


BY_PERIOD_END = Condition(_by_period_end, "AND({it.number},{it.raw}>={period_end}+1)")


def _in_plan(frame: DataFrame, name: str) -> Series[bool]:
    return ~(frame[name] > frame["plan_end"]) & ~(frame[name] < frame["plan_start"])


IN_PLAN = Condition(_in_plan, "AND({it.number},OR({it.raw}>={plan_end}+1,{it.raw}<{plan_start}))")


def _not_after_plan(frame: DataFrame, name: str) -> Series[bool]:
    return ~(frame[name] > frame["plan_end"])


NOT_AFTER_PLAN = Condition(_not_after_plan, "AND({it.number},{it.raw}>={plan_end}+1)")


def _not_before_plan(frame: DataFrame, name: str) -> Series[bool]:
    return ~(frame[name] < frame["plan_start"])


NOT_BEFORE_PLAN = Condition(_not_before_plan, "AND({it.number},{it.raw}<{plan_start})")


def _not_before_commenced(frame: DataFrame, name: str) -> Series[bool]:
    return ~(frame[name] < frame["date_commenced"])


NOT_BEFORE_COMMENCED = Condition(
    _not_before_commenced, "IF(AND({it.number},{date_commenced.number}),INT({it.raw})<INT({date_commenced.raw}),FALSE)"
)


def _blue_has_date(frame: DataFrame, name: str) -> Series[bool]:
    return (frame[name] != BLUE.word) | ~frame["date_achieved.blank"]


BLUE_HAS_DATE = Condition(_blue_has_date, 'AND({it.text}="BLUE",{date_achieved.blank})')


def _date_has_blue(frame: DataFrame, name: str) -> Series[bool]:
    return frame["date_achieved"].isna() | frame[name].isin(("Blue", ""))


DATE_HAS_BLUE = Condition(_date_has_blue, 'AND({date_achieved.number},NOT({it.blank}),{it.text}<>"BLUE")')


def _amber_has_action(frame: DataFrame, name: str) -> Series[bool]:
    return (frame[name] != AMBER.word) | ~frame["remedial_action.blank"]


AMBER_HAS_ACTION = Condition(_amber_has_action, 'AND({it.text}="AMBER",{remedial_action.blank})')


def _green_on_target(frame: DataFrame, name: str) -> Series[bool]:
    return (frame[name] != GREEN.word) | ~(frame["target_date"] < frame["period_end"])


GREEN_ON_TARGET = Condition(_green_on_target, 'AND({it.text}="GREEN",{target_date.number},{target_date.raw}<{period_end})')


def _blue_has_evidence(frame: DataFrame, name: str) -> Series[bool]:
    return (frame[name] != BLUE.word) | ~frame["evidence.blank"]


BLUE_HAS_EVIDENCE = Condition(_blue_has_evidence, 'AND({it.text}="BLUE",{evidence.blank})')


def _within_text_limit(frame: DataFrame, name: str) -> Series[bool]:
    return ~(frame[f"{name}.length"] > frame["text_limit"])


WITHIN_TEXT_LIMIT = Condition(_within_text_limit, "AND(NOT({it.number}),LEN({it.raw})>{text_limit},NOT({it.blank}))")


def _not_negative(frame: DataFrame, name: str) -> Series[bool]:
    return ~(frame[name] < 0)


NOT_NEGATIVE = Condition(_not_negative, "IF({it.number},{it.raw}<0,FALSE)")


def _whole(frame: DataFrame, name: str) -> Series[bool]:
    return ~frame["whole"] | frame[name].isna() | (frame[name] % 1 == 0)


WHOLE = Condition(_whole, "IF(AND({whole},{it.number}),{it.raw}<>INT({it.raw}),FALSE)")


def _not_above(frame: DataFrame, name: str) -> Series[bool]:
    return ~(frame[name] > frame["denominator"])


NOT_ABOVE = Condition(_not_above, "IF(AND({it.number},{denominator.number}),{it.raw}>{denominator.raw},FALSE)")


def _has_other_half(frame: DataFrame, name: str) -> Series[bool]:
    return frame[name].isna() | ~frame[f"{OTHER_HALF[name]}.blank"]


OTHER_HALF = {"numerator": "denominator", "denominator": "numerator"}
HAS_OTHER_HALF = Condition(_has_other_half, "AND({it.number},OR({other_half.blank},{other_half.says_no_figure}))")


def _not_date_like(frame: DataFrame, name: str) -> Series[bool]:
    return ~frame[name].between(*DATE_LIKE_NUMBERS)


NOT_DATE_LIKE = Condition(
    _not_date_like, f"IF({{it.number}},AND({{it.raw}}>={DATE_LIKE_NUMBERS[0]},{{it.raw}}<={DATE_LIKE_NUMBERS[1]}),FALSE)"
)


def _figure_or_reason(frame: DataFrame, name: str) -> Series[bool]:
    figures = [~frame[f"{figure}.blank"] & ~frame[f"{figure}.held"] for figure in FIGURES]
    return (frame[name] == "") | ~(figures[0] | figures[1] | figures[2])


FIGURE_OR_REASON = Condition(_figure_or_reason, "AND({it.is_choice},{has_figure})")


def _filled_in(frame: DataFrame, name: str) -> Series[bool]:
    return ~frame[f"{name}.blank"]


FILLED_IN = Condition(_filled_in, "{it.blank}")


def _final(frame: DataFrame, name: str) -> Series[bool]:
    return frame[name] != "Draft"


FINAL = Condition(_final, '{it.text}="DRAFT"')


def _nil_is_empty(frame: DataFrame, name: str) -> Series[bool]:
    return (frame[name] != "Yes") | (frame["filled"] == 0)


NIL_IS_EMPTY = Condition(_nil_is_empty, 'AND({it.text}="YES",{filled}>0)')

ERROR = "ISERROR({it.raw})"
NOT_A_CHOICE = "AND(NOT({it.blank}),NOT({it.is_choice}))"
NOT_A_DATE = f"IF({{it.number}},OR({{it.raw}}<{FIRST_DAY},{{it.raw}}>={LAST_DAY + 1}),NOT({{it.blank}}))"
"""With a time behind it, which a date cell does not show, a date is that day."""
CHOICE_IN_WORDS = "AND(NOT({it.blank}),NOT({it.is_choice}),{it.mentions_choice})"
UNCLEAR_FIGURE = "AND({it.is_unclear},NOT({reason.is_choice}))"
RATIO_IN_A_CELL = "AND(NOT({it.number}),{it.is_ratio},NOT({it.says_no_figure}))"
NOT_A_NUMBER = "AND(NOT({it.blank}),OR(NOT({it.number}),ISLOGICAL({it.raw})),NOT({it.says_no_figure}))"
"""ISLOGICAL because TRUE is a number too in LibreOffice."""
