"""Reads one input cell of a return: its value, or the code of the rule that keeps it from being used."""

from __future__ import annotations

import re
from typing import Any

from cedg_excel.excel.sheet_xml import SheetDetails
from cedg_excel.excel_facts import MAX_CHARACTERS, Address
from cedg_excel.findings import Place
from cedg_excel.form import values
from cedg_excel.form.fields import Field
from cedg_excel.personal_data import HELD_BACK_CODES, mask_personal_data, masked
from cedg_excel.returns.as_seen import as_seen, is_safe, link_of, with_link
from cedg_excel.returns.model import Entry
from cedg_excel.text import is_blank, shown

_LESS_THAN_PRIVACY = (None, "FORMULA_USED", "LINK_KEPT")
"""What is not reported of a cell with an e-mail address, a telephone number or a postcode in it."""

_QUOTED = re.compile('"[^"]*"')
_EXTERNAL = re.compile(r"""\[[^\[\]]+\][\w.]*!|'(?:[^'\[]|'')*\[[^\[\]]+\](?:[^']|'')*'!""")
"""A reference to another workbook: `[1]Sheet1!A1`, `'[1]My sheet'!A1`. References to tables have brackets, but no exclamation mark."""


def read_entry(field: Field, place: Place, raw: Any, details: SheetDetails, address: Address, epoch_1904: bool) -> Entry:
    """The entry of one input cell, without anything that could identify a child."""
    return _without_personal_data(_entry(field, place, raw, details, address, epoch_1904))


def _entry(field: Field, place: Place, raw: Any, details: SheetDetails, address: Address, epoch_1904: bool) -> Entry:
    if (stored := details.unreadable.get(address)) is not None:
        return Entry(field, place, stored, None, "UNREADABLE_VALUE")
    if is_blank(raw) and address not in details.errors and address not in details.formulas:
        return Entry(field, place, raw, None, None)
    formula = details.formula(address)
    if formula is not None and address not in details.errors and _EXTERNAL.search(_QUOTED.sub("", formula)):
        return Entry(field, place, f"={formula}", None, "FORMULA_EXTERNAL")
    seen = as_seen(raw, field.kind, details, address)
    if seen.is_held:
        as_percentage = seen.rule_code == "SHOWN_OTHERWISE" and field.is_half and "%" in str(seen.raw)
        return Entry(field, place, seen.raw, None, "RATIO_AS_PERCENTAGE" if as_percentage else seen.rule_code, seen.other)
    reading = values.read(seen.raw, field, epoch_1904)
    if formula is not None and reading.value is None:
        return Entry(field, place, seen.raw or f"={formula}", None, reading.rule_code or "FORMULA_NO_VALUE", reading.other)
    if reading.value is None:
        return Entry(field, place, seen.raw, None, reading.rule_code, reading.other)
    rule_code = reading.rule_code if formula is None else "FORMULA_USED"
    entry = Entry(field, place, seen.raw, reading.value, seen.rule_code or rule_code, seen.other)
    return _with_link(entry, link_of(formula, details, address))


def _with_link(entry: Entry, link: str) -> Entry:
    """The entry with the address of its link after its words. An address that is not one of the web or of e-mail is only reported."""
    if not link or entry.field.kind != "text" or not isinstance(entry.value, str):
        return entry
    if not is_safe(link):
        return entry if entry.rule_code else entry._replace(rule_code="LINK_LEFT_OUT", other=link)
    text = with_link(entry.value, link)
    if text == entry.value:
        return entry
    return entry._replace(raw=text, value=text, rule_code=entry.rule_code or "LINK_KEPT")


def _without_personal_data(entry: Entry) -> Entry:
    """The entry without personal data that could identify a child: the rest of the program never sees it."""
    if entry.other:
        entry = entry._replace(other=masked(entry.other))
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
    return entry._replace(rule_code=codes[0]) if codes and entry.rule_code in _LESS_THAN_PRIVACY else entry
