"""What a cell's content means: dates, numbers, ratings and text as people really type them. It never guesses."""

from __future__ import annotations

import math
import re
from datetime import date, datetime, timedelta
from typing import Any, NamedTuple

from cedg_excel.excel_facts import DAY_ZERO, DAY_ZERO_1904
from cedg_excel.form.fields import Field
from cedg_excel.form.model import Value
from cedg_excel.form.no_figure import REASON_OF_WORD, UNCLEAR_WORDS, both_numbers, is_ratio
from cedg_excel.ratings import as_rating
from cedg_excel.text import is_blank, normalised, shown, squeeze

_MONTHS = {
    name: number
    for number, names in enumerate(
        ("january jan", "february feb", "march mar", "april apr", "may", "june jun", "july jul", "august aug",
         "september sept sep", "october oct", "november nov", "december dec"), 1)
    for name in names.split()
}  # fmt: skip
_NUMERIC_DATE = re.compile(r"(\d{1,2})\s*[/.-]\s*(\d{1,2})\s*[/.-]\s*(\d{4})")
_ISO_DATE = re.compile(r"(\d{4})-(\d{2})-(\d{2})(?:[T ]00:00(?::00)?)?")
_WORDED_DATE = re.compile(r"(\d{1,2})(?:st|nd|rd|th)?[\s,-]+([A-Za-z]+)\.?[\s,-]+(\d{4})")
_NUMBER = re.compile(r"[+-]?(\d+|\d{1,3}(,\d{3})+)(\.\d+)?")
DAYS = (date(2000, 1, 1), date(2099, 12, 31))
"""The range of plausible dates. A bare 2019 typed into a date cell is a day in 1905, which nobody means."""


class ReadValue(NamedTuple):
    """
    The value to use, None where the cell is blank or cannot be used; and the code of the rule that it broke, if any. `other` goes
    into its sentence.
    """

    value: Value
    rule_code: str | None = None
    other: str = ""


BLANK = ReadValue(None)

NO_FIGURE = "NO_FIGURE"
"""The code of a word in the place of a figure. It is not a rule: the word is read as the reason of its row."""


def read(raw: Any, item: Field, epoch_1904: bool = False) -> ReadValue:
    """The value of an input cell. `raw` is what calamine returns; `epoch_1904`: the workbook counts dates from 1904."""
    if is_blank(raw):
        return BLANK
    match item.kind:
        case "date":
            return _date(raw, epoch_1904)
        case "number":
            return _number(raw) if not (item.is_figure and isinstance(raw, str)) else _figure(raw, item)
        case "rating":
            return _choice(raw, as_rating(_typed_text(raw)), "UNKNOWN_RATING", "RATING_RETYPED")
        case "choice":
            words = {word.casefold(): word for word in item.choices or ()}
            mentioned = any(word.upper() in _typed_text(raw).upper() for word in words.values())
            return _choice(raw, words.get(_typed_text(raw).casefold()), "CHOICE_UNCLEAR" if mentioned else "UNKNOWN_CHOICE", None)
        case _:
            return ReadValue(shown(raw))


def _typed_text(raw: Any) -> str:
    """What was typed, without stray spaces and without what cannot be seen."""
    return squeeze(normalised(str(raw)))


def _choice(raw: Any, word: str | None, unknown_code: str, retyped_code: str | None) -> ReadValue:
    if word is None:
        return ReadValue(None, unknown_code)
    return ReadValue(word, retyped_code if word != raw else None)


def _date(raw: Any, epoch_1904: bool) -> ReadValue:
    if isinstance(raw, datetime):
        raw = raw.date()  # a date cell shows no time; one that does is asked about before this
    if isinstance(raw, date):
        return ReadValue(raw) if _is_plausible(raw) else ReadValue(None, "UNREADABLE_DATE")
    if isinstance(raw, int | float) and not isinstance(raw, bool):
        return _serial(raw, epoch_1904)
    parsed = _parse_date(_typed_text(raw)) if isinstance(raw, str) else None
    return ReadValue(parsed, "DATE_AS_TEXT") if parsed and _is_plausible(parsed) else ReadValue(None, "UNREADABLE_DATE")


def _serial(number: float, epoch_1904: bool) -> ReadValue:
    """A date as a number, in a cell that has lost its date format because a program dropped the styles."""
    if not 0 < number < 100_000:
        return ReadValue(None, "UNREADABLE_DATE")
    parsed = (DAY_ZERO_1904 if epoch_1904 else DAY_ZERO) + timedelta(days=int(number))
    return ReadValue(parsed, "DATE_AS_NUMBER") if _is_plausible(parsed) else ReadValue(None, "UNREADABLE_DATE")


def _is_plausible(day: date) -> bool:
    return DAYS[0] <= day <= DAYS[1]


def _parse_date(text: str) -> date | None:
    """UK dates with a four-figure year; anything else is ambiguous."""
    if match := _ISO_DATE.fullmatch(text):
        year, month, day = (int(part) for part in match.groups())
    elif match := _NUMERIC_DATE.fullmatch(text):
        day, month, year = (int(part) for part in match.groups())
    elif match := _WORDED_DATE.fullmatch(text):
        day, month, year = int(match[1]), _MONTHS.get(match[2].casefold(), 0), int(match[3])
    else:
        return None
    try:
        return date(year, month, day)
    except ValueError:
        return None


def _figure(raw: str, item: Field) -> ReadValue:
    """A KPI's figure that was typed as text. Where it says why there is none, the code is NO_FIGURE and `other` the reason."""
    text = _typed_text(raw).upper()
    if reason := REASON_OF_WORD.get(text):
        return ReadValue(None, NO_FIGURE, reason)
    if text in UNCLEAR_WORDS:
        return ReadValue(None, "NO_FIGURE_UNCLEAR")
    if item.is_half and is_ratio(text):
        numbers = both_numbers(text)
        return (
            ReadValue(None, "RATIO_TYPED", "{} in the figure and {}".format(*numbers)) if numbers else ReadValue(None, "RATIO_IN_ONE_CELL")
        )
    return _number(raw)


def _number(raw: Any) -> ReadValue:
    rule_code = None
    if isinstance(raw, str) and _NUMBER.fullmatch(text := _typed_text(raw)):
        raw, rule_code = float(text.replace(",", "")), "NUMBER_AS_TEXT"
    # Four hundred digits typed as text become infinity.
    if isinstance(raw, bool) or not isinstance(raw, int | float) or not math.isfinite(raw):
        return ReadValue(None, "NOT_A_NUMBER")
    return ReadValue(_without_trailing_zero(raw), rule_code)


def _without_trailing_zero(number: float) -> int | float:
    """7 for 7.0, because that is what was typed."""
    return int(number) if abs(number) < 1e15 and number == int(number) else float(number)
