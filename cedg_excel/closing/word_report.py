"""A closure or progress report as a Word document: how its plain data is laid out on paper."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from cedg_excel.closing.kpi_figures import Figures
from cedg_excel.closing.ratings_chart import chart_size, draw
from cedg_excel.closing.report import Chapter, Report, Unfinished, counted
from cedg_excel.closing.report_words import ReportWords
from cedg_excel.closing.word_document import SOURCE, STRONG, TO_WRITE, Content, Line, Run, WordDocument, rating_style
from cedg_excel.master.period_view import OVERALL_RATINGS
from cedg_excel.plan.period_words import long_date
from cedg_excel.ratings import NOT_RATED, RATINGS

COUNT_WIDTHS = (7.0, 2.0, 1.5, 1.6, 1.6, 1.5, 1.8)
UNFINISHED_WIDTHS = (4.4, 3.5, 2.7, 6.4)
FIGURE_WIDTHS = (1.3, 4.6, 2.6, 2.6, 2.4, 1.6, 1.9)
OVERDUE_WIDTHS = (7.0, 4.5, 3.0, 2.5)
"""In centimetres, 17 together: what an A4 page holds upright."""


def report_bytes(report: Report) -> bytes:
    """The report as a .docx file, the same bytes for the same report."""
    paper = WordDocument(f"{report.title}: {report.plan.about.title}", report.notice)
    _first_lines(paper, report)
    _introduction(paper, report)
    paper.heading("Progress and achievements", 1)
    _overall(paper, report)
    for chapter in report.chapters:
        _chapter(paper, report, chapter)
    if report.interim:
        _overdue(paper, report)
    _next_steps(paper, report)
    _reliance(paper, report)
    return paper.to_bytes(report.when)


def _first_lines(paper: WordDocument, report: Report) -> None:
    paper.put(report.title, "Title")
    for words in report.heading:
        paper.put(_runs(words), "Subtitle")
    if report.notice:
        paper.put(report.notice, "Notice")


def _introduction(paper: WordDocument, report: Report) -> None:
    paper.heading("Purpose and introduction", 1)
    paper.put(" ".join(words.text for words in report.introduction))
    paper.put(_runs(report.purpose))
    paper.put("Its objectives are:" if len(report.chapters) > 1 else "Its objective is:")
    _bullets(paper, (ReportWords(f"{each.objective.number} {each.objective.title}") for each in report.chapters))
    paper.put(_runs(report.governance))


def _overall(paper: WordDocument, report: Report) -> None:
    """Where all the actions stand: in a sentence, a picture, and a table with the same numbers."""
    total = sum(report.counts.values())
    paper.put(f"At the end of {report.period.name} the plan has {_lower(counted(report.counts))}. "
              f"{_meanings(report)} How far this can be relied on is said at the end.")  # fmt: skip
    if not total:
        return
    bars = [(chapter.objective.sheet, chapter.counts) for chapter in report.chapters]
    each = ". ".join(f"{name}: {_lower(counted(counts))}" for name, counts in bars)
    paper.put(f"Actions by overall rating, {report.period.name}", "Caption")
    paper.picture(draw(bars), chart_size(bars), f"Stacked bars, one for each objective. {each}.")
    rows = [[f"{c.objective.number} {c.objective.title}", *_numbers(c.counts)] for c in report.chapters]
    rows.append(["All objectives", *_numbers(report.counts)])
    paper.table(("Objective", "Actions", *OVERALL_RATINGS), COUNT_WIDTHS, rows, "How many actions of each objective have each rating.")


def _lower(text: str) -> str:
    return text[0].lower() + text[1:]


def _meanings(report: Report) -> str:
    """What the group says each rating means, in the order of the acronym."""
    wording = report.plan.about.brag
    return " ".join(f"{rating.word}: {_lower(wording.of(rating.word)).rstrip('.')}." for rating in RATINGS)


def _numbers(counts: Mapping[str, int]) -> list[str]:
    return [str(sum(counts.values())), *(str(counts.get(word, 0)) for word in OVERALL_RATINGS)]


def _chapter(paper: WordDocument, report: Report, chapter: Chapter) -> None:
    objective = chapter.objective
    paper.heading(f"{objective.number} {objective.title}", 2)
    if objective.lead:
        paper.put([Run("Lead: ", STRONG), Run(objective.lead)])
    if objective.purpose:
        paper.put(objective.purpose)
    paper.put(f"{counted(chapter.counts)}.")
    paper.heading("Achievements", 3)
    _paragraphs(paper, chapter.agreed)
    for done in chapter.finished:
        mark = " (the group's own rating)" if done.by_group else ""
        paper.put([Run(f"{done.action.ref} {done.action.title}", STRONG), Run(f"{mark}. Achieved: "), *_runs(done.achieved)], "List Bullet")
        _bullets(paper, done.evidence, "List Bullet 2")
    _bullets(paper, chapter.achievements)
    paper.heading("Impact", 3)
    _paragraphs(paper, chapter.impact)
    paper.heading("Ongoing actions", 3)
    _unfinished(paper, chapter)
    if any((chapter.figures.measures, chapter.figures.in_words)):
        paper.heading("Key performance indicators", 3)
        _figures(paper, report, chapter.figures)


def _unfinished(paper: WordDocument, chapter: Chapter) -> None:
    if not chapter.unfinished:
        paper.put("Every action is Blue, and none goes on." if chapter.counts else "The plan has no actions here.")
        return
    rows: list[list[Content]] = [
        [_action_lines(item), item.lead, [_rating(item.rating), *item.remarks], [_runs(words) for words in item.left]]
        for item in chapter.unfinished
    ]
    paper.table(("Action", "Lead", "Rating", "Where it stands and what is left"), UNFINISHED_WIDTHS, rows,
                f"The actions of objective {chapter.objective.number} that are not Blue or go on, with lead and rating.")  # fmt: skip


def _action_lines(item: Unfinished) -> list[Line]:
    lines: list[Line] = [[Run(f"{item.action.ref} ", STRONG), Run(item.action.title)]]
    return [*lines, f"Target date: {item.targets}"] if item.targets else lines


def _figures(paper: WordDocument, report: Report, figures: Figures) -> None:
    if figures.measures:
        heads = ("Ref", "Indicator", "Baseline", "Latest", "Change", "Target", "So far" if report.interim else "Whole plan")
        rows: list[list[Content]] = [
            [m.kpi.ref, _measure_lines(m.kpi.measure, m.kpi.status), _figure_lines(m.baseline), _figure_lines(m.latest), m.change,
             m.target, _figure_lines(m.total)]
            for m in figures.measures
        ]  # fmt: skip
        paper.table(heads, FIGURE_WIDTHS, rows, "Each indicator from its baseline to the latest figure, with change and target.")
    for kpi, said in figures.in_words:
        status = "" if kpi.live else f" ({kpi.status})"
        for words in said:
            paper.put([Run(f"{kpi.ref} {kpi.measure}{status}. ", STRONG), *_runs(words)], "List Bullet")
    if figures.notes:
        paper.put("What the agencies add to the latest figures:")
        for kpi, words in figures.notes:
            paper.put([Run(f"{kpi.ref}: ", STRONG), *_runs(words)], "List Bullet")


def _measure_lines(measure: str, status: str) -> list[Line]:
    return [measure] if status == "live" else [measure, f"{status.capitalize()}: optional, in no total"]


def _figure_lines(words: ReportWords) -> list[Line]:
    """A figure, and under it what it is of."""
    lines: list[Line] = [[Run(words.text, TO_WRITE if words.missing else STRONG if words.by else None)]]
    return [*lines, [Run(words.by, SOURCE)]] if words.by else lines


def _overdue(paper: WordDocument, report: Report) -> None:
    paper.heading("What is overdue", 1)
    if not report.overdue:
        paper.put("Nothing is overdue: no target date has passed with the work not finished.")
        return
    rows: list[list[Content]] = [
        [f"{item.action.ref} {item.action.title}", item.agency.name, long_date(item.target), [_rating(item.rating or NOT_RATED)]]
        for item in report.overdue
    ]
    paper.table(("Action", "Agency", "Target date", "Its rating"), OVERDUE_WIDTHS, rows,
                "Actions whose target date has passed for an agency that has not finished them.")  # fmt: skip


def _rating(word: str) -> Line:
    return [Run(f"\u00a0{word}\u00a0", rating_style(word))]


def _next_steps(paper: WordDocument, report: Report) -> None:
    paper.heading("Next steps", 1)
    _paragraphs(paper, report.next_steps)
    for chapter in report.chapters:
        for words in chapter.next_steps:
            paper.put([Run(f"{chapter.objective.number} {chapter.objective.title}: ", STRONG), *_runs(words)], "List Bullet")


def _reliance(paper: WordDocument, report: Report) -> None:
    paper.heading("How far this can be relied on", 1)
    _bullets(paper, (ReportWords(sentence) for sentence in report.reliance))


def _paragraphs(paper: WordDocument, said: Iterable[ReportWords]) -> None:
    for words in said:
        paper.put(_runs(words))


def _bullets(paper: WordDocument, said: Iterable[ReportWords], style: str = "List Bullet") -> None:
    for words in said:
        paper.put(_runs(words), style)


def _runs(words: ReportWords) -> list[Run]:
    return list(_each_run(words))


def _each_run(words: ReportWords) -> Iterator[Run]:
    """The words, and whose they are in grey behind them; what is still to be written stands out."""
    yield Run(words.text, TO_WRITE if words.missing else None)
    if words.by:
        yield Run(f" ({words.by})", SOURCE)
