"""Reads one input cell of a return: its value, or the code of the rule that keeps it from being used."""

from __future__ import annotations

import re
from typing import Any

from cedg_excel.excel.sheet_xml import SheetDetails
from cedg_excel.excel_facts import MAX_CHARACTERS, Address
from cedg_excel.findings import Place
from cedg_excel.form import values
from cedg_excel.form.fields import Field
from cedg_excel.personal_data import HELD_BACK_CODES, mask_personal_data
from cedg_excel.returns.model import Entry
from cedg_excel.text import shown

_QUOTED = re.compile('"[^"]*"')
_EXTERNAL = re.compile(r"""\[[^\[\]]+\][\w.]*!|'(?:[^'\[]|'')*\[[^\[\]]+\](?:[^']|'')*'!""")
"""A reference to another workbook: `[1]Sheet1!A1`, `'[1]My sheet'!A1`. References to tables have brackets, but no exclamation mark."""


def read_entry(field: Field, place: Place, raw: Any, details: SheetDetails, address: Address, epoch_1904: bool) -> Entry:
    """The entry of one input cell, without anything that could identify a child."""
    return _without_personal_data(_entry(field, place, raw, details, address, epoch_1904))


def _entry(field: Field, place: Place, raw: Any, details: SheetDetails, address: Address, epoch_1904: bool) -> Entry:
    if (error := details.errors.get(address)) is not None:
        return Entry(field, place, error, None, "ERROR_VALUE")
    if (stored := details.unreadable.get(address)) is not None:
        return Entry(field, place, stored, None, "UNREADABLE_VALUE")
    reading = values.read(raw, field, epoch_1904)
    formula = details.formula(address)
    if formula is None:
        return Entry(field, place, raw, reading.value, reading.rule_code)
    if _EXTERNAL.search(_QUOTED.sub("", formula)):
        return Entry(field, place, f"={formula}", None, "FORMULA_EXTERNAL")
    if reading.value is None:
        return Entry(field, place, raw or f"={formula}", None, reading.rule_code or "FORMULA_NO_VALUE")
    return Entry(field, place, raw, reading.value, "FORMULA_USED")


def _without_personal_data(entry: Entry) -> Entry:
    """The entry without personal data that could identify a child: the rest of the program never sees it."""
    if isinstance(entry.raw, str):
        text = entry.raw
    elif isinstance(entry.raw, int | float) and not isinstance(entry.raw, bool):
        text = shown(entry.raw) or ""
    else:
        return entry
    clean, codes = mask_personal_data(text)
    if identifying := [code for code in codes if code in HELD_BACK_CODES]:
        return entry._replace(raw=clean[:MAX_CHARACTERS], value=None, rule_code=identifying[0])
    if len(clean) > MAX_CHARACTERS:
        rule_code = "TEXT_BEYOND_EXCEL" if entry.value is not None else entry.rule_code
        return entry._replace(raw=clean[:MAX_CHARACTERS], value=None, rule_code=rule_code)
    if codes and entry.value is None:
        return entry._replace(raw=clean)
    return entry._replace(rule_code=codes[0]) if codes and entry.rule_code in (None, "FORMULA_USED") else entry
