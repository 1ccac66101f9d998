"""
What the buttons of the control workbook call. Each reads its cells, does what the command does, and writes back how it ended.

xlwings starts Python and waits; it reports success even when nothing ran, so the sheet is told everything from here.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from cedg_excel.errors import CedgError
from cedg_excel.findings import Finding, shortened
from cedg_excel.round import control_workbook as control
from cedg_excel.round.folder import Round, open_round
from cedg_excel.round.outcomes import Outcomes
from cedg_excel.round.steps import run_check, run_merge, run_template

if TYPE_CHECKING:
    from xlwings import Book, Range

LONGEST_VALUE = 200
UNEXPECTED = "Something went wrong that should not have. The message shown says what; please send it to whoever looks after the program."


@dataclass(frozen=True, slots=True)
class Done:
    """How a step ended: what to say, what to open, and what was found, if the step looks for anything."""

    sentences: Sequence[str]
    opens: Path
    outcomes: Outcomes | None = None


def create_copies() -> None:
    """Write the copies of a period into outbox/, as `cedg template` does."""
    _run(_create)


def check_returns() -> None:
    """Check the returns, list the findings, write copies to send back, as `cedg check` does."""
    _run(_check)


def merge_returns() -> None:
    """Merge the returns into the master, and list the findings, as `cedg merge` does."""
    _run(_merge)


@dataclass(frozen=True, slots=True)
class Asked:
    """What the control cells say. A blank period is None; the password is for this run alone and comes from no cell."""

    period: str | None
    encrypt: bool
    passwords: tuple[str, ...]


def _create(here: Round, asked: Asked) -> Done:
    ran = run_template(here, asked.period, encrypt=asked.encrypt)
    return Done(ran.sentences, ran.folder)


def _check(here: Round, asked: Asked) -> Done:
    ran = run_check(here, passwords=asked.passwords)
    return Done([ran.outcomes.summary, *ran.sentences], ran.feedback or here.root, ran.outcomes)


def _merge(here: Round, asked: Asked) -> Done:
    ran = run_merge(here, show=asked.period, passwords=asked.passwords)
    return Done([ran.outcomes.summary, *ran.sentences], ran.master, ran.outcomes)


def _run(step: Callable[[Round, Asked], Done]) -> None:
    """One step from its control cells to its status. What the program cannot do is a sentence; anything else is also shown by xlwings."""
    from xlwings import Book

    # Taken out at once: nothing that is started from here should find it.
    password = os.environ.pop(control.PASSWORD_VARIABLE, "")
    book = Book.caller()
    try:
        encrypt = _text(_cell(book, control.ENCRYPT)).lower() == "yes"
        asked = Asked(_text(_cell(book, control.PERIOD)) or None, encrypt, (password,) if password else ())
        done = step(open_round(None, _folder(book)), asked)
        _write_findings(book, done)
        _write_status(book, "\n".join(done.sentences), done)
    except CedgError as refusal:
        _write_status(book, str(refusal))
    except Exception:
        _write_status(book, UNEXPECTED)
        raise


def _folder(book: Book) -> Path:
    """The round folder named in the sheet, or the one the workbook lies in."""
    return Path(_text(_cell(book, control.FOLDER)) or Path(book.fullname).parent)


def _cell(book: Book, name: str) -> Range:
    return book.names[name].refers_to_range


def _text(cell: Range) -> str:
    value = cell.value
    return "" if value is None else str(value).strip()


def _write_status(book: Book, sentence: str, done: Done | None = None) -> None:
    found = done.outcomes if done else None
    _as_text(_cell(book, control.OUTCOME), sentence)
    _as_text(_cell(book, control.OPEN), str(done.opens.resolve()) if done else "")
    _cell(book, control.ERRORS).value = found.count("error") if found else None
    _cell(book, control.WARNINGS).value = found.count("warning") if found else None


def _write_findings(book: Book, done: Done) -> None:
    """The findings as rows of text; the links are the only formulas, and take where they lead from a cell of text."""
    if done.outcomes is None:
        return
    sheet, first, width = book.sheets[control.FINDINGS], control.FIRST_FINDING, len(control.FINDING_HEADS)
    used = max(sheet.used_range.last_cell.row, first)
    sheet.range((first, 1), (used, width)).clear_contents()
    rows = [_row(path, finding) for path, finding in _in_order(done.outcomes)]
    if not rows:
        return
    last, link = first + len(rows) - 1, control.FINDING_HEADS.index("Open") + 1
    _as_text(sheet.range((first, 1), (last, link - 1)), [row[: link - 1] for row in rows])
    _as_text(sheet.range((first, link + 1), (last, width)), [row[link:] for row in rows])
    cells = sheet.range((first, link), (last, link))
    cells.number_format = "General"
    cells.formula = [[f'=HYPERLINK(J{number},"Open")'] for number in range(first, last + 1)]


def _as_text(cells: Range, value: Any) -> None:
    """Put text into cells. Excel takes what begins with `=` for a formula, and 1-2 for a date, unless the cell is for text."""
    cells.number_format = "@"
    cells.value = value


def _in_order(outcomes: Outcomes) -> list[tuple[Path, Finding]]:
    """The findings with the file each is about, the most serious first."""
    found = [(outcome.path, finding) for outcome in outcomes.each for finding in outcome.findings]
    return sorted(found, key=lambda pair: pair[1].order)


def _row(path: Path, finding: Finding) -> list[str | None]:
    """One finding under the headings of `control.FINDING_HEADS`."""
    place = finding.place
    typed = shortened(finding.value, LONGEST_VALUE) if finding.value else None
    return [
        finding.severity.value, finding.file, place.sheet or None, place.cell, None, finding.message, finding.fix, typed, finding.code,
        _address(path, finding),
    ]  # fmt: skip


def _address(path: Path, finding: Finding) -> str:
    """`C:\\round\\returns\\a.xlsx#'Objective 4'!H7`, as Excel's HYPERLINK takes it."""
    place, file = finding.place, str(path.resolve())
    if "#" in file:
        return str(path.resolve().parent)  # Excel would take what follows for a place in the file
    sheet = place.sheet.replace("'", "''")
    return f"{file}#'{sheet}'!{place.cell or 'A1'}" if place.sheet else file
