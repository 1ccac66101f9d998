"""How the entries of a plan refer to each other: ids and refs that repeat, and ids that name nothing."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator
from typing import Any

from cedg_excel.plan.mistakes import Data, Mistake
from cedg_excel.plan.model import ACTION_REF, KPI_REF
from cedg_excel.text import nearest


def reference_mistakes(data: Data, incomplete: set[int | str]) -> Iterator[Mistake]:
    """Every mistake of this kind. `incomplete` are the tables with ids that cannot be read: references to them are not checked."""
    for table, key in (("agency", "id"), ("objective", "number"), ("action", "ref"), ("kpi", "ref"), ("period", "id")):
        yield from _repeated_ids(data, table, key)
    for table, pattern in (("action", ACTION_REF), ("kpi", KPI_REF)):
        for index, entry in entries_of(data, table):
            match = pattern.fullmatch(id_in(entry.get("ref")))
            if match and "objective" not in incomplete and int(match[1]) not in _objective_numbers(data):
                yield Mistake("unknown_id", (table, index, "ref"), f"there is no objective {int(match[1])}.")
            yield from _wrong_agencies(data, table, index, entry, incomplete)
    for index, entry in entries_of(data, "waiver"):
        for table in ("agency", "period"):
            yield from unknown_id(data, incomplete, table, ("waiver", index, table), id_in(entry.get(table)))


def _wrong_agencies(data: Data, table: str, index: int, entry: Data, incomplete: set[int | str]) -> Iterator[Mistake]:
    lists = {
        key: [id_in(name) for name in value] for key in ("agencies", "contributors") if isinstance(value := entry.get(key), list | tuple)
    }
    for key, ids in lists.items():
        loc = (table, index, key)
        for agency in ids:
            yield from unknown_id(data, incomplete, "agency", loc, agency)
        for agency, times in Counter(ids).items():
            if times > 1:
                yield Mistake("listed_twice", loc, f"'{agency}' appears {times} times; once is enough.")
    for agency in sorted(set(lists.get("agencies", ())) & set(lists.get("contributors", ()))):
        yield Mistake("wrong_entry", (table, index), f"'{agency}' is in agencies and in contributors; keep one.")


def unknown_id(
    data: Data, incomplete: set[int | str], table: str, loc: tuple[int | str, ...], name: str, key: str = "id"
) -> Iterator[Mistake]:
    """The mistake that a name is no id (or ref, as `key` says) of this table; none for a blank name."""
    known = [id_in(entry.get(key)) for _, entry in entries_of(data, table)]
    if name and table not in incomplete and name not in known:
        yield Mistake("unknown_id", loc, f"unknown {table} '{name}'.{nearest(name, known)}")


def _repeated_ids(data: Data, table: str, key: str) -> Iterator[Mistake]:
    # Upper and lower case count as the same: Windows would write both agencies' copies to one file.
    by_folded_id: dict[str, list[tuple[int, str]]] = defaultdict(list)
    for index, entry in entries_of(data, table):
        if name := id_in(entry.get(key)):
            by_folded_id[name.casefold()].append((index, name))
    for same in by_folded_id.values():
        if len(same) > 1:
            (_, first_name), (second_index, _) = same[:2]
            message = f"'{first_name}' is used {len(same)} times; each must be different."
            yield Mistake("repeated_id", (table, second_index, key), message)


def entries_of(data: Data, table: str) -> list[tuple[int, Data]]:
    """The entries of a table that can be read at all, each with its place in the list."""
    entries = data.get(table)
    return [(index, entry) for index, entry in enumerate(entries) if isinstance(entry, dict)] if isinstance(entries, list) else []


def _objective_numbers(data: Data) -> set[int]:
    ids = [id_in(objective.get("number")) for _, objective in entries_of(data, "objective")]
    return {int(number) for number in ids if number.isdecimal()}


def id_in(value: Any) -> str:
    """An id or ref as the plan takes it; "" for a value that cannot be one."""
    return str(value).strip() if isinstance(value, str | int) and not isinstance(value, bool) else ""
