"""
A return and its findings as a clean copy to send back.

Rebuilt from the plan with the agency's values put back: the returned file saved again would carry on whatever was
hidden in it. It is itself a valid copy, so that it can be put right and returned.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
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
from cedg_excel.returns.model import Entry, Return
from cedg_excel.tab_names import PLEASE_FIX
from cedg_excel.text import shown

HEADS = ("No.", "Tab", "Cell", "About", "What was typed", "What is wrong", "What to do")
WIDTHS = (6.0, 14.0, 8.0, 32.0, 30.0, 44.0, 48.0)
GROUPS = ((Severity.ERROR, "Please put these right"), (Severity.WARNING, "Worth a look: change them only if they are wrong"))


@dataclass(frozen=True, slots=True)
class Feedback:
    """What is sent back to one agency: the workbook, and the text of the e-mail it goes with."""

    stem: str
    workbook: bytes
    message: str


def feedback_on(item: Checked, plan: Plan, past: Mapping[str, Value] | None = None) -> Feedback | None:
    """
    The copy to send back; None when there is nothing to put right, or nothing of it could be read.

    `past` fills the locked cells that show earlier periods, as in the copy that was sent out.
    """
    returned, stamp = item.returned, item.returned.stamp
    if stamp is None or returned.entries is None or item.status == "clean":
        return None
    layout = layout_for(plan, stamp.agency, stamp.period)
    rebuilt = _rebuilt(returned, layout, stamp)
    own = [finding for finding in check([rebuilt], plan)[0].findings if finding.key]
    form = [finding for finding in item.findings if not finding.key and finding.severity != Severity.INFO]
    told = [finding for finding in (*own, *form) if finding.severity != Severity.INFO]
    if not told:
        return None
    values = {key: _put_back(entry) for key, entry in (returned.entries or {}).items()}
    workbook = build_template(
        plan, stamp.agency, stamp.period, values=values, past=past, problems={f.key: f for f in own if f.key and f in told},
        first=lambda book: _please_fix(book, layout, told),
    )  # fmt: skip
    when = returned.modified or issued_at(layout.period)
    data = to_bytes(workbook, when, formula_results(layout, values))
    return Feedback(copy_stem(stamp.agency, stamp.period), data, _message(layout, told))


def _rebuilt(returned: Return, layout: Layout, stamp: Stamp) -> Return:
    """The return as it will stand in the copy: every entry at the form's own address, so that sentences name that one."""
    entries = {}
    for sheet, cell, item in layout.fields():
        if old := (returned.entries or {}).get(item.key):
            entries[item.key] = old._replace(field=item, place=Place(sheet.title, cell.row, cell.column))
    return Return(returned.file, returned.sha256, stamp, None, entries)


_NOT_TYPED = ("ERROR_VALUE", "FORMULA_EXTERNAL", "FORMULA_NO_VALUE")


def _put_back(entry: Entry) -> Value:
    """
    What goes into the copy. As text an error or a formula would be an answer like any other, so that is left out.

    What could identify a child was taken out of the entry when it was read.
    """
    return None if entry.field.kind == "text" and entry.rule_code in _NOT_TYPED else _typed(entry.raw, entry.field.kind)


def _typed(raw: object, kind: FieldKind) -> Value:
    """A value to put back as it was typed: numbers, and dates where one is asked for, as themselves; all else as text."""
    if isinstance(raw, date):
        whole = not isinstance(raw, datetime) or raw.time() == datetime.min.time()
        # In any other cell its format would turn a date into the number of a day.
        return date(raw.year, raw.month, raw.day) if kind == "date" and whole else shown(raw)
    if isinstance(raw, bool) or not isinstance(raw, int | float) or not isfinite(raw):
        return shown(raw)
    return raw


def _please_fix(book: Book, layout: Layout, told: Sequence[Finding]) -> None:
    """The tab that stands first: what to put right, with links, the most serious before the rest."""
    page = book.page(PLEASE_FIX, WIDTHS)
    row, number = count(1), count(1)
    abouts = dict(_abouts(layout))
    page.put(next(row), 1, PLEASE_FIX, "title")
    page.put(next(row), 1, f"{layout.agency.name}, {layout.period.name}. Thank you for your return.", "subtitle")
    lead = "Your answers are here, but for what could identify a child. Put right what is listed, save this copy and send it back."
    page.put(next(row), 1, lead, "line")
    for severity, heading in GROUPS:
        own = [finding for finding in told if finding.severity == severity]
        if not own:
            continue
        next(row)
        page.put(next(row), 1, heading, "heading")
        here = next(row)
        for column, head in enumerate(HEADS, 1):
            page.put(here, column, head, "head")
        for finding in own:
            _line(page, next(row), next(number), finding, abouts.get(finding.key or ""))
    page.finish()
    page.print_on_a4(f"{layout.agency.name}, {layout.period.name}")
    lock_sheet(page.sheet, layout.plan.about.unlock, layout.plan.about.id)


def _abouts(layout: Layout) -> Iterator[tuple[str, str]]:
    """What each cell is about, by key: `2.3 Show that exploitation is being disrupted`."""
    for sheet in layout.sheets:
        for table in sheet.tables:
            for row in table.rows:
                words = row.cells[TITLE_COLUMN - 1]
                title = "" if words.field else str(words.value or "").split("\n")[0]
                for cell in row.cells:
                    if cell.field:
                        yield cell.field.key, shortened(f"{row.ref} {title}".strip(), 70)


def _line(page: Page, row: int, number: int, finding: Finding, about: str | None) -> None:
    typed = shortened(finding.value, 200) if finding.value else None
    # Only an address in this copy is linked; one without a key is where the returned file had it.
    cell = finding.place.cell if finding.key else None
    for column, value in enumerate((number, finding.place.sheet or None, cell, about, typed, finding.message, finding.fix), 1):
        page.put(row, column, value, "link" if column == 3 and cell else "count" if column == 1 else "locked")
    if cell:
        where = f"'{finding.place.sheet}'!{cell}"
        page.sheet.cell(row, 3).hyperlink = Hyperlink(ref=f"C{row}", location=where, display=cell)


def _message(layout: Layout, told: Sequence[Finding]) -> str:
    """The e-mail the copy goes with."""
    must = sum(finding.severity == Severity.ERROR for finding in told)
    look = len(told) - must
    parts = [_things(must, "needs putting right", "need putting right")] if must else []
    parts += [_things(look, "is worth a look", "are worth a look")] if look else []
    due = f"\nThe return was due on {layout.period.due:%d/%m/%Y}.\n" if layout.period.due else ""
    to = f"To: {layout.agency.email}\n" if layout.agency.email else ""
    return (
        f"{to}Subject: {layout.plan.about.title}, {layout.period.name}: your return\n\n"
        f"Dear {layout.agency.contact or 'colleague'},\n\n"
        f"Thank you for your return for {layout.period.name} ({layout.agency.name}). In it {' and '.join(parts)}.\n\n"
        f"The attached copy holds what you typed. Its first tab, {PLEASE_FIX}, lists each place with a link to it.\n"
        f"Please change what is marked, save the copy and send it back.\n{due}\n"
        f"With thanks\n"
    )


def _things(number: int, one: str, many: str) -> str:
    return f"1 thing {one}" if number == 1 else f"{number} things {many}"


def latest_of_each(checked: Sequence[Checked]) -> Mapping[tuple[str, str], Checked]:
    """The last saved of the returns from each agency and period: an earlier one is not worth sending back."""
    latest: dict[tuple[str, str], Checked] = {}
    for item in sorted(checked, key=lambda i: (i.returned.modified or datetime.min.replace(tzinfo=UTC), i.returned.sha256)):
        if item.returned.stamp:
            latest[item.returned.stamp.agency, item.returned.stamp.period] = item
    return latest
