"""Words that people type where a figure is asked for and they have none: what each means, for the reader and for the sheet."""

from __future__ import annotations

import re

NOT_AVAILABLE_YET, NOT_COLLECTED, NOT_APPLICABLE, TOO_FEW = "Not available yet", "Not collected", "Not applicable", "Too few to give"

REASON_OF_WORD = {
    word.upper(): reason
    for reason, words in {
        NOT_AVAILABLE_YET: ("not available yet", "not yet available", "not available", "tbc", "t.b.c.", "t.b.c", "tba", "to be confirmed",
                            "to follow", "awaited", "awaiting data", "pending"),
        NOT_COLLECTED: ("not collected", "not held", "not recorded", "not counted"),
        NOT_APPLICABLE: ("n/a", "n / a", "na", "n.a.", "n.a", "not applicable"),
        TOO_FEW: ("too few to give", "too few", "suppressed"),
    }.items()
    for word in words
}  # fmt: skip
"""Words with one meaning, in upper case: the reason that each is read as."""

UNCLEAR_WORDS = tuple(
    word.upper() for word in ("nil", "none", "no", "not known", "unknown", "don't know", "no data", "no figure", "no return",
                              "-", "--", "?", "??", "x", "*", ".")
)  # fmt: skip
"""Words that may mean 0, or that there is no figure, or why: they are asked about. `-` stands for every dash."""

_DASHES = ("\u2013", "\u2014", "\u2212")

SEPARATOR = "\u00a0"
"""Between the words in the lists of the sheet. No text that a formula looks for has one: it replaces them by spaces first."""


def word_list(*words: str) -> str:
    """Words as one text in which the sheet can find a whole word, with a separator on each side of it."""
    return SEPARATOR + SEPARATOR.join(words) + SEPARATOR


WORD_LISTS = {"reason_words": word_list(*REASON_OF_WORD), "unclear_words": word_list(*UNCLEAR_WORDS, *_DASHES)}
"""The same words as defined names of a copy: written out in every formula, they would make it too long for Excel."""

RATIO_SIGNS = ("%", "/", " OF ", "PERCENT", "PER CENT")
"""A text with one of these, in one of the two numbers of a percentage, is more than that number."""

_BOTH = re.compile(r"(\d+)\s*(?:/|OUT OF|OF)\s*(\d+)")


def is_ratio(text: str) -> bool:
    """Whether a text, squeezed and in upper case, looks like a whole percentage: `86%`, `31 OUT OF 36`."""
    return any(sign in text for sign in RATIO_SIGNS)


def both_numbers(text: str) -> tuple[str, str] | None:
    """`both_numbers("31 OUT OF 36") == ("31", "36")`; None where it is anything else."""
    match = _BOTH.fullmatch(text)
    return (match[1], match[2]) if match else None
