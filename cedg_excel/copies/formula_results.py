"""
The results of a copy's formulas, computed in Python from the same rules.

Protected View, phone previews and libraries do not calculate, but show the results stored in the file; so the file must have them.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass

from cedg_excel.checking.frames import Failure, ReturnRow, finding_of, frame_of, rows_of_returns
from cedg_excel.excel_facts import Address
from cedg_excel.findings import Place
from cedg_excel.form import check_tab, values
from cedg_excel.form.as_issued import ISSUED, UNCHANGED, has_nothing_new
from cedg_excel.form.fields import Field, field_kinds
from cedg_excel.form.formulas import TO_DO
from cedg_excel.form.model import Layout, Row, Sheet, Value
from cedg_excel.form.value_rules import LIVE_CODE, VALUE_RULES
from cedg_excel.plan.model import Plan
from cedg_excel.returns.model import Entry, Return
from cedg_excel.returns.reasons import with_reasons
from cedg_excel.tab_names import AS_ISSUED, CHECK_TAB, COVER
from cedg_excel.text import is_blank, squeeze

Results = dict[str, dict[Address, str | int]]
"""By tab, then by row and column, both 1-based."""

Result = tuple[Address, str | int]


@dataclass(frozen=True, slots=True)
class CheckText:
    """The text of a row's check: the cell it is about, the message, and whether something is only left to do, not wrong."""

    cell: str
    message: str
    to_do: bool

    def __str__(self) -> str:
        return f"{TO_DO if self.to_do else ''}{self.cell}: {self.message}"


@dataclass(frozen=True, slots=True)
class Problem:
    """A row with something to correct."""

    sheet: Sheet
    row: Row
    text: CheckText


@dataclass(frozen=True, slots=True)
class TabCounts:
    """What the Check tab counts on a tab: actions to rate, actions rated, rows to fix, and new answers."""

    to_rate: int = 0
    rated: int = 0
    to_fix: int = 0
    filled: int = 0

    def __add__(self, other: TabCounts) -> TabCounts:
        return TabCounts(
            self.to_rate + other.to_rate, self.rated + other.rated, self.to_fix + other.to_fix, self.filled + other.filled
        )  # fmt: skip


Texts = Mapping[tuple[str, int], CheckText]
"""The text of each check, by tab and row."""


def formula_results(layout: Layout, filled: Mapping[str, Value], locked: Mapping[str, Value] | None = None) -> Results:
    """The result of every formula of a copy. `filled` has the content of its input cells by key, `locked` that of its slots."""
    answered = {item.key for sheet, _, item in layout.fields() if sheet.title != COVER and not is_blank(filled.get(item.key))}
    unchanged = {key for key in answered if _is_unchanged(filled[key], (locked or {}).get(f"{ISSUED}{key}"))}
    nothing_new = has_nothing_new(_is_nil(filled), answered, unchanged)
    texts = _check_texts(layout, {key: value for key, value in filled.items() if not (nothing_new and key in unchanged)})
    results: Results = {sheet.title: {} for sheet in layout.sheets}
    tabs = [sheet for sheet in layout.sheets if sheet.check_column]
    for sheet in tabs:
        number = 0
        for row in sheet.checked_rows():
            text = texts.get((sheet.title, row.number))
            number += (is_wrong := text is not None and not text.to_do)
            results[sheet.title][row.number, sheet.check_column] = str(text or "")
            results[sheet.title][row.number, sheet.check_column + 1] = number if is_wrong else ""
    results[CHECK_TAB] = dict(_check_tab(tabs, texts, filled, unchanged))
    for issued in (sheet for sheet in layout.sheets if sheet.title == AS_ISSUED):
        results[issued.title] = dict(_unchanged_counts(issued, unchanged))
    results[COVER][check_tab.PROGRESS_ROW, 1] = results[CHECK_TAB][3, 1]
    return results


def _is_unchanged(value: Value, issued: Value) -> bool:
    return issued is not None and type(value) is type(issued) and value == issued


def _unchanged_counts(sheet: Sheet, unchanged: Collection[str]) -> Iterator[Result]:
    """What the tab of issued answers counts in each row: the cells that still are as they were."""
    for row in sheet.tables[0].rows:
        yield (row.number, UNCHANGED), sum(cell.slot.removeprefix(ISSUED) in unchanged for cell in row.cells if cell.slot)


def _check_texts(layout: Layout, filled: Mapping[str, Value]) -> dict[tuple[str, int], CheckText]:
    entries = {item.key: _entry(sheet, cell.row, cell.column, filled.get(item.key), item) for sheet, cell, item in layout.fields()}
    returned = Return("", "", layout.stamp, None, with_reasons(entries, layout))
    texts: dict[tuple[str, int], CheckText] = {}
    for table, rows in rows_of_returns([returned]).items():
        for failure in _live_failures(table, rows, layout.plan):
            finding = finding_of(failure, layout.plan)
            place = (finding.place.sheet, finding.place.row)
            text = CheckText(finding.place.cell or "", f"{finding.message} {finding.fix}".rstrip(), failure.rule.to_do)
            # The narrative's three fields are one row of the frame and three rows of the tab; the same holds for the Cover's.
            texts.setdefault(place, text)
    return texts


def _entry(sheet: Sheet, row: int, column: int, raw: Value, item: Field) -> Entry:
    blank = is_blank(raw)
    reading = values.read(raw, item)
    note = LIVE_CODE.get(reading.rule_code or "", reading.rule_code)
    return Entry(item, Place(sheet.title, row, column), None if blank else raw, reading.value, note, reading.other)


def _live_failures(table: str, rows: list[ReturnRow], plan: Plan) -> Iterator[Failure]:
    """The cells that break a rule which the sheet checks, in the order of causes; a row of the tab shows its first."""
    if not rows:
        return
    frame = frame_of(table, rows, plan)
    for rule in VALUE_RULES:
        if rule.in_sheet:
            for field in rule.checked_fields(table, field_kinds(table)):
                for index in frame.index[~rule.condition.check(frame, name=field)]:
                    if field in rows[index].entries:
                        yield Failure(rule, field, rows[index])


def _check_tab(tabs: list[Sheet], texts: Texts, filled: Mapping[str, Value], unchanged: Collection[str]) -> Iterator[Result]:
    """The table of tabs, the list of problems below it, and the two lines above both."""
    problems: list[Problem] = []
    total = TabCounts()
    unrated = ""
    for row, sheet in enumerate(tabs, check_tab.FIRST_TAB_ROW):
        problems_on_tab = _problems(sheet, texts)
        counts = _counts(sheet, problems_on_tab, filled, unchanged)
        yield (row, 1), sheet.title
        yield from (((row, 3), counts.rated), ((row, 4), counts.to_fix), ((row, 6), len(problems)), ((row, 7), counts.filled))
        if counts.to_rate > counts.rated and not unrated:
            unrated = sheet.title
        total += counts
        problems += problems_on_tab
    last = check_tab.FIRST_TAB_ROW + len(tabs)
    yield from (((last, 2), total.to_rate), ((last, 3), total.rated), ((last, 4), total.to_fix), ((last, 7), total.filled))
    yield from _problem_list(problems, last + 3, sum(1 for sheet in tabs for _ in sheet.checked_rows()))
    cover_to_do = any(text.to_do for (title, _), text in texts.items() if title == COVER)
    nil = _is_nil(filled)
    yield (3, 1), _progress(total, cover_to_do, nil)
    yield (4, 1), _next_step(unrated, problems, cover_to_do, nil)


def _problems(sheet: Sheet, texts: Texts) -> list[Problem]:
    problems_found = ((row, texts.get((sheet.title, row.number))) for row in sheet.checked_rows())
    return [Problem(sheet, row, text) for row, text in problems_found if text and not text.to_do]


def _counts(sheet: Sheet, problems: list[Problem], filled: Mapping[str, Value], unchanged: Collection[str]) -> TabCounts:
    fields = [item for _, item in sheet.fields() if sheet.title != COVER]
    filled_in = [item for item in fields if not is_blank(filled.get(item.key))]
    to_rate, rated = (sum(item.kind == "rating" for item in items) for items in (fields, filled_in))
    return TabCounts(to_rate, rated, len(problems), sum(item.key not in unchanged for item in filled_in))


def _problem_list(problems: list[Problem], first_row: int, list_length: int) -> Iterator[Result]:
    for number in range(list_length):
        cells: tuple[str | int, ...] = ("",) * 5
        if number < len(problems):
            problem = problems[number]
            cells = (problem.sheet.title, problem.row.ref, number + 1, f"Go to {problem.text.cell}", str(problem.text))
        for column, value in enumerate(cells, 1):
            yield (first_row + number, column), value


def _is_nil(filled: Mapping[str, Value]) -> bool:
    return squeeze(str(filled.get("cover/nil_return") or "")).upper() == "YES"


def _progress(total: TabCounts, cover_to_do: bool, nil: bool) -> str:
    if total.to_fix == 0 and not cover_to_do and (total.rated >= total.to_rate or nil):
        return "Ready to send."
    things = "thing" if total.to_fix == 1 else "things"
    return f"{total.rated} of {total.to_rate} actions rated, {total.to_fix} {things} to fix."


def _next_step(unrated: str, problems: list[Problem], cover_to_do: bool, nil: bool) -> str:
    """`unrated` is the first tab with an action to rate, or ""."""
    if nil:
        return f"Nothing to report is set to Yes on the {COVER}."
    if unrated:
        return f"Next: rate your actions on {unrated}."
    if problems:
        return f"Next: put right what is listed below for {problems[0].sheet.title}."
    return f"Next: complete the boxes on the {COVER}." if cover_to_do else "Nothing is left to do. Send it back."
