"""A returned file as values with their addresses. Bad input is findings, never an exception."""

from __future__ import annotations

import re
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
from cedg_excel.excel_facts import MAX_CHARACTERS
from cedg_excel.findings import Finding, Place
from cedg_excel.form import values
from cedg_excel.form.fields import Field
from cedg_excel.form.layout import layout_for
from cedg_excel.form.model import Layout
from cedg_excel.form.rules import BY_CODE
from cedg_excel.form.stamp import STAMP_PROPERTIES, Stamp, read_stamp
from cedg_excel.personal_data import HOLDING, take_out, without_identity
from cedg_excel.plan.model import Plan, nearest
from cedg_excel.returns.alignment import Aligned, align
from cedg_excel.returns.form_findings import form_findings, lost_dropdowns
from cedg_excel.returns.model import Entry, Return
from cedg_excel.returns.other_version import findings_for_version
from cedg_excel.returns.tab_matching import match_sheets
from cedg_excel.tab_names import COVER
from cedg_excel.text import shown


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
    # Not Executor.map: a cluster's has other parameters, and some have none for how many to send at a time.
    parts = [executor.submit(_read_part, part, plan, passwords) for part in _parts(list(paths))]
    return (item for part in _in_turn(parts) for item in part.result())


MOST_AT_A_TIME = 16


def _parts(paths: list[Path]) -> Iterator[list[Path]]:
    """Few enough at a time to go round among the workers, and enough that sending the plan with them costs little."""
    size = min(MOST_AT_A_TIME, max(1, len(paths) // 8))
    return (paths[first : first + size] for first in range(0, len(paths), size))


def _read_part(paths: list[Path], plan: Plan, passwords: Passwords) -> list[Return]:
    return [read_return(path, plan, passwords) for path in paths]


def _in_turn(parts: list[Future[list[Return]]]) -> Iterator[Future[list[Return]]]:
    """From the first to the last, and none kept once it has been used."""
    parts.reverse()
    while parts:
        yield parts.pop()


def read_return(path: Path, plan: Plan, passwords: Passwords = NO_PASSWORDS) -> Return:
    """One file as a Return."""
    # A file's name is shown wherever the file is, so nothing in it may identify a child either.
    file = without_identity(path.name)
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
    """Why the gate let a file not in, as a finding."""
    return BY_CODE[refusal.code].finding(file, Place(), key=None, **refusal.words)


def _read(file: str, opened: gate.Opened, plan: Plan) -> Return:
    book = workbook_info(opened.parts)
    marks = details_by_title(opened.parts, book)
    grids = read_grids(opened, marks)
    stamp = _stamp(grids, book)
    layout = _layout(stamp, plan, file)
    tabs, findings = match_sheets(layout.sheets, grids, file)
    entries, found = _entries(layout, stamp, tabs, marks, book, file)
    findings += found
    if stamp != layout.stamp:
        findings = findings_for_version(findings, layout, tabs, file)
    findings += [*form_findings(opened, book, marks, {grid.title for grid in tabs.values()}, file)]
    return Return(file, opened.sha256, stamp, book.modified, entries, tuple(sorted(findings, key=lambda f: f.order)), opened.password)


def _stamp(grids: Mapping[str, Grid], book: WorkbookInfo) -> Stamp:
    """Whose copy it is: by the stamp on the Cover or wherever else it stands, else by the document's properties."""
    found = _stamps(grids[COVER]) if COVER in grids else []
    found = found or [stamp for grid in grids.values() for stamp in _stamps(grid)]
    properties = [book.properties.get(name, "") for name in STAMP_PROPERTIES]
    hidden = Stamp(*properties) if all(properties) else None
    if len(set(found)) > 1:
        raise Refused("STAMP_UNCLEAR", value=" and ".join(sorted(str(stamp) for stamp in set(found))))
    stamp = found[0] if found else hidden
    if stamp is None:
        raise Refused("NOT_OURS")
    if hidden and (hidden.agency, hidden.period) != (stamp.agency, stamp.period):
        other = f"its properties say {hidden.agency}, {hidden.period}"
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
    if (named := named_for(file, plan.agency_by_id, plan.period_by_id)) not in (None, (stamp.agency, stamp.period)):
        # Last quarter's copy filled in again is for last quarter, whatever it is called.
        raise Refused("WRONG_AGENCY", value=f"{stamp.agency}, {stamp.period}", other=f"the file is named for {', '.join(named)}")
    return layout_for(plan, stamp.agency, stamp.period)


def _entries(
    layout: Layout, stamp: Stamp, tabs: Mapping[str, Grid], marks: Mapping[str, SheetDetails], book: WorkbookInfo, file: str
) -> tuple[dict[str, Entry], list[Finding]]:
    same = stamp == layout.stamp
    findings = []
    if not same:
        findings.append(BY_CODE["OTHER_VERSION"].finding(file, value=_which(stamp, layout.stamp)))
    entries = {}
    for sheet in layout.sheets:
        if sheet.title not in tabs:
            continue
        grid = tabs[sheet.title]
        aligned: Aligned = align(sheet, grid, file, compare_text=same)
        findings += aligned.findings
        findings += lost_dropdowns(aligned, marks[grid.title], grid.title, file)
        for item, address in aligned.fields:
            place = Place(grid.title, *address)
            entries[item.key] = _entry(item, place, grid.cells.get(address), marks[grid.title], address, book.epoch_1904)
    return entries, findings


def _which(stamp: Stamp, now: Stamp) -> str:
    if stamp.version != now.version:
        return f"version {stamp.version} of the plan, where {now.version} is in use"
    return "an earlier form of the same plan"


def _entry(item: Field, place: Place, raw: Any, marks: SheetDetails, address: tuple[int, int], epoch_1904: bool) -> Entry:
    return _guarded(_plain_entry(item, place, raw, marks, address, epoch_1904))


def _guarded(entry: Entry) -> Entry:
    """The entry without what could identify a child: that goes no further than here."""
    if isinstance(entry.raw, str):
        text = entry.raw
    elif isinstance(entry.raw, int | float) and not isinstance(entry.raw, bool):
        text = shown(entry.raw) or ""
    else:
        return entry
    clean, codes = take_out(text)
    if held := [code for code in codes if code in HOLDING]:
        return entry._replace(raw=clean[:MAX_CHARACTERS], value=None, note=held[0])
    if len(clean) > MAX_CHARACTERS:
        note = "TEXT_BEYOND_EXCEL" if entry.value is not None else entry.note
        return entry._replace(raw=clean[:MAX_CHARACTERS], value=None, note=note)
    if codes and entry.value is None:
        return entry._replace(raw=clean)
    return entry._replace(note=codes[0]) if codes and entry.note in (None, "FORMULA_USED") else entry


def _plain_entry(item: Field, place: Place, raw: Any, marks: SheetDetails, address: tuple[int, int], epoch_1904: bool) -> Entry:
    if (error := marks.errors.get(address)) is not None:
        return Entry(item, place, error, None, "ERROR_VALUE")
    reading = values.read(raw, item, epoch_1904)
    formula = marks.formula(address)
    if formula is None:
        return Entry(item, place, raw, reading.value, reading.rule_code)
    if _ELSEWHERE.search(_QUOTED.sub("", formula)):
        return Entry(item, place, f"={formula}", None, "FORMULA_EXTERNAL")
    if reading.value is None:
        return Entry(item, place, raw or f"={formula}", None, reading.rule_code or "FORMULA_NO_VALUE")
    return Entry(item, place, raw, reading.value, "FORMULA_USED")


_QUOTED = re.compile('"[^"]*"')
_ELSEWHERE = re.compile(r"""\[[^\[\]]+\][\w.]*!|'(?:[^'\[]|'')*\[[^\[\]]+\](?:[^']|'')*'!""")
"""Another workbook in a formula: `[1]Sheet1!A1`, `'[1]My sheet'!A1`. Tables have brackets too, but no exclamation mark."""
