"""What the master remembers: every return it has ever read, value by value, by the file's SHA-256."""

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
}
"""
What the master remembers. `state` is value, held or blank; `decision` is strict, preferred or withdrawn; `group` is what
the group itself has written into the pages: `group/2.3/rating`, `group/2.3/note`, `agreed/2/impact`.
"""


def empty_frame(columns: Sequence[str]) -> pd.DataFrame:
    """A frame of objects without rows."""
    return pd.DataFrame({name: pd.Series([], dtype=object) for name in columns})


def object_frame(columns: Sequence[str], rows: Iterable[Sequence[Any]]) -> pd.DataFrame:
    """A frame of objects, so that no value is ever converted on the way."""
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
    # Making such a class takes as long as reading a thousand rows, and pandas makes one for each walk over a frame.
    return namedtuple("_Record", columns)


def _objects(values: Iterable[Any]) -> pd.Series[Any]:
    return pd.Series(list(values), dtype=object)


@dataclass(frozen=True, slots=True)
class Store:
    """Everything a master remembers, as frames with the columns of STORE."""

    files: pd.DataFrame = field(default_factory=lambda: empty_frame(STORE["files"]))
    values: pd.DataFrame = field(default_factory=lambda: empty_frame(STORE["values"]))
    notes: pd.DataFrame = field(default_factory=lambda: empty_frame(STORE["notes"]))
    decisions: pd.DataFrame = field(default_factory=lambda: empty_frame(STORE["decisions"]))
    group: pd.DataFrame = field(default_factory=lambda: empty_frame(STORE["group"]))


def add_returns(held: Store, items: Sequence[Checked], batch: Mapping[str, Checked]) -> Store:
    """
    The store with this batch in it. A file read again replaces what was known of it, but for its first name and for the
    answers that the plan asks for no longer: these were merged while it did.
    """
    files, values, notes = [], [], []
    names: dict[str, str] = dict(zip(held.files["sha256"], held.files["file"], strict=True))
    for item in items:
        returned = item.returned
        names[returned.sha256] = min(returned.file, names.get(returned.sha256, returned.file))
    for sha256, item in batch.items():
        returned, stamp = item.returned, item.returned.stamp
        whose = (stamp.agency, stamp.period, stamp.version) if stamp else (None, None, None)
        modified = returned.modified.strftime("%Y-%m-%dT%H:%M:%SZ") if returned.modified else None
        cells = None if returned.entries is None else len(returned.entries)
        files.append((sha256, names[sha256], *whose, modified, cells))
        values += [_value_row(sha256, key, entry) for key, entry in (returned.entries or {}).items()]
        notes += [_note_row(sha256, finding) for finding in item.findings]
    values += _asked_no_longer(held.values, batch)
    return Store(
        _renewed(held.files, batch, "files", files),
        _renewed(held.values, batch, "values", values),
        _renewed(held.notes, batch, "notes", notes),
        held.decisions,
        held.group,
    )


def _asked_no_longer(old: pd.DataFrame, batch: Mapping[str, Checked]) -> list[Any]:
    """What the files of this batch said, when they were read before, to questions that are now asked no longer."""
    again = old[old["sha256"].isin(list(batch))]
    return [row for row in again.itertuples(index=False, name=None) if row[1] not in (batch[row[0]].returned.entries or {})]


def _renewed(old: pd.DataFrame, batch: Mapping[str, Checked], name: str, rows: list[Any]) -> pd.DataFrame:
    """Old rows of other files and new ones of these, in an order that does not tell which came when."""
    kept = old[~old["sha256"].isin(list(batch))]
    both = pd.concat([kept, object_frame(STORE[name], rows)], ignore_index=True)
    # Stable: the rows of one file stay in the order in which they were read.
    return both.sort_values("sha256", kind="stable", ignore_index=True)


def _value_row(sha256: str, key: str, entry: Entry) -> tuple[Any, ...]:
    state = "blank" if entry.blank else "held" if entry.value is None else "value"
    # What is held back is remembered as it was typed, so that a later return can be seen to change it.
    text = shown(entry.raw) if state == "held" else value_to_text(entry.value)
    place = entry.place
    return (sha256, key, entry.field.kind, state, text, place.sheet, place.row, place.column)


def _note_row(sha256: str, note: Finding) -> tuple[Any, ...]:
    place = note.place
    row = (
        sha256, note.code, note.severity.value, place.sheet, place.row, place.column, note.key, note.value, note.message,
        note.fix, note.held_back,
    )  # fmt: skip
    # A sheet cannot tell an empty text from nothing, and what is read back must be what was written.
    return tuple(None if part == "" else part for part in row)


def value_to_text(value: Value) -> str | None:
    """A value as text that `typed` reads back exactly."""
    if value is None or isinstance(value, str):
        return value
    return value.isoformat() if isinstance(value, date) else repr(value)


def text_to_value(text: str | None, kind: FieldKind) -> Value:
    """The value that `written` wrote."""
    if text is None or kind in ("text", "rating", "choice"):
        return text
    if kind == "date":
        return date.fromisoformat(text)
    return float(text) if any(mark in text for mark in ".en") else int(text)


def record_decisions(store: Store, batch: Mapping[str, Checked], strict: bool, prefer: Iterable[str]) -> Store:
    """Record what was decided in this run. Whether a return is held back whole is decided anew each time it is read."""
    old = set(row_tuples(store.decisions))
    new = {(sha, decision) for sha, decision in old if decision != "strict" or sha not in batch}
    new |= {(sha, "strict") for sha, item in batch.items() if strict and item.has_errors and not item.returned.rejected}
    new |= {(sha, "preferred") for sha in prefer}
    return replace(store, decisions=object_frame(STORE["decisions"], sorted(new)))


def with_group_entries(store: Store, period: str, written_in: Mapping[str, str | None]) -> Store:
    """The store with what stands in the pages of one period now. What those pages do not show is kept as it was."""
    kept = {row for row in row_tuples(store.group) if row[0] != period or row[1] not in written_in}
    new = {(period, key, text) for key, text in written_in.items() if text}
    return replace(store, group=object_frame(STORE["group"], sorted(kept | new)))


class StoredValues:
    """The stored values of each file, by key."""

    def __init__(self, rows: pd.DataFrame) -> None:
        self.by_file: dict[str, dict[str, tuple[Any, ...]]] = defaultdict(dict)
        for row in row_tuples(rows):
            self.by_file[row[0]][row[1]] = row[2:]

    def value(self, sha256: str, key: str) -> Value:
        """One value as it is used; None when blank, held back or not there."""
        row = self.by_file[sha256].get(key)
        return text_to_value(row[2], row[0]) if row and row[1] == "value" else None

    def typed_in(self, sha256: str, key: str) -> Value:
        """What was typed, held back or not; None when blank."""
        row = self.by_file[sha256].get(key)
        return None if row is None or row[1] == "blank" else text_to_value(row[2], row[0]) if row[1] == "value" else row[2]

    def content(self, sha256: str) -> tuple[Any, ...]:
        """All that a return says, to tell whether two say the same."""
        return tuple(sorted((key, row[1], row[2]) for key, row in self.by_file[sha256].items() if row[1] != "blank"))
