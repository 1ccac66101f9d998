"""The four ratings: their words, meanings, colours and order, and the overall rating of an action."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

NOT_RATED = "Not rated"


@dataclass(frozen=True, slots=True)
class Rating:
    """One of the four ratings. Colours are RRGGBB; `ink` is readable on `fill` (contrast of 4.5 or more)."""

    word: str
    letter: str
    meaning: str
    fill: str
    ink: str


BLUE = Rating("Blue", "B", "The task has been completed.", "1D5FA8", "FFFFFF")
RED = Rating("Red", "R", "The task has not been started, or has yet to progress.", "C5221F", "FFFFFF")
AMBER = Rating("Amber", "A", "The task is off target, with remedial action.", "FFB000", "000000")
GREEN = Rating("Green", "G", "The task is on target.", "2E7D32", "FFFFFF")

RATINGS = (BLUE, RED, AMBER, GREEN)
"""In the order of the acronym, as dropdowns list them."""

WORST_FIRST = (RED, AMBER, GREEN, BLUE)
"""In the order of the plan's four narrow columns, worst first."""

RANK = {rating.word: number for number, rating in enumerate(WORST_FIRST)}
"""0 for the worst: `RANK["Red"] == 0`."""

NOT_RATED_FILL = "C8CED4"
"""The colour of what is not rated, in charts."""

RATING_BY_WORD = {rating.word: rating for rating in RATINGS}
RATING_WORDS = tuple(RATING_BY_WORD)
_BY_FOLDED = {rating.word.casefold(): rating.word for rating in RATINGS}


def as_rating(text: str) -> str | None:
    """The rating that a text names in upper or lower case, or None: `as_rating("blue") == "Blue"`."""
    return _BY_FOLDED.get(text.casefold())


def overall_rating(ratings: Iterable[str | None]) -> str:
    """
    The overall rating of an action, from one entry for each accountable agency (None: not rated).

    The worst of Red, Amber and Green that any agency gave; Blue only when every agency gave Blue.
    """
    words = list(ratings)
    for rating in WORST_FIRST[:3]:
        if rating.word in words:
            return rating.word
    return BLUE.word if words and all(word == BLUE.word for word in words) else NOT_RATED
