"""How programs write the values and attributes of cells, when calamine can be trusted to read them as they are meant."""

from __future__ import annotations

import re

PLAIN_VALUES = {
    kind: re.compile(rb"<(?:[\w.-]+:)?v(?:\s[^<>]*)?(?:/>|>(?:" + value + rb")?</)")
    for kind, value in {
        "": rb"-?[0-9]{1,200}(?:\.[0-9]+)?(?:[Ee][+-]?[0-9]{1,2})?",
        "s": rb"[0-9]{1,9}", "b": rb"[01]", "str": rb"[^<]*",
        "d": rb"[0-9]{4}-[0-9]{2}-[0-9]{2}(?:T[0-9]{2}:[0-9]{2}:[0-9]{2}(?:\.[0-9]+)?)?",
    }.items()
}  # fmt: skip
"""How programs write the values of each type of cell. calamine reads some others as 0, as the first shared text, or in part."""
PLAIN_VALUES["n"] = PLAIN_VALUES[""]

_CODED_ATTRIBUTE = re.compile(rb"&[^<>]{0,100}>")
_CELL_START = re.compile(rb"<(?:[\w.-]+:)?c\s")


def has_coded_cell(part: bytes) -> bool:
    """Whether there is a character reference in an attribute of a cell, which calamine does not decode."""
    tags = (part.rfind(b"<", 0, match.start()) for match in _CODED_ATTRIBUTE.finditer(part))
    return any(_CELL_START.match(part, start) for start in tags if start >= 0)


def is_style(style: str) -> bool:
    """Whether a text is the plain number of a style."""
    return style.isdecimal() and style.isascii() and len(style) < 10
