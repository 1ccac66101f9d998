"""The copies of a period as files, filled in with what each agency last reported."""

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
    """From agency and period to what the copy says already, out of a master; nothing without one."""
    if master is None:
        return lambda _agency, _period: Prefill()
    actions, kpis = read_table(master, "actions"), read_table(master, "kpis")
    return lambda agency, period: prefill(plan, agency, period, actions, kpis)


def copies_filled_in(
    plan: Plan, period: Period, agencies: Iterable[str], folder: Path, master: Path | None, passwords: Passwords = NO_PASSWORDS
) -> list[Path]:
    """The copies in a folder that someone has saved with more in them than they were written with."""
    saved = []
    for agency in agencies:
        path = _copy(folder, agency, period)
        if path.is_file() and (found := read_return(path, plan, passwords)).entries is not None and found.modified != issued_at(period):
            saved.append((agency, path, found.entries))
    said = prefills(plan, master) if saved else None
    return [path for agency, path, entries in saved if said and _typed(entries, said(agency, period.id).values)]


def _typed(entries: Mapping[str, Entry], given: Mapping[str, Value]) -> bool:
    return any(not entry.blank and (entry.value is None or entry.value != given.get(key)) for key, entry in entries.items())


def _copy(folder: Path, agency: str, period: Period) -> Path:
    return folder / copy_file(agency, period.id)


def write_copies(
    plan: Plan, period: Period, agencies: Iterable[str], folder: Path, master: Path | None, passwords: Mapping[str, str] | None = None
) -> tuple[int, int]:
    """
    Write the copies of these agencies, encrypted with the agency's password where there is one.

    Returns how many, and how many of them say something already.
    """
    said = prefills(plan, master)
    number = filled = 0
    for agency in agencies:
        already = said(agency, period.id)
        copy = template_bytes(plan, agency, period.id, values=already.values, past=already.past)
        password = (passwords or {}).get(agency)
        replace_file(_copy(folder, agency, period), encrypt(copy, password) if password else copy)
        number += 1
        filled += bool(already.values or already.past)
    return number, filled
