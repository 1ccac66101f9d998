"""Text as people type and read it: stray and invisible spaces, values written as a person would, and likely slips of the keyboard."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterable
from datetime import date, datetime, time
from typing import Any

_BLANKS = " \t\n\r\v\f\u00a0\u1680\u180e\u202f\u205f\u2060\u3000\ufeff" + "".join(map(chr, range(0x2000, 0x2010)))
"""White space, typographic spaces such as the no-break space, zero-width characters, the byte order mark."""

_SPACES = re.compile(f"[{_BLANKS}]+")
_STRAY_SPACE = re.compile(f"^[{_BLANKS}]|[{_BLANKS}]$|[{_BLANKS}]{{2}}|[{_BLANKS[1:]}]")


def squeeze(text: str) -> str:
    """The text with every run of white or invisible characters replaced by one space, and none at the ends."""
    return _SPACES.sub(" ", text).strip() if _STRAY_SPACE.search(text) else text


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
