"""The plan's values as cells of its workbook, and the cells as values, by the kind of each column."""

from __future__ import annotations

from datetime import date, datetime, time
from typing import Any

from cedg_excel.errors import TooBig
from cedg_excel.excel_facts import MAX_CHARACTERS, text_length
from cedg_excel.form import values
from cedg_excel.form.fields import Field
from cedg_excel.plan.field_types import fields_by_key
from cedg_excel.planfiles.sheets import ACCOUNTABLE, CONTRIBUTES, FIGURE, WORDS, Item
from cedg_excel.text import shown, squeeze

MAX_DIGITS = 15
"""The most digits of a number that a cell holds."""

FIRST_DATE = date(1900, 3, 1)
"""Programs disagree on the numbers of earlier days, and have none for days before 1900: such a date is written as text."""


def folded(value: Any) -> str:
    """A text for comparison: in lower case, without stray spaces; "" for a value that is not text."""
    return squeeze(value).strip().casefold() if isinstance(value, str) else ""


def as_value(raw: Any, item: Item, epoch_1904: bool) -> Any:
    """A cell's content as the plan takes it. Content of the wrong kind is returned as it is, for the plan to refuse."""
    match item.kind:
        case "label":
            return raw
        case "code" | "choice":
            if not isinstance(raw, str):
                return raw
            text = squeeze(raw).strip()
            choices = {word.casefold(): word for word in WORDS.get(item.choices, ())}
            return choices.get(text.casefold(), text)
        case "date":
            return _date(raw, item, epoch_1904)
        case "date_or_text":
            return _plain_date(raw) if isinstance(raw, date) else shown(raw)
        case "whole" | "figure":
            if isinstance(raw, bool):
                return shown(raw)
            return int(raw) if isinstance(raw, float) and raw.is_integer() and abs(raw) < 1e15 else raw
        case "yes":
            return squeeze(raw).strip() if isinstance(raw, str) else raw
        case "lines":
            return [line for line in (shown(raw) or "").split("\n") if line.strip()]
        case _:
            return shown(raw)


def _plain_date(raw: date) -> Any:
    """A date without its time, where that is midnight."""
    return raw.date() if isinstance(raw, datetime) and raw.time() == time() else raw


def _date(raw: Any, item: Item, epoch_1904: bool) -> Any:
    if isinstance(raw, date):
        return _plain_date(raw)
    result = values.read(raw, Field(item.key, "date", item.heading), epoch_1904)
    return raw if result.value is None else result.value


def agency_marks(entry: Any) -> dict[str, str]:
    """The mark in each agency's column in the row of an action or KPI, by the agency's id."""
    if not hasattr(entry, "agencies"):
        return {}
    if not hasattr(entry, "contributors"):
        return dict.fromkeys(entry.agencies, FIGURE)
    contributors = () if entry.contributors == "all" else entry.contributors
    return {**dict.fromkeys(contributors, CONTRIBUTES), **dict.fromkeys(entry.agencies, ACCOUNTABLE)}


def cell_value(entry: Any, item: Item) -> Any:
    """An entry's value in a column. Raises TooBig when no cell can hold it."""
    if item.key == "all_contribute":
        value: Any = entry.contributors == "all"
    else:
        value = entry
        for part in item.key.split("."):
            value = getattr(value, fields_by_key(type(value))[part])
    if item.kind == "yes":
        return "Yes" if value else None
    if item.kind == "lines":
        value = "\n".join(value)
    return _checked_size(value, item.heading)


def _checked_size(value: Any, heading: str) -> Any:
    """A value as a cell can hold it. Raises TooBig when no cell can."""
    if isinstance(value, str):
        if text_length(value) > MAX_CHARACTERS:
            raise TooBig(
                f"A text under {heading} has more than {MAX_CHARACTERS:,} characters, the most that a cell holds. Shorten it in the plan."
            )
        return value or None
    if isinstance(value, date):
        return value if value >= FIRST_DATE else value.isoformat()
    if isinstance(value, int | float) and (len(str(abs(int(value)))) > MAX_DIGITS or float(f"{value:.{MAX_DIGITS}g}") != value):
        raise TooBig(f"{value} under {heading} has more than {MAX_DIGITS} digits, the most that a cell keeps. Write it as text, in quotes.")
    return value
