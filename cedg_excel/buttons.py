"""
The buttons of the control workbook. Each reads the control cells, runs a step of the round, and writes the result to the sheet.

xlwings starts Python and waits, but reports success even when nothing ran. So the sheet shows only what is written here.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from cedg_excel.errors import CedgError
from cedg_excel.findings import Finding, shortened
from cedg_excel.returns.file_names import own_name, shown_name
from cedg_excel.round import control_workbook as control
from cedg_excel.round.folder import RoundFolder, open_round
from cedg_excel.round.options import CheckOptions, MergeOptions, TemplateOptions
from cedg_excel.round.outcomes import Outcomes
from cedg_excel.round.overwrite import resolved
from cedg_excel.round.steps import run_check, run_merge, run_template

if TYPE_CHECKING:
    from xlwings import Book, Range

MAX_VALUE_LENGTH = 200
UNEXPECTED = (
    "Something unexpected went wrong. The message on the screen has the details; please send it to whoever looks after the program."
)


@dataclass(frozen=True, slots=True)
class ControlInputs:
    """What the control cells ask for. A blank period is None. The password is for this run only and comes from no cell."""

    period: str | None
    encrypt: bool
    passwords: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class StepResult:
    """The sentences to show, the file or folder that *Open it* leads to, and the outcomes of a step that reads returns."""

    sentences: Sequence[str]
    opens: Path
    outcomes: Outcomes | None = None


def create_copies() -> None:
    """Write the copies of a period into outbox/, as `cedg template` does."""
    _run_button(_create_copies)


def check_returns() -> None:
    """Check the returns, list the findings and write copies to send back, as `cedg check` does."""
    _run_button(_check_returns)


def merge_returns() -> None:
    """Merge the returns into the master and list the findings, as `cedg merge` does."""
    _run_button(_merge_returns)


def _create_copies(round_folder: RoundFolder, inputs: ControlInputs) -> StepResult:
    result = run_template(round_folder, TemplateOptions(period=inputs.period, encrypt=inputs.encrypt))
    return StepResult(result.sentences, result.folder)


def _check_returns(round_folder: RoundFolder, inputs: ControlInputs) -> StepResult:
    result = run_check(round_folder, CheckOptions(passwords=inputs.passwords))
    sentences = [result.outcomes.summary, *result.sentences]
    return StepResult(sentences, result.feedback_folder or round_folder.root, result.outcomes)


def _merge_returns(round_folder: RoundFolder, inputs: ControlInputs) -> StepResult:
    result = run_merge(round_folder, MergeOptions(period=inputs.period, passwords=inputs.passwords))
    return StepResult([result.outcomes.summary, *result.sentences], result.master, result.outcomes)


def _run_button(step: Callable[[RoundFolder, ControlInputs], StepResult]) -> None:
    """Run a step and write its result to the sheet. What the program cannot do is a sentence; xlwings shows any other error as well."""
    from xlwings import Book

    # Removed at once, so that no process started from here inherits it.
    password = os.environ.pop(control.PASSWORD_VARIABLE, "")
    book = Book.caller()
    try:
        inputs = _read_inputs(book, password)
        result = step(open_round(None, _round_folder_path(book)), inputs)
        _write_findings(book, result)
        _write_status(book, "\n".join(result.sentences), result)
    except CedgError as refusal:
        _write_status(book, str(refusal))
    except Exception:
        _write_status(book, UNEXPECTED)
        raise


def _read_inputs(book: Book, password: str) -> ControlInputs:
    period, encrypt = _text(_cell(book, control.PERIOD)), _text(_cell(book, control.ENCRYPT))
    return ControlInputs(period or None, encrypt.lower() == "yes", (password,) if password else ())


def _round_folder_path(book: Book) -> Path:
    """The folder named in the sheet, or else the folder of the workbook."""
    return Path(_text(_cell(book, control.FOLDER)) or Path(book.fullname).parent)


def _cell(book: Book, name: str) -> Range:
    return book.names[name].refers_to_range


def _text(cell: Range) -> str:
    value = cell.value
    return "" if value is None else str(value).strip()


def _write_status(book: Book, sentence: str, result: StepResult | None = None) -> None:
    outcomes = result.outcomes if result else None
    _write_text(_cell(book, control.OUTCOME), sentence)
    _write_text(_cell(book, control.OPEN), str(result.opens.resolve()) if result else "")
    _cell(book, control.ERRORS).value = outcomes.count("error") if outcomes else None
    _cell(book, control.WARNINGS).value = outcomes.count("warning") if outcomes else None


def _write_findings(book: Book, result: StepResult) -> None:
    """The findings as rows of text. The links are the only formulas; each reads its target from a cell of text."""
    if result.outcomes is None:
        return
    sheet, first, width = book.sheets[control.FINDINGS], control.FIRST_FINDING_ROW, len(control.FINDING_HEADINGS)
    last_used = max(sheet.used_range.last_cell.row, first)
    sheet.range((first, 1), (last_used, width)).clear_contents()
    rows = [_finding_row(path, finding) for path, finding in _most_serious_first(result.outcomes)]
    if not rows:
        return
    last, link = first + len(rows) - 1, control.FINDING_HEADINGS.index("Open") + 1
    _write_text(sheet.range((first, 1), (last, link - 1)), [row[: link - 1] for row in rows])
    _write_text(sheet.range((first, link + 1), (last, width)), [row[link:] for row in rows])
    links = sheet.range((first, link), (last, link))
    links.number_format = "General"
    links.formula = [[f'=HYPERLINK(J{row},"Open")'] for row in range(first, last + 1)]


def _write_text(cells: Range, value: Any) -> None:
    """Format cells as text first: otherwise Excel takes a text that begins with `=` for a formula, and 1-2 for a date."""
    cells.number_format = "@"
    cells.value = value


def _most_serious_first(outcomes: Outcomes) -> list[tuple[Path, Finding]]:
    """Every finding, with the path of its file."""
    found = [(outcome.returned.path or Path(), finding) for outcome in outcomes.files for finding in outcome.findings]
    return sorted(found, key=lambda pair: pair[1].order)


def _finding_row(path: Path, finding: Finding) -> list[str | None]:
    """One value for each of `control.FINDING_HEADINGS`."""
    place = finding.place
    typed = shortened(finding.value, MAX_VALUE_LENGTH) if finding.value else None
    return [
        finding.severity.value, finding.file, place.sheet or None, place.cell, None, finding.message, finding.fix, typed, finding.code,
        _link_target(path, finding),
    ]  # fmt: skip


def _link_target(path: Path, finding: Finding) -> str:
    """`C:\\round\\returns\\a.xlsx#'Objective 4'!H7`, as Excel's HYPERLINK takes it."""
    place, file = finding.place, str(resolved(path))
    if "#" in file:
        return str(resolved(path).parent)  # Excel would take what follows the # for a place in the file
    sheet = place.sheet.replace("'", "''")
    is_attachment = own_name(finding.file) != shown_name(path.name)
    return f"{file}#'{sheet}'!{place.cell or 'A1'}" if place.sheet and not is_attachment else file
