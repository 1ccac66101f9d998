"""The line with a plan's notice, as it appears in everything made from the plan."""

from __future__ import annotations

NOTICE_PREFIX = "Notice: "
"""How the line begins. A returned copy is read without the lines that begin like this: the notice may have changed in the meantime."""

MAX_NOTICE = 100
"""In characters. A header or footer of an Excel sheet takes 255, codes included."""


def notice_line(notice: str) -> str:
    """`Notice: Invented sample data.`; empty without a notice."""
    return f"{NOTICE_PREFIX}{notice}" if notice else ""


def notice_paragraph(notice: str) -> str:
    """The same as a paragraph of an e-mail, with the blank line after it; empty without a notice."""
    return f"{notice_line(notice)}\n\n" if notice else ""
