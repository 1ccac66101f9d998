"""What became of the files of a run, and how it is reported."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from cedg_excel.findings import Finding
from cedg_excel.plan.model import Period
from cedg_excel.returns.model import Return

OUTCOME_WORDS = {"findings": "with findings", "held_back": "held back"}


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one file, and what there is to say about it."""

    path: Path
    returned: Return
    status: str
    findings: tuple[Finding, ...]

    def as_dict(self) -> dict[str, str | None]:
        """The file as other programs get it; blanks are None."""
        stamp = self.returned.stamp
        return {
            "file": self.returned.file,
            "agency": stamp.agency if stamp else None,
            "period": stamp.period if stamp else None,
            "status": self.status,
        }


@dataclass(frozen=True, slots=True)
class Outcomes:
    """What became of every file of a run, in the order they were read."""

    each: tuple[Outcome, ...]

    @property
    def findings(self) -> list[Finding]:
        return [finding for outcome in self.each for finding in outcome.findings]

    def count(self, severity: str) -> int:
        """How many findings are of this severity."""
        return sum(finding.severity == severity for finding in self.findings)

    @property
    def summary(self) -> str:
        """`24 files: 20 clean, 3 with findings, 1 rejected. 5 errors, 2 warnings.`"""
        counts = sorted(Counter(outcome.status for outcome in self.each).items())
        files = ", ".join(f"{number} {OUTCOME_WORDS.get(status, status)}" for status, number in counts)
        said = ", ".join(count_of(self.count(word), word) for word in ("error", "warning"))
        return f"{count_of(len(self.each), 'file')}: {files}. {said}."


@dataclass(frozen=True, slots=True)
class TemplateRun:
    """The copies written for a period; `filled` of them say something already, out of `source`. `secrecy` is empty for plain ones."""

    period: Period
    folder: Path
    number: int
    filled: int
    source: Path | None
    secrecy: str

    @property
    def sentences(self) -> list[str]:
        already = f", {self.filled} of them filled in from {self.source}" if self.filled else ""
        return nonempty(f"Wrote {count_copies(self.number)} for {self.period.name} to {self.folder}{already}.", self.secrecy)


@dataclass(frozen=True, slots=True)
class CheckRun:
    """Every file with its findings, and how many copies to send back were written to `feedback`."""

    outcomes: Outcomes
    feedback: Path | None
    written: int

    @property
    def sentences(self) -> list[str]:
        return nonempty(f"Wrote {count_copies(self.written)} to send back to {self.feedback}." if self.written else "")


@dataclass(frozen=True, slots=True)
class MergeRun:
    """
    Every file with what became of it, and the master they were merged into.

    `cells` counts read, merged, held_back, superseded and blank. `changed` is False when the master held all this already;
    `kept` is where the one before it is, if there was one; `release` the workbook for wider reading, if one was written;
    `masked` are the refs and objectives on which the group's own words were identifying.
    """

    outcomes: Outcomes
    master: Path
    cells: Mapping[str, int]
    changed: bool
    kept: Path | None
    release: Path | None
    masked: Sequence[str] = ()

    @property
    def sentences(self) -> list[str]:
        kept = f" The one before is kept as {self.kept.name}." if self.kept else ""
        return nonempty(
            cells_sentence(self.cells),
            f"Wrote {self.master}.{kept}" if self.changed else f"{self.master} holds all this already; it was left as it is.",
            f"The group's own words on {', '.join(self.masked)} held what could identify a child. It was taken out: read them again."
            if self.masked
            else "",
            f"Wrote {self.release} for wider reading. Look it through before you pass it on." if self.release else "",
        )


def nonempty(*sentences: str) -> list[str]:
    """Those there are."""
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


def count_of(number: int, word: str) -> str:
    """`1 error`, `2 errors`."""
    return f"{number} {word}{'' if number == 1 else 's'}"
