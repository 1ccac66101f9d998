"""
What the formulas of a copy come to, worked out here from the same rules.

Protected View, phone previews and readers that calculate nothing show what the file says, so it has to say it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from cedg_excel.checking.frames import TABLES, Failure, ReturnRow, finding_of, frame_of, rows_of_returns
from cedg_excel.findings import Place
from cedg_excel.form import check_tab as checktab
from cedg_excel.form import values
from cedg_excel.form.formulas import TO_DO
from cedg_excel.form.model import CHECK_TAB, COVER, Field, Layout, Row, Sheet, Value
from cedg_excel.form.rules import LIVE_CODE, VALUE_RULES
from cedg_excel.plan.model import Plan
from cedg_excel.returns.model import Entry, Return
from cedg_excel.text import is_blank, squeeze

Results = dict[str, dict[tuple[int, int], str | int]]
"""By tab, then by row and column, both 1-based."""


def formula_results(layout: Layout, filled: Mapping[str, Value]) -> Results:
    """The result of every formula of a copy in which these cells are filled in, by key."""
    said = _check_texts(layout, filled)
    results: Results = {sheet.title: {} for sheet in layout.sheets}
    tabs = [sheet for sheet in layout.sheets if sheet.check]
    for sheet in tabs:
        number = 0
        for row in sheet.checked_rows():
            text = said.get((sheet.title, row.number), "")
            number += _counts(text)
            results[sheet.title][row.number, sheet.check] = text
            results[sheet.title][row.number, sheet.check + 1] = number if _counts(text) else ""
    results[CHECK_TAB] = dict(_check_tab(tabs, said, filled))
    results[COVER][checktab.PROGRESS_ROW, 1] = results[CHECK_TAB][3, 1]
    return results


def _counts(text: str) -> bool:
    return bool(text) and not text.startswith(TO_DO)


def _check_texts(layout: Layout, filled: Mapping[str, Value]) -> dict[tuple[str, int], str]:
    """What each row's check says, by tab and row."""
    entries = {item.key: _entry(sheet, cell.row, cell.column, filled.get(item.key), item) for sheet, cell, item in layout.fields()}
    returned = Return("", "", layout.stamp, None, entries)
    said: dict[tuple[str, int], str] = {}
    for table, lines in rows_of_returns([returned]).items():
        for failure in _first_of_each_line(table, lines, layout.plan):
            finding = finding_of(failure, layout.plan)
            words = f"{finding.place.cell}: {finding.message} {finding.fix}".rstrip()
            place = (finding.place.sheet, finding.place.row)
            # The narrative's three fields are one line of a table and three rows of the tab; so are the Cover's.
            said.setdefault(place, f"{TO_DO}{words}" if failure.rule.to_do else words)
    return said


def _entry(sheet: Sheet, row: int, column: int, raw: Value, item: Field) -> Entry:
    blank = is_blank(raw)
    reading = values.read(raw, item)
    note = LIVE_CODE.get(reading.note or "", reading.note)
    return Entry(item, Place(sheet.title, row, column), None if blank else raw, reading.value, note)


def _first_of_each_line(table: str, lines: list[ReturnRow], plan: Plan) -> Iterator[Failure]:
    """The cells that break a rule the sheet can say, in the order of causes; a row shows the first of its own."""
    if not lines:
        return
    frame = frame_of(table, lines, plan)
    for rule in VALUE_RULES:
        if rule.in_sheet:
            for field in rule.on(table, TABLES[table]):
                for index in frame.index[~rule.condition.keeps(frame, name=field)]:
                    if field in lines[index].entries:
                        yield Failure(rule, field, lines[index])


def _check_tab(
    tabs: list[Sheet], said: Mapping[tuple[str, int], str], filled: Mapping[str, Value]
) -> Iterator[tuple[tuple[int, int], str | int]]:
    first = checktab.FIRST_TAB_ROW
    total = first + len(tabs)
    problems: list[tuple[Sheet, Row, str]] = []
    sums = [0, 0, 0, 0]
    next_step = ""
    for line, sheet in enumerate(tabs, first):
        own = [(sheet, row, said.get((sheet.title, row.number), "")) for row in sheet.checked_rows()]
        keys = [item.key for _, item in sheet.fields() if sheet.title != COVER]
        asked = [key for key in keys if key.endswith("/rating")]
        counts = (
            len(asked), sum(not is_blank(filled.get(key)) for key in asked), sum(_counts(text) for _, _, text in own),
            sum(not is_blank(filled.get(key)) for key in keys),
        )  # fmt: skip
        yield (line, 1), sheet.title
        for column, number in ((3, counts[1]), (4, counts[2]), (6, len(problems)), (7, counts[3])):
            yield (line, column), number
        if counts[0] > counts[1] and not next_step:
            next_step = f"Next: rate your actions on {sheet.title}."
        sums = [a + b for a, b in zip(sums, counts, strict=True)]
        problems += [item for item in own if _counts(item[2])]
    for column, number in zip((2, 3, 4, 7), sums, strict=True):
        yield (total, column), number
    yield from _list(problems, total + 3, sum(1 for sheet in tabs for _ in sheet.checked_rows()))
    cover_to_do = sum(text.startswith(TO_DO) for (title, _), text in said.items() if title == COVER)
    nil = _nil(filled)
    yield (3, 1), _progress(sums, cover_to_do, nil)
    if problems:
        next_step = next_step or f"Next: put right what is listed below for {problems[0][0].title}."
    elif not next_step:
        next_step = f"Next: complete the boxes on the {COVER}." if cover_to_do else "Nothing is left to do. Send it back."
    yield (4, 1), f"Nothing to report is ticked on the {COVER}." if nil else next_step


def _list(problems: list[tuple[Sheet, Row, str]], start: int, places: int) -> Iterator[tuple[tuple[int, int], str | int]]:
    for number in range(places):
        row = start + number
        if number < len(problems):
            sheet, line, text = problems[number]
            cells: tuple[str | int, ...] = (sheet.title, line.ref, number + 1, f"Go to {text.split(':')[0]}", text)
        else:
            cells = ("",) * 5
        for column, value in enumerate(cells, 1):
            yield (row, column), value


def _nil(filled: Mapping[str, Value]) -> bool:
    return squeeze(str(filled.get("cover/nil_return") or "")).upper() == "YES"


def _progress(sums: list[int], cover_to_do: int, nil: bool) -> str:
    asked, rated, fix, _ = sums
    if fix == 0 and cover_to_do == 0 and (rated >= asked or nil):
        return "Ready to send."
    return f"{rated} of {asked} actions rated, {fix} {'thing' if fix == 1 else 'things'} to fix."
