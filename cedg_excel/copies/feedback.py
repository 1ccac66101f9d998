"""
Makes a clean copy to send back from a return and its findings.

The copy is rebuilt from the plan and filled in with the agency's values: the returned file, saved again, would pass on
whatever is hidden in it. The result is a valid copy, so that the agency can put it right and return it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from itertools import count
from math import isfinite

from openpyxl.worksheet.hyperlink import Hyperlink

from cedg_excel.checking.check import Checked, check
from cedg_excel.copies.formula_results import formula_results
from cedg_excel.copies.template import build_template, issued_at
from cedg_excel.copy_names import copy_stem
from cedg_excel.excel.page import Book, Page
from cedg_excel.excel.protection import lock_sheet
from cedg_excel.excel.save import to_bytes
from cedg_excel.findings import Finding, Place, Severity, shortened
from cedg_excel.form.fields import FieldKind
from cedg_excel.form.layout import layout_for
from cedg_excel.form.model import TITLE_COLUMN, Layout, Value
from cedg_excel.form.stamp import Stamp
from cedg_excel.plan.model import Plan
from cedg_excel.plan.notice import notice_paragraph
from cedg_excel.returns.model import Entry, Return
from cedg_excel.tab_names import PLEASE_FIX
from cedg_excel.text import shown

HEADINGS = ("No.", "Tab", "Cell", "About", "What was typed", "What is wrong", "What to do")
WIDTHS = (6.0, 14.0, 8.0, 32.0, 30.0, 44.0, 48.0)
GROUPS = ((Severity.ERROR, "Please put these right"), (Severity.WARNING, "Worth a look: change them only if they are wrong"))


@dataclass(frozen=True, slots=True)
class Feedback:
    """What is sent back to one agency: the workbook, and the text of the e-mail that it is attached to."""

    stem: str
    workbook: bytes
    message: str


def feedback_on(checked: Checked, plan: Plan, past: Mapping[str, Value] | None = None) -> Feedback | None:
    """
    The copy to send back; None when there is nothing to put right, when the return could not be read, or when the plan does not ask
    its agency for the period.

    `past` fills the locked cells that show earlier periods, as in the copy that was issued.
    """
    returned, stamp = checked.returned, checked.returned.stamp
    if stamp is None or returned.entries is None or checked.status == "clean":
        return None
    if not plan.is_active(stamp.agency, stamp.period):
        return None
    layout = layout_for(plan, stamp.agency, stamp.period)
    rebuilt = _rebuild_return(returned, layout, stamp)
    cell_findings = [finding for finding in check([rebuilt], plan)[0].findings if finding.key]
    form_findings = [finding for finding in checked.findings if not finding.key and finding.severity != Severity.INFO]
    reported = [finding for finding in (*cell_findings, *form_findings) if finding.severity != Severity.INFO]
    if not reported:
        return None
    values = {key: _value_to_restore(entry) for key, entry in (returned.entries or {}).items()}
    workbook = build_template(
        plan, stamp.agency, stamp.period, values=values, past=past, problems={f.key: f for f in cell_findings if f.key and f in reported},
        first=lambda book: _write_please_fix(book, layout, reported),
    )  # fmt: skip
    modified = returned.modified or issued_at(layout.period)
    data = to_bytes(workbook, modified, formula_results(layout, values, past))
    return Feedback(copy_stem(stamp.agency, stamp.period), data, _email(layout, reported))


def _rebuild_return(returned: Return, layout: Layout, stamp: Stamp) -> Return:
    """The return as it will be in the copy: every entry at its address in the form, so that messages name that address."""
    entries = {}
    for sheet, cell, field in layout.fields():
        if entry := (returned.entries or {}).get(field.key):
            entries[field.key] = entry._replace(field=field, place=Place(sheet.title, cell.row, cell.column))
    return Return(returned.file, returned.sha256, stamp, None, entries)


_NEVER_RESTORED = ("STRUCK_OUT", "PICTURE_IN_CELL")
"""What was withdrawn, or is not text at all, would come back as an answer."""

_NOT_RESTORED_AS_TEXT = ("ERROR_VALUE", "FORMULA_EXTERNAL", "FORMULA_NO_VALUE")


def _value_to_restore(entry: Entry) -> Value:
    """
    The value to fill in. An error or a formula in a text field is left out, because it would count as an answer.

    Anything that could identify a child was removed when the entry was read.
    """
    if entry.rule_code in _NEVER_RESTORED:
        return None
    return None if entry.field.kind == "text" and entry.rule_code in _NOT_RESTORED_AS_TEXT else _as_typed(entry.raw, entry.field.kind)


def _as_typed(raw: object, kind: FieldKind) -> Value:
    """The value as it was typed: numbers, and dates in date cells, keep their type; everything else becomes text."""
    if isinstance(raw, date):
        whole = not isinstance(raw, datetime) or raw.time() == datetime.min.time()
        # In any other cell, the cell's format would show a date as a serial number.
        return date(raw.year, raw.month, raw.day) if kind == "date" and whole else shown(raw)
    if isinstance(raw, bool) or not isinstance(raw, int | float) or not isfinite(raw):
        return shown(raw)
    return raw


def _write_please_fix(book: Book, layout: Layout, reported: Sequence[Finding]) -> None:
    """Write the first tab: what to put right, with links, the most serious first."""
    page = book.page(PLEASE_FIX, WIDTHS)
    row, number = count(1), count(1)
    descriptions = dict(_descriptions(layout))
    page.put(next(row), 1, PLEASE_FIX, "title")
    page.put(next(row), 1, f"{layout.agency.name}, {layout.period.name}. Thank you for your return.", "subtitle")
    lead = "Your answers are here, except anything that could identify a child. Put right what is listed, save this copy and send it back."
    page.put(next(row), 1, lead, "line")
    if book.notice:
        page.put_notice(next(row))
    for severity, heading in GROUPS:
        cell_findings = [finding for finding in reported if finding.severity == severity]
        if not cell_findings:
            continue
        next(row)
        page.put(next(row), 1, heading, "heading")
        heading_row = next(row)
        for column, text in enumerate(HEADINGS, 1):
            page.put(heading_row, column, text, "head")
        for finding in cell_findings:
            _write_finding(page, next(row), next(number), finding, descriptions.get(finding.key or ""))
    page.finish()
    page.print_on_a4(f"{layout.agency.name}, {layout.period.name}")
    lock_sheet(page.sheet, layout.plan.about.unlock, layout.plan.about.id, objects=True)


def _descriptions(layout: Layout) -> Iterator[tuple[str, str]]:
    """What each cell is about, by key: `2.3 Show that exploitation is being disrupted`."""
    for sheet in layout.sheets:
        for table in sheet.tables:
            for row in table.rows:
                title_cell = row.cells[TITLE_COLUMN - 1]
                title = "" if title_cell.field else str(title_cell.value or "").split("\n")[0]
                for cell in row.cells:
                    if cell.field:
                        yield cell.field.key, shortened(f"{row.ref} {title}".strip(), 70)


def _write_finding(page: Page, row: int, number: int, finding: Finding, description: str | None) -> None:
    typed = shortened(finding.value, 200) if finding.value else None
    # Findings without a key have an address in the returned file, not in this copy, so they get no link.
    cell = finding.place.cell if finding.key else None
    for column, value in enumerate((number, finding.place.sheet or None, cell, description, typed, finding.message, finding.fix), 1):
        page.put(row, column, value, "link" if column == 3 and cell else "count" if column == 1 else "locked")
    if cell:
        where = f"'{finding.place.sheet}'!{cell}"
        page.sheet.cell(row, 3).hyperlink = Hyperlink(ref=f"C{row}", location=where, display=cell)


def _email(layout: Layout, reported: Sequence[Finding]) -> str:
    """The text of the e-mail that the copy is attached to."""
    errors = sum(finding.severity == Severity.ERROR for finding in reported)
    warnings = len(reported) - errors
    parts = [f"{_count_of_things(errors)} to put right"] if errors else []
    parts += [f"{_count_of_things(warnings)} worth a look"] if warnings else []
    due = f"\nThe return was due on {layout.period.due:%d/%m/%Y}.\n" if layout.period.due else ""
    to = f"To: {layout.agency.email}\n" if layout.agency.email else ""
    return (
        f"{to}Subject: {layout.plan.about.title}, {layout.period.name}: your return\n\n"
        f"{notice_paragraph(layout.plan.about.notice)}Dear {layout.agency.contact or 'colleague'},\n\n"
        f"Thank you for your return for {layout.period.name} ({layout.agency.name}). We found {' and '.join(parts)}.\n\n"
        f"The attached copy contains what you typed. Its first tab, {PLEASE_FIX}, lists each place with a link to it.\n"
        f"Please change what is marked, save the copy and send it back.\n{due}\n"
        f"With thanks\n"
    )


def _count_of_things(number: int) -> str:
    return "1 thing" if number == 1 else f"{number} things"
