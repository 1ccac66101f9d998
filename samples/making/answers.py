"""The invented answers of the sample returns, read from `invented.toml`."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from cedg_excel.form.model import Value

ACTION_FIELDS = {
    "commenced": "date_commenced", "target": "target_date", "achieved": "date_achieved",
    "evidence": "evidence", "rating": "rating", "remedial": "remedial_action",
}  # fmt: skip
CARRIED = ("commenced", "target", "achieved")
"""The dates that a second return repeats from the first."""


@dataclass(frozen=True, slots=True)
class Answer:
    """One agency's invented answers for one period, by key, and when it sent them."""

    agency: str
    period: str
    sent: datetime
    values: Mapping[str, Value]


def read_answers(path: Path) -> Iterator[Answer]:
    """Every return in the file. An agency's later returns repeat the dates of its earlier ones."""
    actions_by_agency: dict[str, dict[str, dict[str, Any]]] = {}
    for entry in tomllib.loads(path.read_text(encoding="utf-8"))["return"]:
        earlier = actions_by_agency.get(entry["agency"], {})
        actions = {ref: {**_dates(earlier.get(ref, {})), **action} for ref, action in entry.get("actions", {}).items()}
        actions_by_agency[entry["agency"]] = {**earlier, **actions}
        yield Answer(entry["agency"], entry["period"], entry["sent"], dict(_values(entry, actions)))


def _dates(action: Mapping[str, Any]) -> dict[str, Any]:
    return {name: action[name] for name in CARRIED if name in action}


def _values(entry: Mapping[str, Any], actions: Mapping[str, Mapping[str, Any]]) -> Iterator[tuple[str, Value]]:
    for name, value in entry["cover"].items():
        yield f"cover/{name}", value
    for ref, action in actions.items():
        for name, value in action.items():
            yield f"action/{ref}/{ACTION_FIELDS[name]}", value
    for ref, figure in entry.get("kpis", {}).items():
        parts = {"numerator": figure[0], "denominator": figure[1]} if isinstance(figure, list) else {"value": figure}
        for name, value in parts.items():
            yield f"kpi/{ref}/{name}", value
    for ref, comment in entry.get("comments", {}).items():
        yield f"kpi/{ref}/comment", comment
    for name, words in entry.get("narrative", {}).items():
        yield f"narrative/{name}", words
