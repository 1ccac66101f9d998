"""A returned file as values with their addresses. Bad input is findings, never an exception."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from concurrent.futures import Executor, Future
from pathlib import Path
from typing import Any

from cedg_excel.copy_names import named_for
from cedg_excel.excel import gate
from cedg_excel.excel.encryption import NO_PASSWORDS, Passwords
from cedg_excel.excel.gate import Refused
from cedg_excel.excel.grid import Grid, read_grids
from cedg_excel.excel.sheet_details import details_by_title
from cedg_excel.excel.sheet_xml import SheetDetails
from cedg_excel.excel.workbook_info import WorkbookInfo, workbook_info
from cedg_excel.findings import Finding, Place
from cedg_excel.form.layout import layout_for
from cedg_excel.form.model import Layout
from cedg_excel.form.rules import BY_CODE
from cedg_excel.form.stamp import STAMP_PROPERTIES, Stamp, read_stamp
from cedg_excel.personal_data import mask_identifiers
from cedg_excel.plan.model import Plan
from cedg_excel.returns.alignment import Aligned, align
from cedg_excel.returns.entry import read_entry
from cedg_excel.returns.form_findings import form_findings, lost_dropdowns
from cedg_excel.returns.model import Entry, Return
from cedg_excel.returns.nothing_new import issued_values, without_unchanged
from cedg_excel.returns.other_version import findings_for_version
from cedg_excel.returns.reasons import with_reasons
from cedg_excel.returns.tab_matching import match_sheets
from cedg_excel.tab_names import COVER
from cedg_excel.text import nearest


def read_returns(
    paths: Iterable[Path], plan: Plan, executor: Executor | None = None, passwords: Passwords = NO_PASSWORDS
) -> Iterator[Return]:
    """
    Every file as a Return, in the order given. One bad file never stops the rest.

    `executor` is any `concurrent.futures.Executor`, which begins at once; without one each file is read here when its turn
    comes. `passwords` open encrypted ones.
    """
    if executor is None:
        return (read_return(path, plan, passwords) for path in paths)
    # Not Executor.map: a cluster's version has other parameters, and some cannot send files in batches.
    batches = [executor.submit(_read_batch, batch, plan, passwords) for batch in _batches(list(paths))]
    return (returned for batch in _in_order(batches) for returned in batch.result())


MAX_BATCH_SIZE = 16


def _batches(paths: list[Path]) -> Iterator[list[Path]]:
    """Batches small enough to keep all workers busy, and large enough that sending the plan with each costs little."""
    size = min(MAX_BATCH_SIZE, max(1, len(paths) // 8))
    return (paths[first : first + size] for first in range(0, len(paths), size))


def _read_batch(paths: list[Path], plan: Plan, passwords: Passwords) -> list[Return]:
    return [read_return(path, plan, passwords) for path in paths]


def _in_order(batches: list[Future[list[Return]]]) -> Iterator[Future[list[Return]]]:
    """The batches in order. None is kept once it has been used, so that memory stays flat."""
    batches.reverse()
    while batches:
        yield batches.pop()


def read_return(path: Path, plan: Plan, passwords: Passwords = NO_PASSWORDS) -> Return:
    """One file as a Return."""
    # The file name is shown wherever the file is mentioned, so it must not identify a child either.
    file = mask_identifiers(path.name)
    if file.startswith("~$"):
        return Return(file, "", findings=(BY_CODE["LOCK_FILE"].finding(file),))
    if not path.is_file():
        return Return(file, "", findings=(BY_CODE["NOT_A_FILE"].finding(file),))
    sha256 = ""
    try:
        opened = gate.open_file(path, passwords)
        sha256 = opened.sha256
        return _read(file, opened, plan)
    except Refused as refusal:
        finding = refusal_finding(refusal, file)
        return Return(file, sha256 or gate.sha256_of(path), findings=(finding,))


def refusal_finding(refusal: Refused, file: str) -> Finding:
    """The reason why a file was refused, as a finding."""
    return BY_CODE[refusal.code].finding(file, Place(), key=None, **refusal.words)


def _read(file: str, opened: gate.Opened, plan: Plan) -> Return:
    book = workbook_info(opened.parts)
    details = details_by_title(opened.parts, book)
    grids = read_grids(opened, details)
    stamp = _stamp(grids, book)
    layout = _layout(stamp, plan, file)
    tabs, findings = match_sheets(layout.sheets, grids, file)
    entries, entry_findings = _entries(layout, stamp, tabs, details, book, file)
    findings += entry_findings
    if stamp != layout.stamp:
        findings = findings_for_version(findings, layout, tabs, file)
    findings += [*form_findings(opened, book, details, {grid.title for grid in tabs.values()}, file)]
    return Return(file, opened.sha256, stamp, book.modified, entries, tuple(sorted(findings, key=lambda f: f.order)), opened.password)


def _stamp(grids: Mapping[str, Grid], book: WorkbookInfo) -> Stamp:
    """The copy's stamp: from the Cover, else from any other tab, else from the document properties."""
    visible = _stamps(grids[COVER]) if COVER in grids else []
    visible = visible or [stamp for grid in grids.values() for stamp in _stamps(grid)]
    properties = [book.properties.get(name, "") for name in STAMP_PROPERTIES]
    from_properties = Stamp(*properties) if all(properties) else None
    if len(set(visible)) > 1:
        raise Refused("STAMP_UNCLEAR", value=" and ".join(sorted(str(stamp) for stamp in set(visible))))
    stamp = visible[0] if visible else from_properties
    if stamp is None:
        raise Refused("NOT_OURS")
    if from_properties and (from_properties.agency, from_properties.period) != (stamp.agency, stamp.period):
        other = f"its properties say {from_properties.agency}, {from_properties.period}"
        raise Refused("WRONG_AGENCY", value=f"{stamp.agency}, {stamp.period}", other=other)
    return stamp


def _stamps(grid: Grid) -> list[Stamp]:
    texts = (value for value in grid.cells.values() if isinstance(value, str) and "cedg" in value)
    return [stamp for text in texts if (stamp := read_stamp(text))]


def _layout(stamp: Stamp, plan: Plan, file: str) -> Layout:
    if stamp.plan != plan.about.id:
        raise Refused("OTHER_PLAN", value=stamp.plan)
    if stamp.agency not in plan.agency_by_id:
        raise Refused("UNKNOWN_AGENCY", value=stamp.agency, near=nearest(stamp.agency, plan.agency_by_id))
    if stamp.period not in plan.period_by_id:
        raise Refused("UNKNOWN_PERIOD", value=stamp.period, near=nearest(stamp.period, plan.period_by_id))
    if (file_name_stamp := named_for(file, plan.agency_by_id, plan.period_by_id)) not in (None, (stamp.agency, stamp.period)):
        # Last quarter's copy filled in again is for last quarter, whatever it is called.
        raise Refused("WRONG_AGENCY", value=f"{stamp.agency}, {stamp.period}", other=f"the file is named for {', '.join(file_name_stamp)}")
    return layout_for(plan, stamp.agency, stamp.period)


def _entries(
    layout: Layout, stamp: Stamp, tabs: Mapping[str, Grid], details: Mapping[str, SheetDetails], book: WorkbookInfo, file: str
) -> tuple[Mapping[str, Entry], list[Finding]]:
    same_version = stamp == layout.stamp
    findings = []
    if not same_version:
        findings.append(BY_CODE["OTHER_VERSION"].finding(file, value=_version_difference(stamp, layout.stamp)))
    entries: dict[str, Entry] = {}
    typed: dict[str, Any] = {}
    issued: dict[str, Any] = {}
    for sheet in layout.sheets:
        if sheet.title not in tabs:
            continue
        grid = tabs[sheet.title]
        aligned: Aligned = align(sheet, grid, file, same_version, details[grid.title].formulas.keys())
        findings += aligned.findings
        findings += lost_dropdowns(aligned, details[grid.title], grid.title, file)
        for field, address in aligned.fields:
            place, typed[field.key] = Place(grid.title, *address), grid.cells.get(address)
            entries[field.key] = read_entry(field, place, typed[field.key], details[grid.title], address, book.epoch_1904)
        issued |= issued_values(grid, aligned.issued)
    return without_unchanged(with_reasons(entries, layout), typed, issued), findings


def _version_difference(stamp: Stamp, current: Stamp) -> str:
    if stamp.version != current.version:
        return f"version {stamp.version} of the plan; the current version is {current.version}"
    return "an earlier form of the same plan"
