"""The copies of a period as files, filled in with what each agency last reported."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from pathlib import Path

from cedg_excel.encryption import encrypted
from cedg_excel.files import replace_file
from cedg_excel.master import read_table
from cedg_excel.plan import Period, Plan
from cedg_excel.prefill import Prefill, prefill
from cedg_excel.template import template_bytes


def prefills(plan: Plan, master: Path | None) -> Callable[[str, str], Prefill]:
    """From agency and period to what the copy says already, out of a master; nothing without one."""
    if master is None:
        return lambda _agency, _period: Prefill()
    actions, kpis = read_table(master, "actions"), read_table(master, "kpis")
    return lambda agency, period: prefill(plan, agency, period, actions, kpis)


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
        replace_file(folder / f"{agency}_{period.id}.xlsx", encrypted(copy, password) if password else copy)
        number += 1
        filled += bool(already.values or already.past)
    return number, filled
