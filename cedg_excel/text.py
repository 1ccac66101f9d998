"""Text as people type and read it: stray and invisible spaces, values written as a person would, and likely slips of the keyboard."""

from __future__ import annotations

import difflib
import re
import unicodedata
from collections.abc import Iterable
from datetime import date, datetime, time
from typing import Any

_INVISIBLE = "\u00ad\u061c\u180e\u2060\ufeff" + "".join(map(chr, (*range(0x200B, 0x2010), *range(0x2061, 0x2065))))
"""Soft hyphens, zero-width characters, the byte order mark, and marks of direction."""

_DIRECTIONS = "\u061c\u200e\u200f" + "".join(map(chr, (*range(0x202A, 0x202F), *range(0x2066, 0x206A))))
"""Marks of direction. They can make a text look like another one, and English needs none."""

_BLANKS = " \t\n\r\v\f\u00a0\u1680\u202f\u205f\u3000" + "".join(map(chr, range(0x2000, 0x200B))) + _INVISIBLE + _DIRECTIONS
"""White space, typographic spaces such as the no-break space, and what cannot be seen."""

_SPACES = re.compile(f"[{_BLANKS}]+")
_STRAY_SPACE = re.compile(f"^[{_BLANKS}]|[{_BLANKS}]$|[{_BLANKS}]{{2}}|[{_BLANKS[1:]}]")


def squeeze(text: str) -> str:
    """The text with every run of white or invisible characters replaced by one space, and none at the ends."""
    return _SPACES.sub(" ", text).strip() if _STRAY_SPACE.search(text) else text


_DASHES = "\u2010\u2011\u2012\u2013\u2014\u2015\u2212\u2043\ufe58\ufe63\uff0d"


class _PlainCharacters(dict[int, str | None]):
    """For `str.translate`: the plain form of each character, worked out once. What cannot be seen is left out."""

    def __missing__(self, code: int) -> str | None:
        character = chr(code)
        plain: str | None = character
        if character in _INVISIBLE or character in _DIRECTIONS or unicodedata.category(character) == "Cf":
            plain = None
        elif character.isspace():
            plain = character if character.isascii() else " "
        elif character in _DASHES:
            plain = "-"
        elif (digit := unicodedata.decimal(character, None)) is not None:
            plain = str(digit)
        elif len(folded := unicodedata.normalize("NFKC", character)) == 1:
            plain = folded
        self[code] = plain
        return plain


_PLAIN_CHARACTERS = _PlainCharacters()


def normalised(text: str) -> str:
    """
    A text as it is searched and read: `normalised("９４\u200b３\u00ad") == "943"`.

    Without what cannot be seen; digits, letters, spaces and dashes of every kind as the plain ones. No character becomes several.
    """
    return text if text.isascii() else text.translate(_PLAIN_CHARACTERS)


def origins(text: str) -> list[str]:
    """The pieces of a text that the characters of `normalised` come from, one for each; what cannot be seen belongs to the one before."""
    pieces: list[str] = []
    hidden = ""
    for character in text:
        if _PLAIN_CHARACTERS[ord(character)] is not None:
            pieces.append(hidden + character)
            hidden = ""
        elif pieces:
            pieces[-1] += character
        else:
            hidden += character
    return pieces


_SYMBOL_FONTS = re.compile("[\uf020-\uf0ff]")
_SYMBOLS = {"\uf0fc": "\u2713", "\uf0fe": "\u2713", "\uf0fb": "\u2717", "\uf0fd": "\u2717", "\uf0e0": "\u2192", "\uf0e8": "\u2192"}
"""Ticks, crosses and arrows of the fonts that Word takes its bullets from. Nearly every other symbol of theirs is a bullet."""

_NOT_PASSED_ON = re.compile(f"[{_DIRECTIONS}]")


def readable(text: str) -> str:
    """A text without marks of direction, and with bullets that can be seen in place of symbols that only Word's own fonts have."""
    if text.isascii():
        return text
    return _SYMBOL_FONTS.sub(lambda match: _SYMBOLS.get(match[0], "\u2022"), _NOT_PASSED_ON.sub("", text))


def is_blank(raw: Any) -> bool:
    """Whether a value is None, or text of white and invisible characters only."""
    return raw is None or (isinstance(raw, str) and not raw.strip(_BLANKS))


def shown(raw: Any) -> str | None:
    """A value as a person would write it: `12/03/2020`, `7`, `Blue`; None for None."""
    if raw is None:
        return None
    if isinstance(raw, datetime):
        return f"{raw:%d/%m/%Y}" if raw.time() == time() else f"{raw:%d/%m/%Y %H:%M}"
    if isinstance(raw, date):
        return f"{raw:%d/%m/%Y}"
    if isinstance(raw, time):
        return f"{raw:%H:%M}"
    if isinstance(raw, bool):
        return str(raw).upper()
    if isinstance(raw, float):
        return f"{int(raw)}" if raw.is_integer() and abs(raw) < 1e15 else repr(raw)
    return str(raw)


def plain_text(value: Any) -> str:
    """A value as a person would write it, on one line and without stray spaces; "" for None."""
    return squeeze(shown(value) or "")


def nearest(word: str, words: Iterable[str]) -> str:
    """`" Did you mean 'agencies'?"`, or "" when no word is similar."""
    close = nearest_word(word, words)
    return "" if close is None else f" Did you mean '{close}'?"


def nearest_word(word: str, words: Iterable[str]) -> str | None:
    """The word most similar to this one, or None when none is similar: `nearest_word("suoth", ["north", "south"]) == "south"`."""
    return next(iter(difflib.get_close_matches(word, list(words), n=1, cutoff=0.6)), None)
