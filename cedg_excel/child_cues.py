"""
Signs that a text describes one child: initials after "child", an age or a school year in brackets, somebody's mother.

A copy has to find them too, with what Excel 2010 can do: so they are lists of short texts that are searched for in a text of which a
few pieces were replaced first. No list of names is used.
"""

from __future__ import annotations

import re
from functools import lru_cache
from itertools import product
from string import ascii_uppercase

MARK = "¬"
"""Stands for a word for one child, where initials may follow."""

BEFORE_INITIALS = (
    (".", " "), (",", " "), ("'", " "), ("\u2019", " "), (")", " "), ("\n", " "), ("\u00a0", " "),
    ("hild ", MARK), ("irl ", MARK), (" boy ", MARK), ("YP ", MARK), ("oung person ", MARK),
)  # fmt: skip
"""What is replaced, in order, before initials are searched for. A space is added at the end of the text first."""

_NOT_INITIALS = frozenset((
    "AI", "AM", "CE", "CP", "DV", "EH", "GP", "HQ", "IT", "ID", "LA", "MP", "NI", "OK", "PA", "PE", "SG", "SW", "TV", "UK", "US", "YP",
))  # fmt: skip
"""Abbreviations that follow `child` or `young person` in plain text: `child CE team`."""

INITIALS = (
    *(f"{MARK}{letter} " for letter in ascii_uppercase if letter != "I"),
    *(f"{MARK}{first}{second} " for first, second in product(ascii_uppercase, repeat=2) if first + second not in _NOT_INITIALS),
)

BEFORE_CUES = (("\u00a0", " "), ("\n", " "), ("\u2019", "'"), ("CHILDREN'S ", ""), ("S (", "S <"))
"""
What is replaced, in order, before the other signs are searched for, in upper case. `sessions (12)` is a count, not an age: a bare
number in brackets says nothing after a plural.
"""

_AGES, _ADOLESCENT_AGES, _SCHOOL_YEARS = range(1, 18), range(8, 18), range(7, 14)
_RELATIVES = ("MOTHER", "MUM", "FATHER", "DAD", "BROTHER", "SISTER", "STEPF", "STEPM", "GRANDM", "GRANDF", "GRANDP", "AUNT", "UNCLE")

CUES = (
    *(f"{word} {age})" for word in ("AGED", "AGE") for age in _AGES),
    *(f"(AGED {age}," for age in _AGES),
    *(f"({age}{end}" for age in _ADOLESCENT_AGES for end in (")", ",")),
    *(f"({age}{end}" for age in _AGES for end in (" YEARS OLD", " YRS OLD", " YEAR OLD", " YO", "YO)", " Y/O")),
    *(f"({word}{year}{end}" for word in ("YEAR ", "YR ", "Y") for year in _SCHOOL_YEARS for end in (")", ",")),
    *(f"'S {relative}" for relative in _RELATIVES),
)

_KNOWN_INITIALS = frozenset(INITIALS)
_INITIALS = re.compile(f"(?={MARK}([A-Z]{{1,2}} ))")
_ANY_CUE = re.compile("|".join(map(re.escape, CUES)))
_WORTH_SEARCHING = re.compile(f"[({MARK}]|['\u2019][sS][ \u00a0\n]|(?:hild|irl|boy|YP|erson)[ \u00a0\n.,')\u2019]|[aA][gG][eE]")


@lru_cache(maxsize=10_000)
def describes_one_child(text: str) -> bool:
    """Whether something in a text suggests that it is about one child: `describes_one_child("support for child AB was agreed")`."""
    if not _WORTH_SEARCHING.search(text):
        return False
    with_marks = replaced(f"{text} ", BEFORE_INITIALS)
    if any(f"{MARK}{match[1]}" in _KNOWN_INITIALS for match in _INITIALS.finditer(with_marks)):
        return True
    return _ANY_CUE.search(replaced(text.upper(), BEFORE_CUES)) is not None


def replaced(text: str, replacements: tuple[tuple[str, str], ...]) -> str:
    """The text with each of these replaced, one after another, as nested SUBSTITUTEs do."""
    for old, new in replacements:
        text = text.replace(old, new)
    return text
