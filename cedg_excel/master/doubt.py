"""How far a rating or a figure can be trusted: who has not answered, whose answer has an error, and whose was held back."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from cedg_excel.form.fields import REASON_LIST
from cedg_excel.master.merged import Merged
from cedg_excel.master.store import records

IN_ERROR, PARTIAL, HELD_BACK = "†", "‡", "▢"
LEGEND = (
    f"{IN_ERROR} rests on an answer with an error, counted as typed.  {PARTIAL} from some of the agencies only.  "
    f"{HELD_BACK} an answer is held back: it could not be used."
)
"""What the marks mean, for every page that shows one."""


@dataclass(frozen=True, slots=True)
class Doubt:
    """
    What is doubtful about one action or KPI in one period.

    `silent` are the agencies that were asked and gave no rating, and neither a figure nor a reason why there is none; `reasons` are
    the agencies that gave such a reason, and which; `in_error` those whose answer has an error and counts as
    typed; `held_back` what was typed by each agency whose answer could not be used, with personal data masked.
    """

    asked: tuple[str, ...]
    silent: tuple[str, ...] = ()
    in_error: frozenset[str] = frozenset()
    held_back: tuple[tuple[str, str], ...] = ()
    reasons: tuple[tuple[str, str], ...] = ()

    @property
    def marks(self) -> str:
        """`†‡`, or "" where nothing is doubtful."""
        return (IN_ERROR if self.in_error else "") + ("" if self.is_complete else PARTIAL) + (HELD_BACK if self.held_back else "")

    @property
    def answered(self) -> int:
        """How many of the agencies asked have given a rating or figure."""
        return len(self.asked) - len(self.silent) - len(self.reasons)

    @property
    def is_complete(self) -> bool:
        """Whether every agency asked has given a rating or figure: what a comparison like for like needs."""
        return self.answered == len(self.asked)

    @property
    def coverage(self) -> str:
        """`from 10 of 12`, or "" where all have given a rating or figure."""
        return "" if self.is_complete else f"from {self.answered} of {len(self.asked)}"

    @property
    def without_figure(self) -> str:
        """`2 not available yet, 1 held back, 1 silent`: why agencies are missing from a total; "" where none is."""
        counts = Counter(reason for _, reason in self.reasons)
        held_back = {agency for agency, _ in self.held_back} & set(self.silent)
        parts = [(counts[word], word.lower()) for word in REASON_LIST.words]
        parts += [(len(held_back), "held back"), (len(self.silent) - len(held_back), "silent")]
        return ", ".join(f"{number} {word}" for number, word in parts if number)


def all_marks(marks: Iterable[str]) -> str:
    """The marks of several ratings or figures, each once: `†‡`. For a count or a row that rests on all of them."""
    found = set("".join(marks))
    return "".join(mark for mark in (IN_ERROR, PARTIAL, HELD_BACK) if mark in found)


Answers = Mapping[tuple[str, str], tuple[frozenset[str], tuple[tuple[str, str], ...]]]
"""By period and first parts of a key (`kpi/K2.1`): the agencies in error, and what was held back from whom."""


def doubtful_answers(merged: Merged) -> Answers:
    """Every answer with an error, and every one that was held back, from the findings of the returns that count."""
    in_error: dict[tuple[str, str], set[str]] = defaultdict(set)
    held_back: dict[tuple[str, str], dict[str, str]] = defaultdict(dict)
    for row in records(merged.tables["findings"]):
        about = row.key.rpartition("/")[0] if row.key else ""
        if about and row.held_back:
            held_back[row.period, about][row.agency] = row.value or ""
        elif about and row.severity == "error":
            in_error[row.period, about].add(row.agency)
    places = {*in_error, *held_back}
    return {place: (frozenset(in_error[place]), tuple(sorted(held_back[place].items()))) for place in places}


def doubt_about(
    answers: Answers, period: str, about: str, asked: Iterable[str], answered: Iterable[str], reasons: Mapping[str, str] | None = None
) -> Doubt:  # fmt: skip
    """
    The doubt about `kpi/K2.1` or `action/2.3` in a period, among the agencies asked. `reasons` are those given instead of a figure,
    by agency.
    """
    asked, given = tuple(asked), set(answered)
    in_error, held_back = answers.get((period, about), (frozenset(), ()))
    without = {agency: reason for agency, reason in (reasons or {}).items() if agency in asked and agency not in given}
    return Doubt(
        asked,
        tuple(agency for agency in asked if agency not in given and agency not in without),
        in_error & given & set(asked),
        tuple((agency, typed) for agency, typed in held_back if agency in asked),
        tuple(without.items()),
    )
