"""
Comparing like with like: a KPI or an action in two periods, over the agencies that answered in both.

Every page, report and release takes its changes from here. Two rules keep silence from reading as news: a change is computed over the
same agencies, and *better* is said only when every agency that is asked has answered both times and none of the answers has an error.
So taking an answer away never makes anything better.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from cedg_excel.master.doubt import PARTIAL, Doubt
from cedg_excel.plan.model import Action, Kpi, Period
from cedg_excel.ratings import BLUE, NOT_RATED, RANK, overall_rating

BETTER, WORSE, UP, DOWN = "▲ better", "▼ worse", "▲ up", "▼ down"
OFF_TRACK = ("Red", "Amber")
"""The ratings that need attention, the worst first."""

Figure = int | float


@dataclass(frozen=True, slots=True)
class KpiFigure:
    """One agency's figure: a value, or a numerator and a denominator."""

    value: Figure | None = None
    numerator: Figure | None = None
    denominator: Figure | None = None

    @property
    def is_complete(self) -> bool:
        """Whether it can be added to a total."""
        return isinstance(self.value, int | float) or (self.numerator is not None and self.denominator is not None)


@dataclass(frozen=True, slots=True)
class KpiPeriod:
    """A KPI in one period: each agency's figure by its id, and how far they can be trusted."""

    kpi: Kpi
    period: Period
    figures: dict[str, KpiFigure]
    doubt: Doubt

    def total(self, agencies: Iterable[str] | None = None) -> Figure | None:
        """The total across these agencies, or all, by the KPI's `combine`. A percentage is from 0 to 100; None without any figure."""
        among = self.figures if agencies is None else agencies
        figures = [figure for agency in among if (figure := self.figures.get(agency)) and figure.is_complete]
        if self.kpi.combine == "ratio":
            whole = sum(figure.denominator or 0 for figure in figures)
            return 100 * sum(figure.numerator or 0 for figure in figures) / whole if whole else None
        numbers = [figure.value for figure in figures if figure.value is not None]
        if not numbers or (self.kpi.combine == "single" and len(numbers) > 1):
            return None
        return sum(numbers)

    @property
    def marks(self) -> str:
        """The marks of the total's doubt. Where nobody has given a figure there is no total that could be partial."""
        return self.doubt.marks if self.total() is not None else self.doubt.marks.replace(PARTIAL, "")

    @property
    def parts(self) -> tuple[Figure, Figure]:
        """The sum of the numerators and that of the denominators, of the agencies that gave both; 0 and 0 for what is no percentage."""
        complete = [figure for figure in self.figures.values() if figure.numerator is not None and figure.denominator is not None]
        return sum(figure.numerator or 0 for figure in complete), sum(figure.denominator or 0 for figure in complete)

    @property
    def respondents(self) -> frozenset[str]:
        """The agencies whose figures make the total."""
        return frozenset(agency for agency, figure in self.figures.items() if figure.is_complete)


@dataclass(frozen=True, slots=True)
class KpiComparison:
    """A KPI in two periods. `before` and `after` are the totals of the agencies in `common`, which answered in both."""

    earlier: KpiPeriod
    later: KpiPeriod
    common: tuple[str, ...]
    before: Figure | None
    after: Figure | None

    @property
    def same_agencies(self) -> bool:
        """Whether all agencies that answered in either period answered in both."""
        return self.earlier.respondents == self.later.respondents


def compare_kpi(earlier: KpiPeriod, later: KpiPeriod) -> KpiComparison:
    """The two periods of one KPI, over the agencies that gave a figure in both."""
    common = tuple(agency for agency in later.figures if agency in earlier.respondents & later.respondents)
    return KpiComparison(earlier, later, common, earlier.total(common) if common else None, later.total(common) if common else None)


@dataclass(frozen=True, slots=True)
class LastHeard:
    """A rating from an earlier period of an agency that has not rated the action since."""

    agency: str
    rating: str
    period: Period


@dataclass(frozen=True, slots=True)
class ActionRatings:
    """
    An action's ratings in one period: by accountable agency, and what was last heard from those that have not rated it.

    `by_group` is the group's own rating, which replaces the agencies'.
    """

    action: Action
    ratings: dict[str, str]
    last_heard: tuple[LastHeard, ...]
    doubt: Doubt
    by_group: str | None = None
    note: str | None = None

    @property
    def still_off_track(self) -> tuple[LastHeard, ...]:
        """The off-track ratings that nobody has taken back: they hold until the agency answers."""
        return tuple(item for item in self.last_heard if item.rating in OFF_TRACK)

    @property
    def by_agencies(self) -> str:
        """The worst rating given, or off track when last heard; Blue only if every accountable agency says so now."""
        given = [self.ratings.get(agency) for agency in self.action.agencies]
        known = [*given, *(item.rating for item in self.still_off_track)]
        return overall_rating(known)

    @property
    def rating(self) -> str:
        return self.by_group or self.by_agencies

    @property
    def marks(self) -> str:
        """The marks of its doubt; none of the group's own rating, which does not rest on the agencies' answers."""
        return "" if self.by_group else self.doubt.marks

    @property
    def rated(self) -> int:
        return len(self.ratings)

    @property
    def to_rate(self) -> int:
        return len(self.action.agencies)

    @property
    def is_complete(self) -> bool:
        """Whether every accountable agency has rated it, or the group has decided."""
        return self.by_group is not None or self.rated == self.to_rate

    @property
    def needs_attention(self) -> bool:
        """Off track, now or when last heard; or not known, because an accountable agency has not rated it."""
        return self.rating in OFF_TRACK or not self.is_complete

    @property
    def is_done(self) -> bool:
        return self.rating == BLUE.word


def marked_rating(ratings: ActionRatings) -> str:
    """An action's overall rating with the marks of its doubt: `Green ‡`."""
    return f"{ratings.rating} {ratings.marks}".rstrip()


@dataclass(frozen=True, slots=True)
class RatingChange:
    """An action whose overall rating has changed, among the agencies that rated it in both periods."""

    action: Action
    before: str
    after: str
    rests_on: str
    """What *better* would rest on besides the answers: `2 of 3 agencies`, or an answer with an error; "" where it is certain."""

    @property
    def worse(self) -> bool:
        return RANK[self.after] < RANK[self.before]

    @property
    def text(self) -> str:
        """`▼ worse: Green to Red`, or in neutral words where *better* would rest on silence: `Amber to Green (2 of 3 agencies)`."""
        words = f"{self.before} to {self.after}"
        if self.rests_on:
            words += f" ({self.rests_on})"
        if self.worse:
            return f"{WORSE}: {words}"
        return words if self.rests_on else f"{BETTER}: {words}"


def compare_ratings(earlier: ActionRatings, later: ActionRatings, consecutive: bool) -> RatingChange | None:
    """How an action's rating has changed over the same agencies; None if it has not, or was not rated in both periods."""
    common = [agency for agency in later.action.agencies if agency in earlier.ratings and agency in later.ratings]
    before = earlier.by_group or overall_rating([earlier.ratings[agency] for agency in common])
    after = later.by_group or overall_rating([later.ratings[agency] for agency in common])
    if before == after or NOT_RATED in (before, after):
        return None
    return RatingChange(later.action, before, after, _rests_on(earlier, later, len(common), consecutive))


def _rests_on(earlier: ActionRatings, later: ActionRatings, common: int, consecutive: bool) -> str:
    if not (earlier.is_complete and later.is_complete):
        return f"{common} of {later.to_rate} agencies"
    if earlier.doubt.in_error or later.doubt.in_error:
        return "resting on an answer with an error"
    return "" if consecutive else "not from one period to the next"
