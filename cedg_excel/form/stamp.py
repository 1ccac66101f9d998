"""The stamp that identifies a copy: visible on the Cover, and again as document properties."""

from __future__ import annotations

import re
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Stamp:
    """What identifies a copy. It is a visible line on the Cover, because programs may drop document properties."""

    plan: str
    version: str
    agency: str
    period: str
    layout: str

    def __str__(self) -> str:
        return " | ".join(("cedg", self.plan, self.version, self.agency, self.period, self.layout))


_STAMP = re.compile(r"cedg \| ([^|]+) \| ([^|]+) \| ([^|]+) \| ([^|]+) \| ([0-9a-f]{12})")


def read_stamp(text: str) -> Stamp | None:
    """The stamp in a text, or None."""
    match = _STAMP.search(" ".join(text.split()))
    return Stamp(*(part.strip() for part in match.groups())) if match else None


STAMP_PROPERTIES = {
    "cedg.plan": "plan", "cedg.version": "version", "cedg.agency": "agency", "cedg.period": "period", "cedg.layout": "layout",
}  # fmt: skip
"""The stamp again, as custom document properties, in the order of its parts."""


MASTER_PROPERTY = "cedg.master"
"""The custom document property that a master has, with the id of its plan."""
_MASTER_STAMP = re.compile(r"cedg master \| ([^|]+) \| [^|]+ \| [^|]+")


def plan_of_master(text: str) -> str | None:
    """The id of the plan in the stamp on a master's Summary, if this text is one; the stamp is written by `master/master_stamp.py`."""
    match = _MASTER_STAMP.fullmatch(text.strip())
    return match[1].strip() if match else None
