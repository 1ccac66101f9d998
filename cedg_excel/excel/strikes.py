"""Text of which a part is struck through: what remains, and what was struck."""

from __future__ import annotations

import re
from contextlib import suppress
from functools import lru_cache
from typing import NamedTuple
from xml.parsers import expat

from cedg_excel.excel_facts import Address, row_and_column

_STRINGS = re.compile(rb"</(?:\w+:)?si\s*>|<(?:\w+:)?si\s*/>")
_CELL = re.compile(rb'<(?:\w+:)?c\s(?=[^<>]*\br="([A-Za-z]+\d+)")([^<>]*[^<>/])>(.*?)</(?:\w+:)?c\s*>', re.DOTALL)
_INDEX = re.compile(rb"<(?:\w+:)?v\s*>\s*(\d+)\s*<")
_SHARED = re.compile(rb'\bt="s"')
_STRING_START = re.compile(rb"<(?:\w+:)?si(?:\s[^<>]*)?>")


class Struck(NamedTuple):
    """A text without what was struck through in it, and what that was."""

    remaining: str
    withdrawn: str


def struck_texts(sheet: bytes, shared: bytes) -> dict[Address, Struck]:
    """The cells of a sheet whose text is struck through in part, or run by run as a whole."""
    if b"strike" not in sheet and b"strike" not in shared:
        return {}  # as in nearly every return
    strings = _struck_strings(shared)
    found = {}
    for address, attributes, content in _CELL.findall(sheet):
        struck = None
        if _SHARED.search(attributes):
            struck = strings.get(int(index[1])) if (index := _INDEX.search(content)) else None
        elif b"strike" in content:
            struck = _struck(content)
        if struck:
            found[row_and_column(address.decode())] = struck
    return found


@lru_cache(maxsize=8)
def _struck_strings(shared: bytes) -> dict[int, Struck]:
    """The shared texts of which something is struck through, by their number."""
    if b"strike" not in shared:
        return {}
    items = _STRINGS.split(shared)
    return {number: struck for number, item in enumerate(items) if b"strike" in item and (struck := _struck(item))}


def _struck(xml: bytes) -> Struck | None:
    """The runs of a rich text, put together; None where none of them with words in it is struck through."""
    start = _STRING_START.search(xml)
    runs = _RunParser().runs(xml[start.end() :] if start else xml)
    withdrawn = " ".join(text.strip() for text, struck in runs if struck and text.strip())
    return Struck(_remaining(runs), withdrawn) if withdrawn else None


def _remaining(runs: list[tuple[str, bool]]) -> str:
    """The runs that are not struck through, without the space that would be left twice."""
    remaining, after_struck = "", False
    for run, struck in runs:
        if struck:
            after_struck = True
            continue
        text = run.lstrip(" ") if after_struck and (not remaining or remaining[-1].isspace()) else run
        if after_struck and text[:1] in (".", ",", ";", ":"):
            remaining = remaining.rstrip(" ")
        remaining, after_struck = remaining + text, after_struck and not text
    return remaining.strip()


class _RunParser:
    """Collects the runs of a rich text, each with whether it is struck through."""

    def __init__(self) -> None:
        self.found: list[tuple[str, bool]] = []
        self.struck = self.in_text = self.in_pronunciation = False

    def runs(self, xml: bytes) -> list[tuple[str, bool]]:
        parser = expat.ParserCreate("utf-8")
        parser.buffer_text = True
        parser.StartElementHandler, parser.EndElementHandler, parser.CharacterDataHandler = self.start, self.end, self.text
        try:
            with suppress(expat.ExpatError):  # about the end tags of what the runs are in
                parser.Parse(b"<runs>" + xml, False)
        finally:
            parser.StartElementHandler = parser.EndElementHandler = parser.CharacterDataHandler = None
        return self.found

    def start(self, name: str, attributes: dict[str, str]) -> None:
        name = name.rpartition(":")[2]
        if name == "r":
            self.struck = False
        elif name == "strike":
            self.struck = attributes.get("val", "1") not in ("0", "false")
        elif name == "rPh":
            self.in_pronunciation = True
        elif name == "t" and not self.in_pronunciation:
            self.in_text = True
            self.found.append(("", self.struck))

    def end(self, name: str) -> None:
        name = name.rpartition(":")[2]
        self.in_text = self.in_text and name != "t"
        self.in_pronunciation = self.in_pronunciation and name != "rPh"
        if name == "r":
            self.struck = False

    def text(self, text: str) -> None:
        if self.in_text:
            self.found[-1] = (self.found[-1][0] + text, self.struck)
