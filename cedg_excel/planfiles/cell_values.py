"""From the plan to the cells of its workbook and back, by the kind of each column."""

from __future__ import annotations

from datetime import date, datetime, time
from typing import Any

from cedg_excel.errors import TooBig
from cedg_excel.excel_facts import MAX_CHARACTERS, text_length
from cedg_excel.form import values
from cedg_excel.form.fields import Field
from cedg_excel.planfiles.sheets import ACCOUNTABLE, CONTRIBUTES, FIGURE, WORDS, Item
from cedg_excel.text import shown, squeeze

MAX_DIGITS = 15
"""The digits of a number that a cell holds."""

FIRST_DATE = date(1900, 3, 1)
"""Before this day programs count differently, and before 1900 not at all; such a date is written as text."""


def folded(value: Any) -> str:
    """A text to compare by: in small letters, without stray spaces; nothing for what is no text."""
    return squeeze(value).strip().casefold() if isinstance(value, str) else ""


def as_value(raw: Any, item: Item, epoch_1904: bool) -> Any:
    """A cell's content as the plan takes it. What is none of its kind is left as it is, for the plan to refuse."""
    match item.kind:
        case "label":
            return raw
        case "code" | "choice":
            if not isinstance(raw, str):
                return raw
            text = squeeze(raw).strip()
            return {word.casefold(): word for word in WORDS.get(item.choices, ())}.get(text.casefold(), text)
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
    """A day without its time, where the time says nothing."""
    return raw.date() if isinstance(raw, datetime) and raw.time() == time() else raw


def _date(raw: Any, item: Item, epoch_1904: bool) -> Any:
    if isinstance(raw, date):
        return _plain_date(raw)
    reading = values.read(raw, Field(item.key, "date", item.heading), epoch_1904)
    return raw if reading.value is None else reading.value


def marks_of(entry: Any) -> dict[str, str]:
    """What stands under each agency in the row of an action or KPI, by id."""
    if not hasattr(entry, "agencies"):
        return {}
    if not hasattr(entry, "contributors"):
        return dict.fromkeys(entry.agencies, FIGURE)
    others = () if entry.contributors == "all" else entry.contributors
    return {**dict.fromkeys(others, CONTRIBUTES), **dict.fromkeys(entry.agencies, ACCOUNTABLE)}


def in_cell(entry: Any, item: Item) -> Any:
    """What an entry of the plan says under a column. Raises TooBig when no cell can hold it."""
    if item.key == "all_contribute":
        value: Any = entry.contributors == "all"
    else:
        value = entry
        for part in item.key.split("."):
            value = getattr(value, part)
    if item.kind == "yes":
        return "Yes" if value else None
    if item.kind == "lines":
        value = "\n".join(value)
    return _fit(value, item.heading)


def _fit(value: Any, heading: str) -> Any:
    """A value as a cell can hold it. Raises TooBig when none can."""
    if isinstance(value, str):
        if text_length(value) > MAX_CHARACTERS:
            raise TooBig(
                f"A text under {heading} has more than {MAX_CHARACTERS:,} characters, and a cell holds no more. Shorten it in the plan."
            )
        return value or None
    if isinstance(value, date):
        return value if value >= FIRST_DATE else value.isoformat()
    if isinstance(value, int | float) and (len(str(abs(int(value)))) > MAX_DIGITS or float(f"{value:.{MAX_DIGITS}g}") != value):
        raise TooBig(f"{value} under {heading} has more than {MAX_DIGITS} digits, and a cell keeps no more. Write it as text, in quotes.")
    return value
