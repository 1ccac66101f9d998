"""The master's store: every return it has ever read, value by value, by the file's SHA-256."""

from __future__ import annotations

from collections import defaultdict, namedtuple
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from functools import cache
from typing import Any

import pandas as pd

from cedg_excel.checking.check import Checked
from cedg_excel.findings import Finding
from cedg_excel.form.fields import FieldKind
from cedg_excel.form.model import Value
from cedg_excel.returns.model import Entry
from cedg_excel.text import shown

STORE: dict[str, tuple[str, ...]] = {
    "files": ("sha256", "file", "agency", "period", "version", "modified", "cells"),
    "values": ("sha256", "key", "kind", "state", "value", "sheet", "row", "column"),
    "notes": ("sha256", "code", "severity", "sheet", "row", "column", "key", "value", "message", "fix", "held_back"),
    "decisions": ("sha256", "decision"),
    "group": ("period", "key", "value"),
    "plans": ("name", "part", "text"),
}
"""
The columns of the store's tables. `state` is value, held or blank; `decision` is one of those in `decisions.py`; `group` has what
the group itself has written into the pages: `group/2.3/rating`, `group/2.3/note`, `agreed/2/impact`.
`plans` has the versions of the plan as TOML, in parts that fit into a cell.
"""


def empty_frame(columns: Sequence[str]) -> pd.DataFrame:
    """A frame of objects without rows."""
    return pd.DataFrame({name: pd.Series([], dtype=object) for name in columns})


def object_frame(columns: Sequence[str], rows: Iterable[Sequence[Any]]) -> pd.DataFrame:
    """A frame of objects, so that pandas does not convert any value."""
    rows = list(rows)
    if not rows:
        return empty_frame(columns)
    return pd.DataFrame(dict(zip(columns, map(_objects, zip(*rows, strict=True)), strict=True)))


def records(rows: pd.DataFrame) -> Iterator[Any]:
    """The rows of a frame, each with its columns as attributes."""
    return map(_record(tuple(rows.columns))._make, row_tuples(rows))


def row_tuples(rows: pd.DataFrame) -> Iterator[tuple[Any, ...]]:
    """The rows of a frame as plain tuples."""
    return zip(*(rows[name].tolist() for name in rows.columns), strict=True)


@cache
def _record(columns: tuple[str, ...]) -> Any:
    # Creating such a class takes as long as reading a thousand rows, and `DataFrame.itertuples` creates one on each call.
    return namedtuple("_Record", columns)


def _objects(values: Iterable[Any]) -> pd.Series[Any]:
    return pd.Series(list(values), dtype=object)


@dataclass(frozen=True, slots=True)
class Store:
    """Everything that a master stores, as frames with the columns of STORE."""

    files: pd.DataFrame = field(default_factory=lambda: empty_frame(STORE["files"]))
    values: pd.DataFrame = field(default_factory=lambda: empty_frame(STORE["values"]))
    notes: pd.DataFrame = field(default_factory=lambda: empty_frame(STORE["notes"]))
    decisions: pd.DataFrame = field(default_factory=lambda: empty_frame(STORE["decisions"]))
    group: pd.DataFrame = field(default_factory=lambda: empty_frame(STORE["group"]))
    plans: pd.DataFrame = field(default_factory=lambda: empty_frame(STORE["plans"]))


def add_returns(held: Store, items: Sequence[Checked], batch: Mapping[str, Checked]) -> Store:
    """
    The store with this batch added. A file that is read again replaces what was stored of it, except its first name and the answers
    that the plan no longer asks for: these were merged while the plan still asked for them.
    """
    files, values, notes = [], [], []
    names: dict[str, str] = dict(zip(held.files["sha256"], held.files["file"], strict=True))
    for item in items:
        returned = item.returned
        names[returned.sha256] = min(returned.file, names.get(returned.sha256, returned.file))
    for sha256, item in batch.items():
        returned, stamp = item.returned, item.returned.stamp
        stamp_values = (stamp.agency, stamp.period, stamp.version) if stamp else (None, None, None)
        modified = returned.modified.strftime("%Y-%m-%dT%H:%M:%SZ") if returned.modified else None
        cells = None if returned.entries is None else len(returned.entries)
        files.append((sha256, names[sha256], *stamp_values, modified, cells))
        values += [_value_row(sha256, key, entry) for key, entry in (returned.entries or {}).items()]
        # What the plan has changed since is news once; stored, it would make the same returns give different masters.
        notes += [_note_row(sha256, finding) for finding in item.findings if finding.code != "EARLIER_VERSION"]
    values += _answers_no_longer_requested(held.values, batch)
    return replace(
        held,
        files=_with_rows_replaced(held.files, batch, "files", files),
        values=_with_rows_replaced(held.values, batch, "values", values),
        notes=_with_rows_replaced(held.notes, batch, "notes", notes),
    )


def _answers_no_longer_requested(old: pd.DataFrame, batch: Mapping[str, Checked]) -> list[Any]:
    """The stored values of this batch's files that are not among their entries any more, because the plan has changed."""
    earlier_values = old[old["sha256"].isin(list(batch))]
    return [row for row in earlier_values.itertuples(index=False, name=None) if row[1] not in (batch[row[0]].returned.entries or {})]


def _with_rows_replaced(old: pd.DataFrame, batch: Mapping[str, Checked], name: str, rows: list[Any]) -> pd.DataFrame:
    """The stored rows of other files and the new rows of these, in an order that does not depend on when they were read."""
    unchanged = old[~old["sha256"].isin(list(batch))]
    combined = pd.concat([unchanged, object_frame(STORE[name], rows)], ignore_index=True)
    # Stable: the rows of one file stay in the order in which they were read.
    return combined.sort_values("sha256", kind="stable", ignore_index=True)


def _value_row(sha256: str, key: str, entry: Entry) -> tuple[Any, ...]:
    state = "blank" if entry.blank else "held" if entry.value is None else "value"
    # A value that is held back is stored as it was typed, so that a change in a later return is noticed.
    text = shown(entry.raw) if state == "held" else value_to_text(entry.value)
    place = entry.place
    return (sha256, key, entry.field.kind, state, text, place.sheet, place.row, place.column)


def _note_row(sha256: str, note: Finding) -> tuple[Any, ...]:
    place = note.place
    row = (
        sha256, note.code, note.severity.value, place.sheet, place.row, place.column, note.key, note.value, note.message,
        note.fix, note.held_back,
    )  # fmt: skip
    # A sheet cannot distinguish an empty text from a blank cell, and reading must return exactly what was written.
    return tuple(None if part == "" else part for part in row)


def value_to_text(value: Value) -> str | None:
    """A value as text that `text_to_value` converts back exactly."""
    if value is None or isinstance(value, str):
        return value
    return value.isoformat() if isinstance(value, date) else repr(value)


def text_to_value(text: str | None, kind: FieldKind) -> Value:
    """The value that `value_to_text` converted to text."""
    if text is None or kind in ("text", "rating", "choice"):
        return text
    if kind == "date":
        return date.fromisoformat(text)
    return float(text) if any(character in text for character in ".en") else int(text)


def with_group_entries(store: Store, period: str, entries: Mapping[str, str | None]) -> Store:
    """The store with the entries that are now in the pages of one period. Entries that those pages do not show are kept."""
    unchanged = {row for row in row_tuples(store.group) if row[0] != period or row[1] not in entries}
    new = {(period, key, text) for key, text in entries.items() if text}
    return replace(store, group=object_frame(STORE["group"], sorted(unchanged | new)))


class StoredValues:
    """The stored values of each file, by key."""

    def __init__(self, rows: pd.DataFrame) -> None:
        self.by_file: dict[str, dict[str, tuple[Any, ...]]] = defaultdict(dict)
        for row in row_tuples(rows):
            self.by_file[row[0]][row[1]] = row[2:]

    def value(self, sha256: str, key: str) -> Value:
        """One value as it is used; None when blank, held back or not in the return."""
        row = self.by_file[sha256].get(key)
        return text_to_value(row[2], row[0]) if row and row[1] == "value" else None

    def text(self, sha256: str, key: str) -> str | None:
        """What was typed, held back or not, as the store has it; None when blank or not in the return."""
        row = self.by_file[sha256].get(key)
        return None if row is None or row[1] == "blank" else row[2]

    def text_in(self, sources: Mapping[str, str], key: str) -> str | None:
        """The same, from the file that `sources` names for the key."""
        return self.text(sources[key], key) if key in sources else None

    def as_typed(self, sha256: str, key: str) -> Value:
        """What was typed, held back or not; None when blank."""
        row = self.by_file[sha256].get(key)
        return None if row is None or row[1] == "blank" else text_to_value(row[2], row[0]) if row[1] == "value" else row[2]

    def content(self, sha256: str) -> tuple[Any, ...]:
        """All answers of a return, to compare two returns."""
        return tuple(sorted((key, row[1], row[2]) for key, row in self.by_file[sha256].items() if row[1] != "blank"))
