"""A returned file as values with their addresses. Bad input is findings, never an exception."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from concurrent.futures import Executor, Future
from dataclasses import replace
from pathlib import Path
from typing import Any

from cedg_excel.copy_names import named_for
from cedg_excel.excel import gate
from cedg_excel.excel.encryption import NO_PASSWORDS, Passwords
from cedg_excel.excel.gate import Refused
from cedg_excel.excel.grid import Grid
from cedg_excel.excel.reader import read_workbook
from cedg_excel.excel.sheet_xml import SheetDetails
from cedg_excel.excel.workbook_info import WorkbookInfo
from cedg_excel.findings import Finding, Place
from cedg_excel.form.layout import layout_for
from cedg_excel.form.model import Layout
from cedg_excel.form.rules import BY_CODE
from cedg_excel.form.stamp import MASTER_PROPERTY, STAMP_PROPERTIES, Stamp, plan_of_master, read_stamp
from cedg_excel.plan.model import Plan
from cedg_excel.returns.alignment import Aligned, align
from cedg_excel.returns.entry import read_entry
from cedg_excel.returns.file_names import file_names, own_name, shown_name
from cedg_excel.returns.form_findings import form_findings, lost_dropdowns
from cedg_excel.returns.inbox import NOT_A_WORKBOOK, received_in
from cedg_excel.returns.model import Entry, Return
from cedg_excel.returns.nothing_new import issued_values, without_unchanged
from cedg_excel.returns.other_version import findings_for_version
from cedg_excel.returns.own_version import Plans, changes_since, versions_of
from cedg_excel.returns.reasons import with_reasons
from cedg_excel.returns.sender import with_sender
from cedg_excel.returns.tab_matching import match_sheets
from cedg_excel.tab_names import COVER
from cedg_excel.text import nearest

NamedFile = tuple[Path, str]
"""A file and the name that is shown for it."""


def read_returns(
    paths: Iterable[Path], plan: Plan, executor: Executor | None = None, passwords: Passwords = NO_PASSWORDS, earlier: Plans = ()
) -> Iterator[Return]:
    """
    The returns in every file, in the order given. One bad file never stops the rest.

    A workbook is one Return; an e-mail or zip file is one for each file in it that may be a return. `executor` is any
    `concurrent.futures.Executor`, which begins at once; without one each file is read here when its turn comes.
    `passwords` open encrypted ones. `earlier` are earlier versions of the plan, the newest first: a copy that
    was made from one of them is read by it.
    """
    return (returned for returns in read_files(paths, plan, executor, passwords, earlier) for returned in returns)


def read_files(
    paths: Iterable[Path], plan: Plan, executor: Executor | None = None, passwords: Passwords = NO_PASSWORDS, earlier: Plans = ()
) -> Iterator[list[Return]]:
    """The same with a list for each file, for those who count the files."""
    paths = list(paths)
    files = list(zip(paths, file_names(paths), strict=True))
    if executor is None:
        return (_read_file(path, name, plan, passwords, earlier) for path, name in files)
    # Not Executor.map: a cluster's version has other parameters, and some cannot send files in batches.
    batches = [executor.submit(_read_batch, batch, plan, passwords, earlier) for batch in _batches(files)]
    return (returns for batch in _in_order(batches) for returns in batch.result())


MAX_BATCH_SIZE = 16


def _batches(files: list[NamedFile]) -> Iterator[list[NamedFile]]:
    """Batches small enough to keep all workers busy, and large enough that sending the plan with each costs little."""
    size = min(MAX_BATCH_SIZE, max(1, len(files) // 8))
    return (files[first : first + size] for first in range(0, len(files), size))


def _read_batch(files: list[NamedFile], plan: Plan, passwords: Passwords, earlier: Plans) -> list[list[Return]]:
    return [_read_file(path, name, plan, passwords, earlier) for path, name in files]


def _in_order(batches: list[Future[list[list[Return]]]]) -> Iterator[Future[list[list[Return]]]]:
    """The batches in order. None is kept once it has been used, so that memory stays flat."""
    batches.reverse()
    while batches:
        yield batches.pop()


def _read_file(path: Path, file: str, plan: Plan, passwords: Passwords, earlier: Plans) -> list[Return]:
    """The returns in a file of the inbox."""

    def read(name: str, data: bytes) -> Return:
        return _read_workbook(name, gate.open_data(data, own_name(name), passwords), plan, earlier)

    return [replace(with_sender(item, plan), path=path) for item in received_in(path, file, read)]


def read_return(path: Path, plan: Plan, passwords: Passwords = NO_PASSWORDS, earlier: Plans = ()) -> Return:
    """One workbook as a Return. An e-mail or zip file is refused: `read_returns` opens those."""
    file = shown_name(path.name)
    if file.startswith("~$"):
        return Return(file, "", findings=(BY_CODE["LOCK_FILE"].finding(file),))
    if not path.is_file():
        return Return(file, "", findings=(BY_CODE["NOT_A_FILE"].finding(file),))
    try:
        return _read_workbook(file, gate.open_file(path, passwords), plan, earlier)
    except Refused as refusal:
        return Return(file, gate.sha256_of(path), findings=(refusal_finding(refusal, file),))


def _read_workbook(file: str, opened: gate.Opened, plan: Plan, earlier: Plans) -> Return:
    try:
        return _read(file, opened, plan, earlier)
    except Refused as refusal:
        return Return(file, opened.sha256, findings=(refusal_finding(refusal, file),))


def refusal_finding(refusal: Refused, file: str) -> Finding:
    """The reason why a file was refused, as a finding."""
    return BY_CODE[refusal.code].finding(file, Place(), key=None, **{"kind": NOT_A_WORKBOOK, **refusal.words})


def _read(file: str, opened: gate.Opened, plan: Plan, earlier: Plans) -> Return:
    workbook = read_workbook(opened)
    book, details, grids = workbook.info, workbook.details, workbook.grids
    if master := book.properties.get(MASTER_PROPERTY, "").strip():
        raise Refused("IS_MASTER", value=master)
    stamp = _stamp(grids, book)
    readings = []
    for number in versions_of(stamp, plan, earlier):
        layout = _layout(stamp, earlier[number - 1] if number else plan, file)
        readings.append(replace(_read_by(layout, stamp, grids, details, book, opened, file), version=number))
        if not readings[-1].differs_from_form:
            break
    # Where a version was changed without a new number, the copy tells which of them it was made from.
    best = min(readings, key=lambda reading: reading.differs_from_form)
    changes = changes_since(stamp, plan, earlier[best.version - 1]) if best.version else ""
    since = [BY_CODE["EARLIER_VERSION"].finding(file, value=stamp.version, changes=changes)] if changes else []
    return replace(best, findings=tuple(sorted((*best.findings, *since), key=lambda finding: finding.order)))


def _read_by(
    layout: Layout, stamp: Stamp, grids: Mapping[str, Grid], details: Mapping[str, SheetDetails], book: WorkbookInfo,
    opened: gate.Opened, file: str,
) -> Return:  # fmt: skip
    """The return as it is read by the layout of one version of the plan."""
    tabs, findings = match_sheets(layout.sheets, grids, file)
    entries, entry_findings = _entries(layout, stamp, tabs, details, book, file)
    findings += entry_findings
    if stamp != layout.stamp:
        findings = findings_for_version(findings, layout, tabs, file)
    findings += [*form_findings(opened, book, details, {grid.title for grid in tabs.values()}, file)]
    return Return(file, opened.sha256, stamp, book.modified, entries, tuple(findings), opened.password)


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
        raise _without_stamp(grids)
    if from_properties and (from_properties.agency, from_properties.period) != (stamp.agency, stamp.period):
        other = f"its properties say {from_properties.agency}, {from_properties.period}"
        raise Refused("WRONG_AGENCY", value=f"{stamp.agency}, {stamp.period}", other=other)
    return stamp


def _without_stamp(grids: Mapping[str, Grid]) -> Refused:
    """What a workbook without a copy's stamp is: a master has its own, and keeps it where a program drops document properties."""
    texts = (value for grid in grids.values() for value in grid.cells.values() if isinstance(value, str))
    master = next((plan for text in texts if (plan := plan_of_master(text))), None)
    return Refused("IS_MASTER", value=master) if master else Refused("NOT_OURS")


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
    if (file_name_stamp := named_for(own_name(file), plan.agency_by_id, plan.period_by_id)) not in (None, (stamp.agency, stamp.period)):
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
