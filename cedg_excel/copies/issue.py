"""Writes the copies of a period as files, filled in with what each agency last reported."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from pathlib import Path

from cedg_excel.copies.prefill import Prefill, prefill
from cedg_excel.copies.template import issued_at, template_bytes
from cedg_excel.copy_names import copy_file
from cedg_excel.excel.encryption import NO_PASSWORDS, Passwords, encrypt
from cedg_excel.files import replace_file
from cedg_excel.form.model import Value
from cedg_excel.master.read_workbook import read_table
from cedg_excel.plan.model import Period, Plan
from cedg_excel.returns.model import Entry
from cedg_excel.returns.read import read_return


def prefills(plan: Plan, master: Path | None) -> Callable[[str, str], Prefill]:
    """A function from agency and period to the content of the copy, taken from the master; always empty without a master."""
    if master is None:
        return lambda _agency, _period: Prefill()
    actions, kpis = read_table(master, "actions"), read_table(master, "kpis")
    return lambda agency, period: prefill(plan, agency, period, actions, kpis)


def copies_filled_in(
    plan: Plan, period: Period, agencies: Iterable[str], folder: Path, master: Path | None, passwords: Passwords = NO_PASSWORDS
) -> list[Path]:
    """The copies in a folder that somebody has filled in and saved since they were written."""
    changed = []
    for agency in agencies:
        path = _copy_path(folder, agency, period)
        if (
            path.is_file()
            and (returned := read_return(path, plan, passwords)).entries is not None
            and returned.modified != issued_at(period)
        ):
            changed.append((agency, path, returned.entries))
    prefill_for = prefills(plan, master) if changed else None
    return [path for agency, path, entries in changed if prefill_for and _has_new_answers(entries, prefill_for(agency, period.id).values)]


def _has_new_answers(entries: Mapping[str, Entry], prefilled: Mapping[str, Value]) -> bool:
    return any(not entry.blank and (entry.value is None or entry.value != prefilled.get(key)) for key, entry in entries.items())


def _copy_path(folder: Path, agency: str, period: Period) -> Path:
    return folder / copy_file(agency, period.id)


def write_copies(
    plan: Plan, period: Period, agencies: Iterable[str], folder: Path, master: Path | None, passwords: Mapping[str, str] | None = None
) -> tuple[int, int]:
    """
    Write the copies of these agencies, encrypted with the agency's password where there is one.

    Returns how many were written, and how many of them are prefilled.
    """
    prefill_for = prefills(plan, master)
    written = prefilled = 0
    for agency in agencies:
        content = prefill_for(agency, period.id)
        copy = template_bytes(plan, agency, period.id, values=content.values, past=content.locked)
        password = (passwords or {}).get(agency)
        replace_file(_copy_path(folder, agency, period), encrypt(copy, password) if password else copy)
        written += 1
        prefilled += bool(content.values or content.past)
    return written, prefilled
