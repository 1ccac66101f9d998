"""
What the totals of a KPI over the periods mean: whether they changed, and whether the target is likely to be met.

Source: NHS England, *Making Data Count*: an XmR chart (Shewhart; Wheeler, *Understanding Variation*) read by four rules. With the values
x1 ... xn of the baseline, in the KPI's own unit:

    mean   = (x1 + ... + xn) / n
    reach  = 2.66 × (|x2 - x1| + ... + |xn - xn-1|) / (n - 1)      2.66 times the mean moving range
    limits = mean - reach, mean + reach

The baseline is the first 12 comparable points, or all of them while there are fewer. It then stays fixed: limits that move with every new
point take in a change before they show it.

The latest comparable point is judged, and only by signals that it is part of. In this order:

1. It is outside the limits.
2. It is the last of seven or more in a row on one side of the mean. A point on the mean ends the row.
3. It is the last of six or more in a row, each above (or each below) the one before, and it is on that side of the mean. Without the last
   condition a rise that has not yet reached the mean would be called "higher than expected".
4. It is one of two, in the latest three, in the outer third between the mean and one limit, and all three are on that side of the mean.
   That all three must be on one side is how the NHS-R community's NHSRplotthedots reads the rule.

Measured on 200,000 series each, Poisson with mean 20:

- Without a change, judged at 8, 9, ... 12 points: 4.65 % are called significant at some time (5.2 % if rule 4 accepts a third point
  across the mean; 4.3 % if rule 3 asks for seven points). Small counts are called more often: 5.4 % at mean 5, 8 % at 2, 12 % at 1.
- A step from 20 to 20 + 2·√20 after 12 points is called "higher" within 8 points in 95 %, one to 20 - 2·√20 "lower" in 98 %.
  With limits that move with every point: 72 % and 84 %.
- Every further point can be called falsely: 24 % of the series without a change have been called by 20 points, 32 % by 24 (12 % and
  16 % with limits that move). A signal is a question to ask, not a proof.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise, takewhile
from math import inf, isfinite
from typing import Literal

FEWEST_POINTS = 8
BASELINE = 12

NO_CHANGE = "no significant change"
HIGHER, LOWER = "special cause: higher than expected", "special cause: lower than expected"
IMPROVEMENT, CONCERN = "improvement", "concern"
MEET, MISS, MAY = "likely to meet the target", "likely to miss the target", "may or may not meet the target"

# P(ass), F(ail) and ? are Making Data Count's own.
ICONS = {"": "", NO_CHANGE: "\u2248", HIGHER: "\u25b2", LOWER: "\u25bc"}
ASSURANCE_ICONS = {"": "", MEET: "P", MISS: "F", MAY: "?"}

# Each rule in words, for a signal below and above the mean.
RULES = {
    "outside": ("below the lower limit", "above the upper limit"),
    "shift": ("seven in a row below the mean", "seven in a row above the mean"),
    "run": ("six in a row falling", "six in a row rising"),
    "near": ("two of three near the lower limit", "two of three near the upper limit"),
}

# What a unit's totals can be, so that no limit is shown outside it.
RANGES = {"count": (0.0, inf), "days": (0.0, inf), "percent": (0.0, 100.0)}

Direction = Literal["up", "down", ""]


@dataclass(frozen=True, slots=True)
class Point:
    """A KPI's total in one period. It is not comparable when other agencies answered than in the rest of the series."""

    period: str
    value: float
    comparable: bool = True

    def __post_init__(self) -> None:
        if not isfinite(self.value):
            raise ValueError(f"{self.period}: {self.value} is not a total")


@dataclass(frozen=True, slots=True)
class Trend:
    """
    A KPI's points and what they mean. With fewer than 8 comparable points, mean and limits are None and every verdict is "".

    `points` are all points, also those that are not comparable. `lower` and `upper` are the limits as shown: not below 0, and a
    percentage not above 100. `baseline` is how many points they rest on, 8 to 12. `rule` and `since`, the first period of the signal,
    are "" unless `variation` is a special cause. `until` is the period that was judged. `periods` is what periods are called.
    """

    points: tuple[Point, ...]
    mean: float | None = None
    lower: float | None = None
    upper: float | None = None
    baseline: int = 0
    variation: str = ""
    judgement: str = ""
    rule: str = ""
    since: str = ""
    until: str = ""
    assurance: str = ""
    periods: str = "quarters"

    @property
    def icon(self) -> str:
        """≈ no significant change, ▲ higher than expected, ▼ lower than expected, or ""."""
        return ICONS[self.variation]

    @property
    def assurance_icon(self) -> str:
        """P likely to meet the target, F likely to miss it, ? may or may not meet it, or ""."""
        return ASSURANCE_ICONS[self.assurance]

    @property
    def is_special_cause(self) -> bool:
        """Whether the latest comparable point is part of a signal."""
        return self.variation in (HIGHER, LOWER)

    @property
    def words(self) -> str:
        """`special cause: higher than expected (concern), above the upper limit in Q4 2021-22; likely to miss the target`."""
        parts = (self._verdict, self.assurance, self._left_out)
        return "; ".join(part for part in parts if part)

    @property
    def _verdict(self) -> str:
        if not self.variation:
            return f"too few {self.periods} to call a trend"
        # A reader takes a verdict to be about the latest point in the chart.
        as_of = "" if self.points[-1].comparable else f"up to {self.until}: "
        judgement = f" ({self.judgement})" if self.judgement else ""
        signal = f", {self.rule} {'in' if self.since == self.until else 'since'} {self.since}" if self.rule else ""
        return f"{as_of}{self.variation}{judgement}{signal}"

    @property
    def _left_out(self) -> str:
        count = sum(not point.comparable for point in self.points)
        return f"{count} of {len(self.points)} {self.periods} left out, because other agencies answered" if count else ""


def trend_of(
    points: Iterable[Point], *, unit: str = "count", good: Direction = "", target: float | None = None, periods: str = "quarters"
) -> Trend:
    """
    What a KPI's totals mean, the oldest first. `target` is in the unit of the values; None if there is none, or if it is in words.

    Twelve quarters of 20, 24, 20, 24, ... and then 40, with good = "down" and target = 10: mean 22, limits 11.36 and 32.64,
    `special cause: higher than expected (concern), above the upper limit in Q1 2022-23; likely to miss the target`.

    Points that are not comparable are left out of mean, limits and rules, as if they were not there. Raises ValueError for a unit
    without totals.
    """
    if unit not in RANGES:
        raise ValueError(f"a KPI in {unit} has no totals")
    every = tuple(points)
    used = [point for point in every if point.comparable]
    if len(used) < FEWEST_POINTS:
        return Trend(every, periods=periods)
    values = [float(point.value) for point in used]
    limits = _limits_of(values[:BASELINE], unit)
    signal = _signal(values, limits)
    return Trend(
        points=every,
        mean=limits.mean,
        lower=limits.lower,
        upper=limits.upper,
        baseline=min(len(used), BASELINE),
        variation=signal.variation,
        judgement=_judgement(signal.variation, good),
        rule=signal.rule,
        since=used[-signal.length].period if signal.length else "",
        until=used[-1].period,
        assurance=_assurance(limits, values[len(values) - signal.length :], good, target),
        periods=periods,
    )


@dataclass(frozen=True, slots=True)
class _Limits:
    """`lower` and `upper` as shown; rules 1 and 4 use `reach`, so that what is shown changes no verdict on variation."""

    mean: float
    reach: float
    lower: float
    upper: float


@dataclass(frozen=True, slots=True)
class _Signal:
    """`length` is how many of the latest points are part of it: 0 if there is no signal."""

    variation: str
    rule: str = ""
    length: int = 0


def _limits_of(baseline: Sequence[float], unit: str) -> _Limits:
    # From the first value on, because the rounded mean of a percentage that never changes can be next to it, and all points outside.
    first = baseline[0]
    mean = first + sum(value - first for value in baseline) / len(baseline)
    # 266 / 100 in one division is exact wherever the limit is a whole number; 2.66 is not.
    reach = 266 * sum(abs(new - old) for old, new in pairwise(baseline)) / (100 * (len(baseline) - 1))
    lowest, highest = RANGES[unit]
    # Never past the mean: 106 % is a mistake that is reported elsewhere, and the limits stay on either side of the mean.
    return _Limits(mean, reach, min(mean, max(mean - reach, lowest)), max(mean, min(mean + reach, highest)))


def _signal(values: Sequence[float], limits: _Limits) -> _Signal:
    side = 1 if values[-1] > limits.mean else -1
    rule, length = _first_rule([side * (value - limits.mean) for value in values], limits.reach)
    if not rule:
        return _Signal(NO_CHANGE)
    return _Signal(HIGHER if side > 0 else LOWER, RULES[rule][side > 0], length)


def _first_rule(gaps: Sequence[float], reach: float) -> tuple[str, int]:
    """The first rule that holds and how many points it takes in. Gaps to the mean are positive on the latest point's side."""
    if outside := _at_the_end(gap > reach for gap in gaps):
        return "outside", outside
    if (shift := _at_the_end(gap > 0 for gap in gaps)) >= 7:
        return "shift", shift
    if gaps[-1] > 0 and (rises := _at_the_end(new > old for old, new in pairwise(gaps))) >= 5:
        return "run", rises + 1
    near = [reach * 2 / 3 < gap <= reach for gap in gaps[-3:]]
    if min(gaps[-3:]) > 0 and near[-1] and sum(near) >= 2:
        return "near", 3 - near.index(True)
    return "", 0


def _at_the_end(flags: Iterable[bool]) -> int:
    """How many of the last flags are True, up to the last one that is not."""
    return len(list(takewhile(bool, reversed(list(flags)))))


def _judgement(variation: str, good: Direction) -> str:
    if variation == NO_CHANGE or not good:
        return ""
    return IMPROVEMENT if (variation == HIGHER) == (good == "up") else CONCERN


def _assurance(limits: _Limits, signal: Sequence[float], good: Direction, target: float | None) -> str:
    """
    Where the range between the limits lies: a value that equals the target meets it.

    The points of a signal widen the range, because the limits are those of the time before it: "likely to miss" would be false of a
    KPI that has met its target in every period since it changed.
    """
    if target is None or not good:
        return ""
    side = 1 if good == "up" else -1
    beyond = [side * (value - target) for value in (limits.lower, limits.upper, *signal)]
    if min(beyond) >= 0:
        return MEET
    return MISS if max(beyond) < 0 else MAY
