"""A closure or progress report laid out as a Word document."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from cedg_excel.closing.actions import Unfinished
from cedg_excel.closing.kpi_figures import KpiFigures
from cedg_excel.closing.ratings_chart import chart_size, draw_chart
from cedg_excel.closing.report import ObjectiveSection, Report, counts_in_words
from cedg_excel.closing.report_text import ReportText
from cedg_excel.closing.word_document import SOURCE, STRONG, TO_WRITE, Content, Line, Run, WordDocument, rating_style
from cedg_excel.master.doubt import LEGEND
from cedg_excel.master.period_view import OVERALL_RATINGS
from cedg_excel.plan.period_words import long_date
from cedg_excel.ratings import NOT_RATED, RATINGS

COUNT_WIDTHS = (7.0, 2.0, 1.5, 1.6, 1.6, 1.5, 1.8)
UNFINISHED_WIDTHS = (4.4, 3.5, 2.7, 6.4)
FIGURE_WIDTHS = (1.3, 4.6, 2.6, 2.6, 2.4, 1.6, 1.9)
OVERDUE_WIDTHS = (7.0, 4.5, 3.0, 2.5)
"""Column widths in centimetres. Each row adds up to 17, the text width of an upright A4 page."""


def report_bytes(report: Report) -> bytes:
    """The report as a .docx file, the same bytes for the same report."""
    document = WordDocument(f"{report.title}: {report.plan.about.title}", report.notice)
    _title_lines(document, report)
    _introduction(document, report)
    document.heading("Progress and achievements", 1)
    _overall(document, report)
    document.paragraph(f"Marks: {LEGEND}")
    for section in report.sections:
        _objective_section(document, report, section)
    if report.interim:
        _overdue(document, report)
    _next_steps(document, report)
    _reliability(document, report)
    return document.to_bytes(report.as_of)


def _title_lines(document: WordDocument, report: Report) -> None:
    document.paragraph(report.title, "Title")
    for text in report.heading:
        document.paragraph(_runs(text), "Subtitle")
    if report.notice:
        document.paragraph(report.notice, "Notice")


def _introduction(document: WordDocument, report: Report) -> None:
    document.heading("Purpose and introduction", 1)
    document.paragraph(" ".join(text.text for text in report.introduction))
    document.paragraph(_runs(report.purpose))
    document.paragraph("Its objectives are:" if len(report.sections) > 1 else "Its objective is:")
    _bullets(document, (ReportText(f"{s.objective.number} {s.objective.title}") for s in report.sections))
    document.paragraph(_runs(report.governance))


def _overall(document: WordDocument, report: Report) -> None:
    """The ratings of all actions: in a sentence, in a chart, and in a table with the same numbers."""
    total = sum(report.counts.values())
    document.paragraph(f"At the end of {report.period.name} the plan has {_lower_first(counts_in_words(report.counts))}. "
              f"{_meanings(report)} The last section says how far this can be relied on.")  # fmt: skip
    if not total:
        return
    bars = [(section.objective.sheet, section.counts) for section in report.sections]
    each = ". ".join(f"{name}: {_lower_first(counts_in_words(counts))}" for name, counts in bars)
    document.paragraph(f"Actions by overall rating, {report.period.name}", "Caption")
    document.picture(draw_chart(bars), chart_size(bars), f"Stacked bars, one for each objective. {each}.")
    rows = [[f"{s.objective.number} {s.objective.title}", *_rating_counts(s.counts)] for s in report.sections]
    rows.append(["All objectives", *_rating_counts(report.counts)])
    document.table(("Objective", "Actions", *OVERALL_RATINGS), COUNT_WIDTHS, rows, "How many actions of each objective have each rating.")


def _lower_first(text: str) -> str:
    return text[0].lower() + text[1:]


def _meanings(report: Report) -> str:
    """The group's meaning of each rating, in the order of the acronym BRAG."""
    wording = report.plan.about.brag
    return " ".join(f"{rating.word}: {_lower_first(wording.of(rating.word)).rstrip('.')}." for rating in RATINGS)


def _rating_counts(counts: Mapping[str, int]) -> list[str]:
    return [str(sum(counts.values())), *(str(counts.get(word, 0)) for word in OVERALL_RATINGS)]


def _objective_section(document: WordDocument, report: Report, section: ObjectiveSection) -> None:
    objective = section.objective
    document.heading(f"{objective.number} {objective.title}", 2)
    if objective.lead:
        document.paragraph([Run("Lead: ", STRONG), Run(objective.lead)])
    if objective.purpose:
        document.paragraph(objective.purpose)
    document.paragraph(f"{counts_in_words(section.counts)}.")
    document.heading("Achievements", 3)
    _paragraphs(document, section.agreed)
    for item in section.finished:
        notes = [note for note, applies in ((item.ended, item.ended), ("the group's own rating", item.by_group)) if applies]
        note = f" ({'; '.join(notes)})" if notes else ""
        action = Run(f"{item.action.ref} {item.action.title}", STRONG)
        document.paragraph([action, Run(f"{note}. Achieved: "), *_runs(item.achieved)], "List Bullet")
        _bullets(document, item.evidence, "List Bullet 2")
    _bullets(document, section.achievements)
    _bullets(document, section.left_plan)
    document.heading("Impact", 3)
    _paragraphs(document, section.impact)
    document.heading("Ongoing actions", 3)
    _unfinished(document, section)
    _ended(document, section)
    if section.kpis.rows or section.kpis.in_words:
        document.heading("Key performance indicators", 3)
        _kpis(document, report, section.kpis)


def _unfinished(document: WordDocument, section: ObjectiveSection) -> None:
    if not section.unfinished:
        document.paragraph("Every action is Blue, and none continues." if section.counts else "The plan has no actions here.")
        return
    rows: list[list[Content]] = [
        [
            _action_lines(item),
            item.lead,
            [_rating_line(item.rating, item.marked_rating), *item.remarks],
            [_runs(text) for text in item.position],
        ]
        for item in section.unfinished
    ]
    document.table(("Action", "Lead", "Rating", "Position and what is left to do"), UNFINISHED_WIDTHS, rows,
                f"The actions of objective {section.objective.number} that are not Blue or continue, with lead and rating.")  # fmt: skip


def _ended(document: WordDocument, section: ObjectiveSection) -> None:
    """The actions that ended during the plan: what became of each, and what was last said of it."""
    if section.ended:
        document.heading("Actions that ended during the plan", 3)
    for item in section.ended:
        document.paragraph([Run(f"{item.action.ref} {item.action.title}", STRONG), Run(f": {item.text}.")], "List Bullet")
        _bullets(document, item.position, "List Bullet 2")


def _action_lines(item: Unfinished) -> list[Line]:
    lines: list[Line] = [[Run(f"{item.action.ref} ", STRONG), Run(item.action.title)]]
    return [*lines, f"Target date: {item.target_dates}"] if item.target_dates else lines


def _kpis(document: WordDocument, report: Report, kpis: KpiFigures) -> None:
    if kpis.rows:
        headings = ("Ref", "Indicator", "Baseline", "Latest", "Change", "Target", "So far" if report.interim else "Whole plan")
        rows: list[list[Content]] = [
            [row.kpi.ref, _measure_lines(row.kpi.measure, row.kpi.status), _figure_lines(row.baseline), _figure_lines(row.latest),
             row.change, row.target, _figure_lines(row.total)]
            for row in kpis.rows
        ]  # fmt: skip
        document.table(headings, FIGURE_WIDTHS, rows, "Each indicator from its baseline to the latest figure, with change and target.")
    for kpi, answers in kpis.in_words:
        status = "" if kpi.is_live else f" ({kpi.status})"
        for text in answers:
            document.paragraph([Run(f"{kpi.ref} {kpi.measure}{status}. ", STRONG), *_runs(text)], "List Bullet")
    if kpis.comments:
        document.paragraph("The agencies' comments on the latest figures:")
        for kpi, text in kpis.comments:
            document.paragraph([Run(f"{kpi.ref}: ", STRONG), *_runs(text)], "List Bullet")


def _measure_lines(measure: str, status: str) -> list[Line]:
    return [measure] if status == "live" else [measure, f"{status.capitalize()}: optional, not included in totals"]


def _figure_lines(figure: ReportText) -> list[Line]:
    """A figure, and below it the period it is for."""
    lines: list[Line] = [[Run(figure.text, TO_WRITE if figure.missing else STRONG if figure.source else None)]]
    return [*lines, [Run(figure.source, SOURCE)]] if figure.source else lines


def _overdue(document: WordDocument, report: Report) -> None:
    document.heading("What is overdue", 1)
    if not report.overdue:
        document.paragraph("Nothing is overdue: no unfinished action has passed its target date.")
        return
    rows: list[list[Content]] = [
        [
            f"{item.action.ref} {item.action.title}", item.agency.name, long_date(item.target),
            [_rating_line(item.rating or NOT_RATED, item.marked_rating)],
        ]
        for item in report.overdue
    ]  # fmt: skip
    document.table(("Action", "Agency", "Target date", "Its rating"), OVERDUE_WIDTHS, rows,
                "Actions whose target date has passed for an agency that has not finished them.")  # fmt: skip


def _rating_line(word: str, marked: str) -> Line:
    """A rating with its marks, on its colour."""
    return [Run(f"\u00a0{marked}\u00a0", rating_style(word))]


def _next_steps(document: WordDocument, report: Report) -> None:
    document.heading("Next steps", 1)
    _paragraphs(document, report.next_steps)
    for section in report.sections:
        for text in section.next_steps:
            document.paragraph([Run(f"{section.objective.number} {section.objective.title}: ", STRONG), *_runs(text)], "List Bullet")


def _reliability(document: WordDocument, report: Report) -> None:
    document.heading("How far this can be relied on", 1)
    _bullets(document, (ReportText(sentence) for sentence in report.reliability))


def _paragraphs(document: WordDocument, texts: Iterable[ReportText]) -> None:
    for text in texts:
        document.paragraph(_runs(text))


def _bullets(document: WordDocument, texts: Iterable[ReportText], style: str = "List Bullet") -> None:
    for text in texts:
        document.paragraph(_runs(text), style)


def _runs(text: ReportText) -> list[Run]:
    """The text, highlighted if it is still to be written, with its source in grey after it."""
    run = Run(text.text, TO_WRITE if text.missing else None)
    return [run, Run(f" ({text.source})", SOURCE)] if text.source else [run]
