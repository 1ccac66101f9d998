"""The pages of the master: Summary, an A4 page for each objective, Returns, Findings, Versions."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator
from datetime import date

from cedg_excel.excel.page import Book, Page, put_headings
from cedg_excel.excel.protection import lock_sheet
from cedg_excel.findings import shortened
from cedg_excel.form.reference_tabs import VERSION_COLUMNS, version_row
from cedg_excel.master.merged import Merged
from cedg_excel.master.objective_page import objective_page
from cedg_excel.master.period_view import STATUS_LABELS, PeriodView, period_view
from cedg_excel.master.store import records
from cedg_excel.master.summary_page import summary_page
from cedg_excel.plan.period_words import long_date

RETURN_HEADINGS = (
    "Period", "Agency", "Status", "Late", "File", "Last saved (UTC)", "Completed by", "Role", "Date completed", "Draft or final",
)  # fmt: skip
SEVERITY_LABELS = {"error": "Must fix", "warning": "Worth a look", "info": "For information"}


def write_pages(book: Book, merged: Merged) -> None:
    """Write every page, for the period that the master shows."""
    view = period_view(merged)
    pages = [summary_page(book, view)]
    pages += [objective_page(book, view, objective) for objective in merged.plan.objectives]
    pages += [_returns(book, view), _findings(book, view), _versions(book, merged)]
    for page in pages:
        page.finish()
        lock_sheet(page.sheet, merged.plan.about.unlock, merged.plan.about.id)


def _returns(book: Book, view: PeriodView) -> Page:
    page = book.page("Returns", (12, 38, 22, 7, 42, 20, 24, 24, 14, 12))
    _write_title(page, "Returns", "Every return received, and every agency that has not answered.")
    put_headings(page, 4, RETURN_HEADINGS)
    for row, record in enumerate(records(view.merged.tables["returns"]), 5):
        name = view.plan.agency_by_id[record.agency].name if record.agency in view.plan.agency_by_id else ""
        late = "Late" if record.late else ""
        saved_at = record.modified.replace("T", " ").rstrip("Z") if record.modified else None
        cover_answers = (_shortened(record.completed_by), _shortened(record.role), record.completed_on, record.declared)
        cells = (record.period, name, STATUS_LABELS[record.status], late, record.file, saved_at, *cover_answers)
        for column, value in enumerate(cells, 1):
            page.put(row, column, value, "locked.date" if isinstance(value, date) else "locked")
    page.print_on_a4("Returns", "4:4")
    page.sheet.freeze_panes = "A5"
    return page


def _shortened(text: str | None) -> str | None:
    """A text short enough for a page; Data returns has the whole text."""
    return shortened(text, 200) if text else None


def _write_title(page: Page, title: str, lead: str) -> None:
    page.put(1, 1, title, "title")
    page.put(2, 1, lead, "lead")
    page.put_notice(3)


def _findings(book: Book, view: PeriodView) -> Page:
    page = book.page("Findings", (13, 15, 30, 34, 17, 52, 46, 34, 26))
    lead = "What is wrong or unusual in the returns that are used, by period, the most serious first. "
    _write_title(page, "Findings", lead + "Findings that a later return has put right are no longer listed.")
    put_headings(page, 4, ("Period", "How serious", "Agency", "File", "Where", "What", "What to do", "What was typed", "Code"))
    rows = view.merged.tables["findings"]
    if rows.empty:
        page.put(5, 1, "Nothing was found.", "lead")
    for row, record in enumerate(records(rows), 5):
        name = view.plan.agency_by_id[record.agency].name if record.agency in view.plan.agency_by_id else ""
        where = "!".join(part for part in (record.sheet, record.cell) if part)
        held = "\nHeld back" if record.held_back else ""
        details = (where, record.message, record.fix, _shortened(record.value), record.code)
        cells = (record.period, SEVERITY_LABELS[record.severity] + held, name, record.file, *details)
        for column, value in enumerate(cells, 1):
            page.put(row, column, value, "locked" if column < 9 else "small")
    page.print_on_a4("Findings", "4:4")
    page.sheet.freeze_panes = "A5"
    return page


def _other_versions(merged: Merged) -> Iterator[tuple[str, tuple[str, ...], list[tuple[str, ...]]]]:
    """Tables of the versions that returns were made from, and of refs with answers that have left the plan."""
    files = merged.store.files
    counts = Counter((period, version) for period, version in zip(files["period"], files["version"], strict=True) if version)
    period_positions = {period.id: number for number, period in enumerate(merged.plan.periods)}
    if {version for _, version in counts} - {merged.plan.about.version}:
        rows = sorted(counts.items(), key=lambda item: (period_positions.get(item[0][0], 999), item[0]))
        yield (
            "The versions that returns were made from",
            ("Period", "Version", "Returns"),
            [(period, version, str(number)) for (period, version), number in rows],
        )
    last_periods_by_ref: dict[str, set[str]] = defaultdict(set)
    for table, known in (("actions", merged.plan.action_by_ref), ("kpis", merged.plan.kpi_by_ref)):
        for record in records(merged.tables[table]):
            if record.ref not in known:
                last_periods_by_ref[record.ref].add(record.period)
    if last_periods_by_ref:
        yield (
            "No longer in the plan. The answers are kept on the Data sheets",
            ("Ref", "Last in"),
            [(ref, max(periods, key=lambda period: period_positions.get(period, 999))) for ref, periods in last_periods_by_ref.items()],
        )


def _versions(book: Book, merged: Merged) -> Page:
    plan = merged.plan
    page = book.page("Versions", (16, 12, 28, 70, 20))
    _write_title(page, "Versions", f"This master was made with version {plan.about.version} of the plan, which runs from "
           f"{long_date(plan.about.start)} to {long_date(plan.about.end)}.")  # fmt: skip
    put_headings(page, 4, VERSION_COLUMNS)
    for row, version in enumerate(plan.versions, 5):
        for column, value in enumerate(version_row(version), 1):
            page.put(row, column, value, "locked.date" if isinstance(value, date) else "locked")
    row = 5 + len(plan.versions)
    for heading, headings, table_rows in _other_versions(merged):
        page.put(row + 1, 1, heading, "heading")
        put_headings(page, row + 2, headings)
        for page_row, record in enumerate(table_rows, row + 3):
            for column, value in enumerate(record, 1):
                page.put(page_row, column, value, "locked")
        row += 3 + len(table_rows)
    page.print_on_a4("Versions", "4:4")
    return page
