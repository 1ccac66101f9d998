"""What is found when several returns of one agency and period are put in order."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import TYPE_CHECKING

from cedg_excel.findings import Finding, Place, shortened
from cedg_excel.form.rules import BY_CODE
from cedg_excel.master.store import StoredValues
from cedg_excel.personal_data import masked
from cedg_excel.plan.model import Period
from cedg_excel.plan.period_words import long_date

if TYPE_CHECKING:
    from cedg_excel.master.returns_in_use import InUse, SavedFile

MOST_LISTED = 40
"""More answers than this would make a sentence that nobody reads to its end; Changes has them all."""
DOUBTFUL_GAP = timedelta(days=366)
"""Nobody completes a return more than a year before saving it."""


@dataclass(slots=True)
class RecordFindings:
    """Adds findings to `found`, by SHA-256. `names` has the name of each file."""

    values: StoredValues
    names: Mapping[str, str]
    found: dict[str, list[Finding]]

    def combined(self, before: InUse, unit: InUse) -> None:
        """The two answer different cells, so both count."""
        others = ", ".join(self.names[sha] for sha in before.members)
        self._add("COMBINED", unit.members[-1], other=others)

    def closed_period(self, sha: str, before: InUse, period: Period) -> None:
        """The return would change a period that is over, so it is held back."""
        self._add("CLOSED_PERIOD", sha, other=self.names[before.members[-1]], value=period.name)

    def superseding(self, before: InUse, unit: InUse, earlier: Sequence[InUse], issued: Mapping[str, set[str]]) -> None:
        """The answers that a later return clears, and those that go back to what a return before had."""
        answered = self._last_answered([*earlier, before], issued)
        cleared = {key: sha for key, sha in answered.items() if self.values.text_in(unit.sources, key) is None}
        reverted = {key: sha for key, sha in answered.items() if self._goes_back(key, unit, before, earlier)}
        self._list("CLEARS_EARLIER", cleared, unit)
        self._list("REVERTS_EARLIER", reverted, unit)

    def _last_answered(self, units: Sequence[InUse], issued: Mapping[str, set[str]]) -> dict[str, str]:
        """The file with the last answer to each key, except those of the Cover and those that the copy was issued with."""
        found: dict[str, str] = {}
        for unit in units:
            for key, sha in unit.sources.items():
                text = self.values.text(sha, key)
                if text is not None and not key.startswith("cover/") and text not in issued.get(key, ()):
                    found[key] = sha
        return found

    def _goes_back(self, key: str, unit: InUse, before: InUse, earlier: Sequence[InUse]) -> bool:
        old, new = self.values.text_in(before.sources, key), self.values.text_in(unit.sources, key)
        return None not in (old, new) and new != old and any(self.values.text_in(other.sources, key) == new for other in earlier)

    def _list(self, code: str, sources: Mapping[str, str], unit: InUse) -> None:
        keys = list(sources)
        if not keys:
            return
        # Where they were in the file that had them: the later one may not even have these rows.
        listed = [f"{_address(self._place(sources, key))} {self._shown(sources[key], key)}" for key in keys[:MOST_LISTED]]
        more = f" and {len(keys) - MOST_LISTED} more (see Changes)" if len(keys) > MOST_LISTED else ""
        files = ", ".join(dict.fromkeys(self.names[sha] for sha in sources.values()))
        count = "1 answer" if len(keys) == 1 else f"{len(keys)} answers"
        place = self._place(unit.sources if keys[0] in unit.sources else sources, keys[0])
        self._add(code, unit.members[-1], place, count=count, other=files, answers="; ".join(listed) + more)

    def _shown(self, sha: str, key: str) -> str:
        return f'"{shortened(masked(self.values.text(sha, key) or ""), 80)}"'

    def _place(self, sources: Mapping[str, str], key: str) -> Place:
        sheet, row, column = self.values.by_file[sources[key]][key][3:6]
        return Place(sheet, int(row), int(column))

    def doubtful_times(self, last: str, files: Sequence[SavedFile], period: Period) -> None:
        """Of several returns: those whose time of saving contradicts their own dates, so that the order may be wrong."""
        doubtful = [text for file in files if (text := self._doubtful_time(file, period))]
        if doubtful:
            self._add("TIME_DOUBTFUL", last, times="; ".join(doubtful))

    def _doubtful_time(self, file: SavedFile, period: Period) -> str:
        saved, completed = file.day, self.values.value(file.sha, "cover/completed_on")
        if saved is None:
            return ""
        if isinstance(completed, date) and abs(saved - completed) > DOUBTFUL_GAP:
            return f"{file.name} was saved on {long_date(saved)} and completed on {long_date(completed)}"
        if saved < period.start:
            return f"{file.name} was saved on {long_date(saved)}, before {period.name} began"
        return ""

    def _add(self, code: str, sha: str, place: Place = Place(), **words: str) -> None:  # noqa: B008 a frozen value
        self.found.setdefault(sha, []).append(BY_CODE[code].finding(self.names[sha], place, **words))


def _address(place: Place) -> str:
    return f"{place.sheet}!{place.cell}"
