"""
What the officer sees in a cell, where that is not what the file holds: number formats, struck-through text, links, pictures.

The rest of reading then works on what is seen.
"""

from __future__ import annotations

import re
from datetime import date, datetime, time, timedelta
from typing import Any, NamedTuple
from urllib.parse import unquote

from cedg_excel.excel.date_format import date_as_shown
from cedg_excel.excel.looks import Look
from cedg_excel.excel.number_format import GENERAL, PLAIN_FORMATS, general, is_date_format, number_as_shown, shows_time, shows_whole_date
from cedg_excel.excel.sheet_xml import PICTURE, SheetDetails
from cedg_excel.excel_facts import Address
from cedg_excel.form.fields import FieldKind
from cedg_excel.text import readable, shown

PICTURE_TEXT = "(a picture)"


class Seen(NamedTuple):
    """
    A cell as it is seen. `rule_code` is the rule that this broke, if any; `is_held` says that no value may be read.

    `other` is what the rule's sentence says besides what was typed: the number stored, the words struck through.
    """

    raw: Any
    rule_code: str | None = None
    is_held: bool = False
    other: str = ""


def as_seen(raw: Any, kind: FieldKind, details: SheetDetails, address: Address) -> Seen:
    """A cell that is not blank, as it is seen."""
    if (error := details.errors.get(address)) is not None:
        return Seen(PICTURE_TEXT, "PICTURE_IN_CELL", True) if error == PICTURE else Seen(error, "ERROR_VALUE", True)
    look = details.look(address)
    struck = details.struck_texts.get(address)
    if look.struck or (struck and (kind != "text" or not struck.remaining)):
        return Seen(readable(raw) if isinstance(raw, str) else _worded(raw, look), "STRUCK_OUT", True)
    if isinstance(raw, str):
        if struck:
            return Seen(readable(struck.remaining), "STRUCK_PART", other=readable(struck.withdrawn))
        return Seen(readable(raw)) if kind == "text" else Seen(raw)
    if kind == "text":
        return _text(raw, look)
    if kind == "number" and isinstance(raw, int | float) and not isinstance(raw, bool):
        return _number(raw, look.number_format)
    if kind == "date" and isinstance(raw, date):
        return _date(raw, look.number_format)
    return Seen(raw)


def _worded(raw: Any, look: Look) -> str:
    return _shown(raw, look) or shown(raw) or ""


def _shown(raw: Any, look: Look) -> str | None:
    """A number or a date as its cell shows it; None where the format cannot be followed."""
    if isinstance(raw, date | time | timedelta):
        return date_as_shown(raw, look.number_format) if is_date_format(look.number_format) else shown(raw)
    if isinstance(raw, int | float) and not isinstance(raw, bool):
        return general(raw) if look.number_format in (GENERAL, "@") else number_as_shown(raw, look.number_format)
    return shown(raw)


def _text(raw: Any, look: Look) -> Seen:
    """A number or a date among words, as it is displayed."""
    displayed = _shown(raw, look)
    return Seen(displayed) if displayed else Seen(shown(raw), "FORMAT_NOT_FOLLOWED")


def _date(raw: date, code: str) -> Seen:
    """A date with a time behind it is that day, unless the time is shown: then it is not known what was meant."""
    if isinstance(raw, datetime) and raw.time() != time():
        return Seen(raw, "UNREADABLE_DATE", True) if shows_time(code) else Seen(raw.date())
    if not is_date_format(code) or shows_whole_date(code):
        return Seen(raw)
    return Seen(raw, "DATE_PARTLY_SHOWN", other=date_as_shown(raw, code) or "")


def _number(raw: float, code: str) -> Seen:
    if code in PLAIN_FORMATS:
        return Seen(raw)
    displayed = number_as_shown(raw, code)
    if displayed is None:
        return Seen(raw, "FORMAT_NOT_FOLLOWED")
    reading = _compare(displayed, raw)
    if reading == "other":
        return Seen(displayed, "SHOWN_OTHERWISE", True, general(raw))
    return Seen(raw, "SHOWN_WITH_WORDS", other=displayed) if reading == "words" else Seen(raw)


_DISPLAYED = re.compile(
    r"(?P<open>\()?(?P<minus>[-\u2212])?[ ]?[£$€¥]?[ ]?(?P<minus2>[-\u2212])?(?P<digits>[\d,\u00a0 ]*\d|)(?P<part>\.\d*)?(?(open)\))"
    r"(?P<minus3>-)?[ ]*(?P<after>.*)",
    re.DOTALL,
)
_SCALES = re.compile(
    r"\d|[%<>~≤≥±+\u2030]|\b(?:k|m|bn|hundreds?|thousands?|millions?|billions?|dozens?|tens|per|percent|pc|less|fewer|more|or|under|over)\b",
    re.IGNORECASE,
)
"""What makes a word after a number more than the name of what was counted."""


def _compare(displayed: str, number: float) -> str:
    """Whether what is displayed is `same` as the number, apart from rounding, the number with `words` behind it, or `other`."""
    match = _DISPLAYED.fullmatch(displayed)
    if number == 0 and displayed.strip("£$€ -") in ("", "0%", "0.0%", "0.00%"):
        return "words" if "%" in displayed else "same" if displayed else "other"  # accounts show 0 as a dash
    if match is None or not (match["digits"] or match["part"]):
        return "other"
    digits = re.sub(r"[^\d]", "", match["digits"]) + (match["part"] or "")
    negative = any(match[name] for name in ("open", "minus", "minus2", "minus3"))
    decimals = len(match["part"] or ".") - 1
    value = -float(digits) if negative else float(digits)
    if abs(value - number) > 0.5000001 * 10**-decimals:
        return "other"
    after = match["after"].strip()
    return "same" if not after else "other" if _SCALES.search(after) else "words"


# Links

_SAFE = re.compile(r"(?:https?://|mailto:)\S", re.IGNORECASE)
_HYPERLINK = re.compile(r'\s*(?:_xlfn\.)?HYPERLINK\(\s*"((?:[^"]|"")*)"', re.IGNORECASE)


def link_of(formula: str | None, details: SheetDetails, address: Address) -> str:
    """The address that a cell leads to, by its link or its HYPERLINK formula; "" where it leads nowhere outside the workbook."""
    match = _HYPERLINK.match(formula or "")
    target = match[1].replace('""', '"') if match else details.link(address)
    return "" if target.startswith("#") else readable(target)


def is_safe(link: str) -> bool:
    """Whether an address is one of a web page or of e-mail."""
    return _SAFE.match(link) is not None


def with_link(text: str, link: str) -> str:
    """A text with the address of its link, unless the text is the address: `click here (https://example.org/log.pdf)`."""
    bare = link.removeprefix("mailto:").split("?subject=")[0]
    known = {form.rstrip("/").casefold() for form in (link, bare, unquote(link), unquote(bare), bare.partition("//")[2])}
    return text if any(form and form in text.casefold() for form in known) else f"{text} ({link})"
