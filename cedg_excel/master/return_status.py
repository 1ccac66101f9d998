"""The statuses of returns in a master, and which of them count."""

from __future__ import annotations

from typing import Literal

ReturnStatus = Literal["accepted", "combined", "held_back", "nil", "superseded", "rejected", "withdrawn", "not_received"]

CURRENT = ("accepted", "combined", "nil")
"""The statuses of returns whose values are in the tables."""

SILENT = ("not_received", "withdrawn")
"""The statuses of an agency that has not been heard from."""
