"""What happened to the files of a run, and the sentences that report it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from cedg_excel.findings import Finding
from cedg_excel.plan.model import Period
from cedg_excel.returns.model import Return

if TYPE_CHECKING:
    from cedg_excel.master.edits import Edit
    from cedg_excel.master.second_master import TakenEntries

OUTCOME_WORDS = {"findings": "with findings", "held_back": "held back"}


@dataclass(frozen=True, slots=True)
class Outcome:
    """What happened to one file: a status such as `accepted`, and its findings."""

    returned: Return
    status: str
    findings: tuple[Finding, ...]

    def as_dict(self) -> dict[str, str | None]:
        """The file as JSON reports it; blanks are None."""
        stamp = self.returned.stamp
        return {
            "file": self.returned.file,
            "agency": stamp.agency if stamp else None,
            "period": stamp.period if stamp else None,
            "status": self.status,
        }


@dataclass(frozen=True, slots=True)
class Outcomes:
    """What happened to every file of a run, in the order they were read."""

    files: tuple[Outcome, ...]

    @property
    def findings(self) -> list[Finding]:
        return [finding for outcome in self.files for finding in outcome.findings]

    def count(self, severity: str) -> int:
        """The number of findings of this severity: `error`, `warning` or `info`."""
        return sum(finding.severity == severity for finding in self.findings)

    @property
    def summary(self) -> str:
        """`24 files: 20 clean, 3 with findings, 1 rejected. 5 errors, 2 warnings.`"""
        counts = sorted(Counter(outcome.status for outcome in self.files).items())
        statuses = ", ".join(f"{number} {OUTCOME_WORDS.get(status, status)}" for status, number in counts)
        severities = ", ".join(count_of(self.count(severity), severity) for severity in ("error", "warning"))
        return f"{count_of(len(self.files), 'file')}: {statuses}. {severities}."


@dataclass(frozen=True, slots=True)
class TemplateResult:
    """
    The copies written for a period; `prefilled` of the `number` were filled in from `master`.

    `encryption_note` is a sentence about their passwords; empty when they are not encrypted.
    """

    period: Period
    folder: Path
    number: int
    prefilled: int
    master: Path | None
    encryption_note: str

    @property
    def sentences(self) -> list[str]:
        prefilled = f", {self.prefilled} of them filled in from {self.master}" if self.prefilled else ""
        return nonempty(f"Wrote {count_copies(self.number)} for {self.period.name} to {self.folder}{prefilled}.", self.encryption_note)


@dataclass(frozen=True, slots=True)
class CheckResult:
    """Every file with its findings, and how many copies to send back were written to `feedback_folder`."""

    outcomes: Outcomes
    feedback_folder: Path | None
    written: int

    @property
    def sentences(self) -> list[str]:
        return nonempty(f"Wrote {count_copies(self.written)} to send back to {self.feedback_folder}." if self.written else "")


@dataclass(frozen=True, slots=True)
class MergeResult:
    """
    Every file with what happened to it, and the master they were merged into.

    `cells` counts read, merged, held_back, superseded and blank. `changed` is False when the master was already up to date;
    `previous` is where the master before this merge is kept, if there was one; `release` is the workbook for wider
    reading, if one was written. `masked` are the refs and objectives on which the group's own text was identifying. `edits` are
    what people had done to the master before outside the group's cells, and `edited_copy` is the file that still has it;
    `group_entries` is what was taken from a second master.
    """

    outcomes: Outcomes
    master: Path
    cells: Mapping[str, int]
    changed: bool
    previous: Path | None
    release: Path | None
    masked: Sequence[str] = ()
    edits: Sequence[Edit] = ()
    edited_copy: Path | None = None
    group_entries: TakenEntries | None = None

    @property
    def sentences(self) -> list[str]:
        previous = f" The previous one is kept as {self.previous.name}." if self.previous else ""
        return nonempty(
            cells_sentence(self.cells),
            f"Wrote {self.master}.{previous}" if self.changed else f"{self.master} is already up to date.",
            f"The group's own text on {', '.join(self.masked)} contained something that could identify a child. "
            "It was removed: please read that text again."
            if self.masked
            else "",
            *edit_sentences(self.edits, self.edited_copy),
            *(taken_sentences(self.group_entries) if self.group_entries else ()),
            f"Wrote {self.release} for wider reading. Read it before you pass it on." if self.release else "",
        )


MAX_LISTED = 10
"""How many edits are listed one by one."""


def edit_sentences(edits: Sequence[Edit], edited_copy: Path | None) -> list[str]:
    """What people had done to a master that was replaced, a line for each thing, and where the file with it is."""
    if not edits or not edited_copy:
        return []
    more = len(edits) - MAX_LISTED
    return nonempty(
        "The previous master had been changed outside the group's own cells. The new one does not have these changes; "
        f"the file that has them is kept as {edited_copy.name}:",
        *(f"  {edit.sentence}" for edit in edits[:MAX_LISTED]),
        f"  and {more:,} more." if more > 0 else "",
    )


def taken_sentences(taken: TakenEntries) -> list[str]:
    """How many of the group's entries a second master had, and a line for each that is left to decide."""
    entries = "1 entry" if taken.taken == 1 else f"{taken.taken} entries"
    differ = "1 differs" if len(taken.conflicts) == 1 else f"{len(taken.conflicts)} differ"
    return [
        f"Took {entries} of the group from {taken.file}; {differ}" + (", and these stay as they were:" if taken.conflicts else "."),
        *(f"  {conflict.as_line()}" for conflict in taken.conflicts),
    ]


def nonempty(*sentences: str) -> list[str]:
    """The sentences that are not blank."""
    return [sentence for sentence in sentences if sentence]


def cells_sentence(cells: Mapping[str, int]) -> str:
    """`Cells: 712 read = 283 merged + 1 held back + 428 blank.` Superseded ones are named where there are any."""
    superseded = f" + {cells['superseded']:,} superseded" if cells["superseded"] else ""
    return "Cells: {read:,} read = {merged:,} merged + {held_back:,} held back{superseded} + {blank:,} blank.".format(
        **{**cells, "superseded": superseded}
    )


def count_copies(number: int) -> str:
    """`1 copy`, `12 copies`."""
    return f"{number} {'copy' if number == 1 else 'copies'}"


def count_of(number: int, noun: str) -> str:
    """`1 error`, `2 errors`."""
    return f"{number} {noun}{'' if number == 1 else 's'}"
