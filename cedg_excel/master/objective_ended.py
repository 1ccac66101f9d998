"""On an objective's page: the actions that ended during the plan, and what agencies that have left last said of the others."""

from __future__ import annotations

from collections.abc import Iterator

from cedg_excel.excel.page import Page
from cedg_excel.form.objective_tab import action_title
from cedg_excel.master.ended import EndedAction, LastAnswer, answers_of_those_who_left, ended_actions, last_answers
from cedg_excel.master.objective_columns import LEADS, RATED, TEXTS
from cedg_excel.master.period_view import PeriodView, answer_texts
from cedg_excel.plan.at_period import absence_text
from cedg_excel.plan.model import Objective
from cedg_excel.ratings import NOT_RATED

HEADING = "Ended or left during the plan: what was last reported"


def ended_table(page: Page, row: int, view: PeriodView, objective: Objective) -> int:
    """The table, from two rows below; the row itself where nothing ended and nobody left. Returns the last row used."""
    ended = ended_actions(view, objective.number)
    left = [(action, answer) for action in view.plan.actions_of(objective.number) for answer in answers_of_those_who_left(view, action)]
    if not ended and not left:
        return row
    row += 2
    page.put(row, 1, HEADING, "heading")
    for item in ended:
        row = _ended_action(page, row + 1, view, item)
    for action, answer in left:
        row = _answer(page, row + 1, f"{action.ref} {action.title}", view, answer)
    return row


def _ended_action(page: Page, row: int, view: PeriodView, item: EndedAction) -> int:
    _row(page, row, f"{item.action.ref} {action_title(item.action)}", item.action.leads, "")
    row = page.put_long_text(row, TEXTS, f"{item.text[0].upper()}{item.text[1:]}.", "locked")
    for answer in last_answers(view, item.action):
        row = _answer(page, row + 1, "", view, answer)
    return row


def _answer(page: Page, row: int, title: str, view: PeriodView, answer: LastAnswer) -> int:
    last = page.put_long_text(row, TEXTS, "\n".join(answer_texts(answer.row)), "locked")
    for page_row in range(row, last + 1):
        first = page_row == row
        _row(page, page_row, title if first else "", answer.agency.name, "\n".join(_remarks(view, answer)) if first else "")
    return last


def _remarks(view: PeriodView, answer: LastAnswer) -> Iterator[str]:
    """`Amber in Q3 2019-20`, and that the agency has left."""
    yield f"{answer.row.rating or NOT_RATED} in {answer.period.name}"
    if reason := absence_text(view.merged.plan, answer.agency, view.period.id):
        yield reason


def _row(page: Page, row: int, title: str, who: str, remarks: str) -> None:
    """One row but for its texts. No ref is alone in the first column: that is how the group's own cells are found again."""
    for column in range(1, RATED + 1):
        if column != TEXTS:
            page.put(row, column, {2: title, LEADS: who, RATED: remarks}.get(column) or None, "small" if column == RATED else "locked")
