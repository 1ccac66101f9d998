"""A field of a row, and what of it can be used in a formula."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from cedg_excel.excel_facts import column_letter
from cedg_excel.form.no_figure import RATIO_SIGNS, SEPARATOR, word_list

MAX_LITERAL = 255
"""How many characters a text in a formula can have."""


def upper_and_trimmed(formula: str) -> str:
    """A formula for a text in upper case and without extra spaces."""
    return f'UPPER(TRIM(SUBSTITUTE(SUBSTITUTE({formula},"\u00a0"," "),CHAR(10)," ")))'


def array_constant(texts: Iterable[str]) -> str:
    """Texts as an array in a formula: `{"a";"b"}`."""
    return "{" + ";".join(f'"{text}"' for text in texts) + "}"


def length(formula: str) -> str:
    """A formula for the length of a text without spaces around it: 0 when it is blank."""
    return f'LEN(TRIM(CLEAN(SUBSTITUTE({formula},"\u00a0"," "))))'


@dataclass(frozen=True, slots=True)
class Operand:
    """
    One field of the row that a formula is in, as used in that formula.

    The row is read as INDEX(H:H,ROW()): cut and paste turns direct references into #REF!.
    """

    column: int
    choices: tuple[str, ...] = ()
    no_figure: tuple[str, ...] = ()
    """The lists of words that say in its place that there is no figure."""

    @property
    def raw(self) -> str:
        letter = column_letter(self.column)
        return f"INDEX(${letter}:${letter},ROW())"

    @property
    def address(self) -> str:
        """Its address as text: `H7`."""
        return f'"{column_letter(self.column)}"&ROW()'

    @property
    def text(self) -> str:
        """What was typed, in upper case and without extra spaces."""
        return upper_and_trimmed(self.raw)

    @property
    def blank(self) -> str:
        return f"{length(self.raw)}=0"

    @property
    def number(self) -> str:
        return f"ISNUMBER({self.raw})"

    @property
    def is_choice(self) -> str:
        """Whether it is one of the choices."""
        if len(listed := word_list(*self.choices)) > MAX_LITERAL:
            return "OR(" + ",".join(f'{self.text}="{word.upper()}"' for word in self.choices) + ")"
        return self._is_among(f'"{listed.upper()}"')

    @property
    def mentions_choice(self) -> str:
        """Whether one of the choices is part of it."""
        return f"COUNT(FIND({array_constant(word.upper() for word in self.choices)},{self.text}))>0"

    @property
    def is_unclear(self) -> str:
        """Whether it is a word that may say that there is no figure."""
        return self._is_among("unclear_words")

    @property
    def says_no_figure(self) -> str:
        """Whether it is any word that says or may say so."""
        return self._is_among("&".join(self.no_figure)) if self.no_figure else "FALSE"

    @property
    def is_ratio(self) -> str:
        """Whether it looks like a whole percentage."""
        return f"COUNT(FIND({array_constant(RATIO_SIGNS)},{self.text}))>0"

    def _is_among(self, words: str) -> str:
        # One search, because `text` is long and a formula may not be. Not MATCH: it takes * and ? for any characters.
        return f'ISNUMBER(FIND("{SEPARATOR}"&{self.text}&"{SEPARATOR}",{words}))'
