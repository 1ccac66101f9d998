"""Text as people type it and as they read it: stray and invisible spaces, and a value written as a person would."""

from __future__ import annotations

import re
from datetime import date, datetime, time
from typing import Any

# No-break and other typographic spaces, zero-width characters, the byte order mark.
_BLANKS = " \t\n\r\v\f\u00a0\u1680\u180e\u202f\u205f\u2060\u3000\ufeff" + "".join(map(chr, range(0x2000, 0x2010)))


_SPACES = re.compile(f"[{_BLANKS}]+")


_UNEVEN = re.compile(f"^[{_BLANKS}]|[{_BLANKS}]$|[{_BLANKS}]{{2}}|[{_BLANKS[1:]}]")


def squeeze(text: str) -> str:
    """The text with every run of white or invisible space made one space, and none at the ends."""
    return _SPACES.sub(" ", text).strip() if _UNEVEN.search(text) else text


def is_blank(raw: Any) -> bool:
    """Nothing, or only white and invisible characters."""
    return raw is None or (isinstance(raw, str) and not raw.strip(_BLANKS))


def shown(raw: Any) -> str | None:
    """A value as a person would write it: `12/03/2020`, `7`, `Blue`."""
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
    """A value as a person would write it, on one line and without stray spaces; "" for a blank."""
    return squeeze(shown(value) or "")
