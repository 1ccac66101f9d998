"""
What a number or a date looks like in Excel, by its number format.

Written for the usual formats: digits, thousands, decimals, percent signs, scaling commas, words, currencies, conditions, dates and
times. For anything else the answer is None, and the reader says so. No library that is still looked after does this in Python.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from decimal import ROUND_HALF_UP, Decimal
from functools import lru_cache
from typing import NamedTuple

GENERAL = "General"
PLAIN_FORMATS = frozenset({GENERAL, "@", "0", "0.00", "#,##0", "#,##0.00"})
"""Formats that show a number as it is, apart from rounding."""

MAX_DECIMALS = 30

_TOKEN = re.compile(
    r'"(?P<quoted>[^"]*)"?|\\(?P<escaped>.)|_(?P<space>.)|\*(?P<fill>.)|\[(?P<bracket>[^\]]*)\]|(?P<exponent>[Ee][+-]0+)'
    r"|(?P<number>[0#?.,])|(?P<percent>%)|(?P<general>General)|(?P<half>AM/PM|A/P)"
    r"|(?P<date>y+|m+|d+|h+|s+(?:\.0+)?)|(?P<text>@)|(?P<literal>[^A-Za-z])|(?P<unknown>.)",
    re.IGNORECASE | re.DOTALL,
)
_CONDITION = re.compile(r"(<=|>=|<>|<|>|=)\s*(-?\d+(?:\.\d+)?)")
_ELAPSED = re.compile("h+|m+|s+", re.IGNORECASE)


class Token(NamedTuple):
    """A piece of a format: `text` is what it shows where it is a literal, else the piece as written."""

    kind: str
    text: str


@lru_cache(maxsize=256)
def sections(code: str) -> tuple[tuple[Token, ...], ...]:
    """The sections of a format, each as its pieces."""
    parts: list[list[Token]] = [[]]
    for kind, text in _pieces(code):
        if (kind, text) == ("literal", ";"):
            parts.append([])
        elif kind == "bracket":
            parts[-1] += _bracket(text)
        elif kind in ("quoted", "escaped"):
            parts[-1].append(Token("literal", text))
        elif kind == "space":
            parts[-1].append(Token("literal", " "))
        elif kind != "fill":
            parts[-1].append(Token(kind, text))
    return tuple(map(tuple, parts))


def _pieces(code: str) -> Iterator[tuple[str, str]]:
    for match in _TOKEN.finditer(code):
        kind = match.lastgroup or "unknown"
        yield kind, match[kind]


def _bracket(text: str) -> list[Token]:
    """What is in square brackets: a condition, a currency, elapsed time; a colour shows nothing."""
    if match := _CONDITION.fullmatch(text):
        return [Token("condition", match[0])]
    if text.startswith("$"):
        return [Token("literal", text[1:].split("-")[0])]
    return [Token("elapsed", text)] if _ELAPSED.fullmatch(text) else []


def is_date_format(code: str) -> bool:
    """Whether a format shows a date or a time."""
    return any(token.kind in ("date", "elapsed") for token in sections(code)[0])


def shows_time(code: str) -> bool:
    """Whether a format shows hours, minutes or seconds."""
    return any(kind == "elapsed" or (kind == "date" and text[0] in "hsHS") for kind, text in sections(code)[0])


def shows_whole_date(code: str) -> bool:
    """Whether a format shows the day, the month and the year."""
    shown = {text[0].lower() for kind, text in sections(code)[0] if kind == "date" and text.lower() not in ("ddd", "dddd")}
    return {"y", "m", "d"} <= shown


def number_as_shown(number: float, code: str) -> str | None:
    """`number_as_shown(0.75, "0%") == "75%"`; None where the format cannot be followed."""
    chosen = _section_for(number, sections(code))
    if chosen is None:
        return None
    tokens, sign = chosen
    kinds = {token.kind for token in tokens}
    if kinds & {"unknown", "date", "elapsed", "half"} or ("literal", "/") in tokens:
        return None
    if "general" in kinds or ("text" in kinds and "number" not in kinds):
        shown = general(abs(number))
        return (sign + "".join(shown if kind in ("general", "text") else text for kind, text in tokens if kind != "condition")).strip()
    return _digits_shown(abs(number), tokens, sign)


def general(number: float) -> str:
    """A number as the format General shows it in a wide cell: at most ten significant digits."""
    if abs(number) < 1e15 and number == int(number):
        return f"{int(number)}"
    return f"{number:.10g}".replace("e", "E")


def _section_for(number: float, parts: tuple[tuple[Token, ...], ...]) -> tuple[tuple[Token, ...], str] | None:
    """The section that shows a number, and the sign written before it."""
    minus = "-" if number < 0 else ""
    numeric = [part for part in parts if not any(token.kind == "text" for token in part)] or [parts[0]]
    if any(token.kind == "condition" for part in numeric for token in part):
        for part in numeric:
            conditions = [token.text for token in part if token.kind == "condition"]
            if all(_holds(number, condition) for condition in conditions):
                return part, minus
        return None
    if number < 0 and len(numeric) > 1:
        return numeric[1], ""
    return (numeric[2], "") if number == 0 and len(numeric) > 2 else (numeric[0], minus)


def _holds(number: float, condition: str) -> bool:
    match = _CONDITION.fullmatch(condition)
    if match is None:
        return False
    limit = float(match[2])
    return {"<": number < limit, "<=": number <= limit, ">": number > limit, ">=": number >= limit, "=": number == limit,
            "<>": number != limit}[match[1]]  # fmt: skip


def _digits_shown(number: float, tokens: tuple[Token, ...], sign: str) -> str | None:
    """A number in a section with places for digits, or with words alone."""
    pattern = "".join(token.text for token in tokens if token.kind == "number")
    places, _, decimals = pattern.partition(".")
    scale = sum(len(part) - len(part.rstrip(",")) for part in (places, decimals))
    decimals = decimals.rstrip(",")
    if any(token.kind == "exponent" for token in tokens):
        return f"{sign}{number:.{len(decimals)}E}"
    grouped, wanted = "," in places.rstrip(","), [place for place in places if place != ","]
    percents = sum(token.kind == "percent" for token in tokens)
    if len(decimals) > MAX_DECIMALS or number >= 1e200:
        return None
    value = Decimal(repr(number)).scaleb(2 * percents - 3 * scale)
    whole, _, part = f"{value.quantize(Decimal(1).scaleb(-len(decimals)), ROUND_HALF_UP):f}".partition(".")
    sign = sign if any(digit != "0" for digit in whole + part) else ""
    whole = whole.lstrip("0").rjust(sum(place == "0" for place in wanted), "0")
    while part and decimals[len(part) - 1] == "#" and part.endswith("0"):
        part = part[:-1]
    return sign + _laid_out(tokens, f"{int(whole):,}" if grouped and whole.isdecimal() else whole, part, len(wanted))


def _laid_out(tokens: tuple[Token, ...], whole: str, part: str, places: int) -> str:
    """The digits in their places, between the words of the format."""
    shown, seen, in_decimals = [], 0, False
    spread = whole.isdecimal() and places > 1
    for kind, text in tokens:
        if kind == "number" and text == ".":
            in_decimals = True
            shown.append(("" if seen else whole) + "." + part)
        elif kind == "number" and text != "," and not in_decimals:
            seen += 1
            # Words may stand between the digits, as in 000-00; the first place takes what is left over.
            first = 0 if seen == 1 else max(0, len(whole) - places + seen - 1)
            last = max(0, len(whole) - places + seen) if spread else len(whole)
            shown.append(whole[first:last] if spread else whole if seen == 1 else "")
        elif kind in ("literal", "percent"):
            shown.append(text)
    return "".join(shown).strip()
