"""The pages of the master that people read: Summary, an A4 page for each objective, Returns, Findings, Versions."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator
from datetime import date

from cedg_excel.excel.page import Book, Page, put_headings
from cedg_excel.excel.protection import lock_sheet
from cedg_excel.findings import shortened
from cedg_excel.form.reference_tabs import VERSION_COLUMNS, version_row
from cedg_excel.master.merge import Merged
from cedg_excel.master.objective_page import objective_page
from cedg_excel.master.period_view import STATUS_WORDS, PeriodView, period_view
from cedg_excel.master.store import records
from cedg_excel.master.summary_page import summary_page
from cedg_excel.plan.period_words import long_date

RETURN_HEADS = (
    "Period", "Agency", "Status", "Late", "File", "Last saved (UTC)", "Completed by", "Role", "Date completed", "Draft or final",
)  # fmt: skip
SEVERITY_WORDS = {"error": "Must fix", "warning": "Worth a look", "info": "For information"}


def write_pages(book: Book, merged: Merged) -> None:
    """Every page of the period the master shows."""
    view = period_view(merged)
    pages = [summary_page(book, view)]
    pages += [objective_page(book, view, objective) for objective in merged.plan.objectives]
    pages += [_returns(book, view), _findings(book, view), _versions(book, merged)]
    for page in pages:
        page.finish()
        lock_sheet(page.sheet, merged.plan.about.unlock, merged.plan.about.id)


def _returns(book: Book, view: PeriodView) -> Page:
    page = book.page("Returns", (12, 38, 22, 7, 42, 20, 24, 24, 14, 12))
    _title(page, "Returns", "Every return received, and every agency that has not answered.")
    put_headings(page, 4, RETURN_HEADS)
    for row, line in enumerate(records(view.merged.tables["returns"]), 5):
        name = view.plan.agency_by_id[line.agency].name if line.agency in view.plan.agency_by_id else ""
        late = "Late" if line.late else ""
        saved = line.modified.replace("T", " ").rstrip("Z") if line.modified else None
        who = (_brief(line.completed_by), _brief(line.role), line.completed_on, line.declared)
        cells = (line.period, name, STATUS_WORDS[line.status], late, line.file, saved, *who)
        for column, value in enumerate(cells, 1):
            page.put(row, column, value, "locked.date" if isinstance(value, date) else "locked")
    page.print_on_a4("Returns", "4:4")
    page.sheet.freeze_panes = "A5"
    return page


def _brief(text: str | None) -> str | None:
    """Enough to know by; Data returns has it whole."""
    return shortened(text, 200) if text else None


def _title(page: Page, title: str, lead: str) -> None:
    page.put(1, 1, title, "title")
    page.put(2, 1, lead, "lead")


def _findings(book: Book, view: PeriodView) -> Page:
    page = book.page("Findings", (13, 15, 30, 34, 17, 52, 46, 34, 26))
    lead = "What is wrong or unusual in the returns that count, period by period, the most serious first. "
    _title(page, "Findings", lead + "Later returns that put things right have removed theirs.")
    put_headings(page, 4, ("Period", "How serious", "Agency", "File", "Where", "What", "What to do", "What was typed", "Code"))
    rows = view.merged.tables["findings"]
    if rows.empty:
        page.put(5, 1, "Nothing was found.", "lead")
    for row, line in enumerate(records(rows), 5):
        name = view.plan.agency_by_id[line.agency].name if line.agency in view.plan.agency_by_id else ""
        where = "!".join(part for part in (line.sheet, line.cell) if part)
        held = "\nHeld back" if line.held_back else ""
        said = (where, line.message, line.fix, _brief(line.value), line.code)
        cells = (line.period, SEVERITY_WORDS[line.severity] + held, name, line.file, *said)
        for column, value in enumerate(cells, 1):
            page.put(row, column, value, "locked" if column < 9 else "small")
    page.print_on_a4("Findings", "4:4")
    page.sheet.freeze_panes = "A5"
    return page


def _other_versions(merged: Merged) -> Iterator[tuple[str, tuple[str, ...], list[tuple[str, ...]]]]:
    """Where returns were made from other versions of the plan, and where they answered what has left it since."""
    files = merged.store.files
    counts = Counter((period, version) for period, version in zip(files["period"], files["version"], strict=True) if version)
    order = {period.id: number for number, period in enumerate(merged.plan.periods)}
    if {version for _, version in counts} - {merged.plan.about.version}:
        rows = sorted(counts.items(), key=lambda item: (order.get(item[0][0], 999), item[0]))
        yield (
            "The versions that returns were made from",
            ("Period", "Version", "Returns"),
            [(period, version, str(number)) for (period, version), number in rows],
        )
    left: dict[str, set[str]] = defaultdict(set)
    for table, known in (("actions", merged.plan.action_by_ref), ("kpis", merged.plan.kpi_by_ref)):
        for line in records(merged.tables[table]):
            if line.ref not in known:
                left[line.ref].add(line.period)
    if left:
        yield (
            "No longer in the plan; what was returned is kept on the data tabs",
            ("Ref", "Last in"),
            [(ref, max(periods, key=lambda period: order.get(period, 999))) for ref, periods in left.items()],
        )


def _versions(book: Book, merged: Merged) -> Page:
    plan = merged.plan
    page = book.page("Versions", (16, 12, 28, 70, 20))
    _title(page, "Versions", f"This master was made with version {plan.about.version} of the plan, which runs from "
           f"{long_date(plan.about.start)} to {long_date(plan.about.end)}.")  # fmt: skip
    put_headings(page, 4, VERSION_COLUMNS)
    for row, version in enumerate(plan.versions, 5):
        for column, value in enumerate(version_row(version), 1):
            page.put(row, column, value, "locked.date" if isinstance(value, date) else "locked")
    row = 5 + len(plan.versions)
    for heading, heads, lines in _other_versions(merged):
        page.put(row + 1, 1, heading, "heading")
        put_headings(page, row + 2, heads)
        for here, line in enumerate(lines, row + 3):
            for column, value in enumerate(line, 1):
                page.put(here, column, value, "locked")
        row += 3 + len(lines)
    page.print_on_a4("Versions", "4:4")
    return page
