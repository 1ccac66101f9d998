"""A sheet's XML without the values that make no difference to its details, so that more of its rows are alike."""

from __future__ import annotations

import re

_NUMBER_VALUE = re.compile(rb"<v>[0-9]{1,9}</v>")
"""Any other number may be one that cannot be read for certain, and has to be looked at."""
_INLINE_TEXT = re.compile(rb"<t>[\t\n\r -%'-;=?-~\x80-\xff]+</t>")


def without_values(part: bytes) -> bytes:
    """
    The XML without which number, or which of the shared texts, a cell holds, and without inline text that has no markup.

    Raises ValueError where it is not UTF-8 or has a character that XML does not allow.
    """
    if not part.isascii():
        part.decode()  # raises UnicodeDecodeError, a ValueError
        if b"\xef\xbf" in part:
            raise ValueError("U+FFFE or U+FFFF")  # they begin with these bytes, as a few others do
    return _INLINE_TEXT.sub(b"<t></t>", _NUMBER_VALUE.sub(b"<v>0</v>", part))
