"""What might identify a child in what people type, and the same text with it taken out."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import lru_cache

_GAP = r"[\s\u2000-\u200f\u2010-\u2015\u2212\u00ad./_-]{0,3}"
"""What people put between the figures of a number: spaces, hyphens of every length, dots, strokes."""
_MONTH = r"(?:jan|feb|mar|apr|may|june?|july?|aug|sept?|oct|nov|dec)[a-z]*\.?"
_DAY = r"\d{1,2}(?:st|nd|rd|th)?"
_DATE = (
    rf"(?:\d{{4}}{_GAP}\d{{1,2}}{_GAP}\d{{1,2}}(?!\d)|\d{{1,2}}\s?[./-]\s?\d{{1,2}}\s?[./-]\s?\d{{2,4}}|\d{{1,2}}\s\d{{1,2}}\s\d{{2,4}}"
    rf"|\d{{6}}(?!\d)|\d{{8}}(?!\d)|(?:{_DAY}[\s,.-]*(?:of\s)?)?{_MONTH}[\s,.-]*\d{{2,4}}|{_MONTH}\s{_DAY},?\s\d{{2,4}})"
)
_CUE = r"(?:\bborn\b|\bd\.?\s?o\.?\s?b\b\.?|\b(?:date|day)\s?of\s?birth\b|\bbirth\s?(?:date|day)\b|\bb/d\b)"
_AREAS = (
    "AB AL B BA BB BD BH BL BN BR BS BT CA CB CF CH CM CO CR CT CV CW DA DD DE DG DH DL DN DT DY E EC EH EN EX FK FY G GL GU GY HA "
    "HD HG HP HR HS HU HX IG IM IP IV JE KA KT KW KY L LA LD LE LL LN LS LU M ME MK ML N NE NG NN NP NR NW OL OX PA PE PH PL PO PR "
    "RG RH RM S SA SE SG SK SL SM SN SO SP SR SS ST SW SY TA TD TF TN TQ TR TS TW UB W WA WC WD WF WN WR WS WV YO ZE"
)
"""The letters a postcode can begin with. Source: Royal Mail's list of postcode areas."""
_ORDINAL = re.compile(r"\d(?:st|nd|rd|th)$", re.IGNORECASE)


def _figures(text: str) -> str:
    return "".join(str(int(character)) for character in text if character.isdecimal())


def _is_nhs_number(text: str) -> bool:
    # Ten figures in a row are rare, and the library brings much else with it: it is loaded when some are met.
    from stdnum.gb import nhs

    return bool(nhs.is_valid(_figures(text)))


def _is_phone(text: str) -> bool:
    """A telephone number of the United Kingdom, told from a row of small numbers and from a date by its long first group."""
    figures = _figures(text)
    if text.lstrip("( ").startswith(("+", "00")):
        return 11 <= len(figures) - figures.startswith("00") * 2 <= 13
    first = re.split(r"[\s().-]+", text.strip(" ("))[0]
    return len(figures) in (10, 11) and len(first) >= 3


def _is_postcode(text: str) -> bool:
    # `E1 2nd` is a second something; a postcode is written in capitals, or all in small letters.
    return text in (text.upper(), text.lower()) and not (text.islower() and _ORDINAL.search(text))


_ANYTHING = re.compile("")


@dataclass(frozen=True, slots=True)
class PersonalDataKind:
    """
    One kind of personal data: the rule that says so, what stands for it when shown, and how it is known.

    `needs` is a part of the pattern that is found fast: a text without it is not looked through for the whole.
    """

    code: str
    name: str
    pattern: re.Pattern[str]
    holds: bool
    certain: Callable[[str], bool] = bool
    needs: re.Pattern[str] = _ANYTHING

    def spans(self, text: str) -> Iterator[tuple[int, int]]:
        """Where in a text it stands."""
        if not self.needs.search(text):
            return
        for match in self.pattern.finditer(text):
            if self.certain(match["it"]):
                yield match.span("it")


def _kind(
    code: str, name: str, pattern: str, certain: Callable[[str], bool] = bool, *, holds: bool = False, needs: str = ""
) -> PersonalDataKind:
    return PersonalDataKind(code, name, re.compile(pattern, re.IGNORECASE), holds, certain, re.compile(needs, re.IGNORECASE))


_ENDING = r"[A-Z\d]?\s?\d[ABD-HJLNP-UW-Z]{2}\b"
"""How a postcode ends, after its first figure."""


KINDS = (
    _kind("NHS_NUMBER", "NHS number", rf"(?<!\d)(?P<it>\d{{3}}{_GAP}\d{{3}}{_GAP}\d{{4}})(?!\d)",
          _is_nhs_number, holds=True),
    _kind("NI_NUMBER", "National Insurance number",
          rf"\b(?P<it>(?!BG|GB|NK|KN|TN|NT|ZZ)[A-CEGHJ-PR-TW-Z][A-CEGHJ-NPR-TW-Z](?:{_GAP}\d{{2}}){{3}}{_GAP}[A-D])\b", holds=True),
    _kind("DATE_OF_BIRTH", "date of birth", rf"{_CUE}[^\d\n;!?]{{0,40}}?(?P<it>{_DATE})", holds=True, needs=_CUE),
    _kind("DATE_OF_BIRTH", "date of birth", rf"(?<!\d)(?P<it>{_DATE})[\s(,:;–-]{{0,6}}{_CUE}", holds=True, needs=_CUE),
    _kind("EMAIL_ADDRESS", "e-mail address", r"(?P<it>[\w.!#$%&'*+/=?^`{|}~-]{1,64}@[\w-]+(?:\.[\w-]+)+)", needs="@"),
    _kind("PHONE_NUMBER", "phone number",
          r"(?<![\w.,/-])(?P<it>(?:(?:\+|00)\s?44[\s().-]{0,3}(?:0[\s().-]{0,3})?\d|\(?0[1-9])(?:[\s().-]{0,3}\d){8,10})(?!\d)", _is_phone),
    _kind("POSTCODE", "postcode",
          rf"\b(?P<it>(?:{_AREAS.replace(' ', '|')}|GIR)\d{_ENDING})", _is_postcode, needs=rf"\d{_ENDING}"),
)  # fmt: skip
"""In the order in which they are looked for: what is found first is not looked at again."""

# Both begin with one character of a few: such are found fastest.
_BIRTH = re.compile(r"[bBdD](?:\.?\s?[oO](?:\.?\s?[bB]|[rR][nN])|[iIİı][rR][tT][hH]|/[dD])")
_FIGURES = re.compile(rf"\d(?:{_ENDING}|(?:\D{{0,8}}\d){{5}})", re.IGNORECASE)
_CLASSES = bytes(57 if 48 <= n < 58 else 65 if bytes((n,)).isalpha() else 46 for n in range(256))
"""Every figure as a 9, every letter as an A, and all else as a dot."""


def _may_hold(text: str) -> bool:
    """
    Whether a text has what all personal data has one of: an at sign; or two figures or more, with a word about birth, as the end
    of a postcode, or six of them not far from each other.
    """
    if "@" in text:
        return True
    if text.isascii():
        # Most texts are done with here, in a third of the time.
        shape = text.encode().translate(_CLASSES)
        figures = shape.count(b"9")
        if figures < 2 or (figures < 6 and b"9AA" not in shape and not _BIRTH.search(text)):
            return False
    return bool(_FIGURES.search(text) or _BIRTH.search(text))


def take_out(text: str) -> tuple[str, tuple[str, ...]]:
    """
    The text with all personal data taken out, `call [phone number]`, and the codes of the rules it breaks, in the order of KINDS.
    """
    codes = []
    if not _may_hold(text):
        return text, ()
    for kind in KINDS:
        spans = list(kind.spans(text))
        for start, end in reversed(spans):
            text = f"{text[:start]}[{kind.name}]{text[end:]}"
        codes += [kind.code] if spans else []
    return text, tuple(dict.fromkeys(codes))


@lru_cache(maxsize=10_000)
def masked(text: str) -> str:
    """The text as it may be shown: `masked("NHS no. 943 476 5919") == "NHS no. [NHS number]"`."""
    return take_out(text)[0]


HOLDING = frozenset(kind.code for kind in KINDS if kind.holds)
"""The codes of what holds its cell back."""


def without_identity(text: str) -> str:
    """The text, masked if it holds what could identify a child by itself: a telephone number alone may be a service's own."""
    return masked(text) if HOLDING & set(take_out(text)[1]) else text


def was_identifying(text: str) -> bool:
    """Whether what could identify a child has been taken out of a text."""
    return any(f"[{kind.name}]" in text for kind in KINDS if kind.holds)
