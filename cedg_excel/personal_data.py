"""Personal data that might identify a child in what people type, and the same text with it masked."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import lru_cache

from cedg_excel.text import normalised, origins

_GAP = r"[\s\u2000-\u200f\u2010-\u2015\u2212\u00ad./_-]{0,3}"
"""What people put between the digits of a number: spaces, hyphens and dashes, dots, slashes."""
_MONTH = r"(?:jan|feb|mar|apr|may|june?|july?|aug|sept?|oct|nov|dec)[a-z]*\.?"
_DAY = r"\d{1,2}(?:st|nd|rd|th)?"
_DATE = (
    rf"(?:\d{{4}}{_GAP}\d{{1,2}}{_GAP}\d{{1,2}}(?!\d)|\d{{1,2}}\s?[./-]\s?\d{{1,2}}\s?[./-]\s?\d{{2,4}}|\d{{1,2}}\s\d{{1,2}}\s\d{{2,4}}"
    rf"|\d{{6}}(?!\d)|\d{{8}}(?!\d)|(?:{_DAY}[\s,.-]*(?:of\s)?)?{_MONTH}[\s,.-]*\d{{2,4}}|{_MONTH}\s{_DAY},?\s\d{{2,4}})"
)
_BIRTH_WORDS = r"(?:\bborn\b|\bd\.?\s?o\.?\s?b\b\.?|\b(?:date|day)\s?of\s?birth\b|\bbirth\s?(?:date|day)\b|\bb/d\b)"
_POSTCODE_AREAS = (
    "AB AL B BA BB BD BH BL BN BR BS BT CA CB CF CH CM CO CR CT CV CW DA DD DE DG DH DL DN DT DY E EC EH EN EX FK FY G GL GU GY HA "
    "HD HG HP HR HS HU HX IG IM IP IV JE KA KT KW KY L LA LD LE LL LN LS LU M ME MK ML N NE NG NN NP NR NW OL OX PA PE PH PL PO PR "
    "RG RH RM S SA SE SG SK SL SM SN SO SP SR SS ST SW SY TA TD TF TN TQ TR TS TW UB W WA WC WD WF WN WR WS WV YO ZE"
)
"""The letters a postcode can begin with. Source: Royal Mail's list of postcode areas."""
_ORDINAL = re.compile(r"\d(?:st|nd|rd|th)$", re.IGNORECASE)


_FULL_DATE = (
    rf"(?:\d{{4}}{_GAP}\d{{1,2}}{_GAP}\d{{1,2}}(?!\d)|\d{{1,2}}\s?[./-]\s?\d{{1,2}}\s?[./-]\s?\d{{2,4}}(?!\d)"
    rf"|{_DAY}[\s,.-]*(?:of\s)?{_MONTH}[\s,.-]*\d{{2,4}}(?!\d))"
)
"""A date with its day, month and year: what follows `b.` or an age may be something else, where a birth is not named in full."""
_AGE = r"(?:\b(?:aged?|age\s?:)\s?\d{1,2}\b|\b\d{1,2}\s?(?:y/?o\b|y(?:ea)?rs?[\s-](?:of\sage|old)\b))"


def _digits(text: str) -> str:
    return "".join(str(int(character)) for character in text if character.isdecimal())


def _is_nhs_number(text: str) -> bool:
    # Imported here because ten digits in a row are rare and the library is slow to load.
    from stdnum.gb import nhs

    return bool(nhs.is_valid(_digits(text)))


def _is_phone(text: str) -> bool:
    """Whether digits are a British telephone number. Its first group is long, unlike that of a date or a list of small numbers."""
    digits = _digits(text)
    if text.lstrip("( ").startswith(("+", "00")):
        return 11 <= len(digits) - digits.startswith("00") * 2 <= 13
    first = re.split(r"[\s().-]+", text.strip(" ("))[0]
    return len(digits) in (10, 11) and len(first) >= 3


def _is_postcode(text: str) -> bool:
    # `E1 2nd` is an ordinal number; a postcode is written in upper case, or all in lower case.
    return text in (text.upper(), text.lower()) and not (text.islower() and _ORDINAL.search(text))


_ANYTHING = re.compile("")


@dataclass(frozen=True, slots=True)
class PersonalDataKind:
    """
    One kind of personal data: the code of its rule, the name that replaces it, and how it is recognised.

    `holds_back` is true where the cell is held back; `is_valid` checks what the pattern found. `must_contain` is a part of the
    pattern that is quick to find: a text without it is not searched for the whole pattern.
    """

    code: str
    name: str
    pattern: re.Pattern[str]
    holds_back: bool
    is_valid: Callable[[str], bool] = bool
    must_contain: re.Pattern[str] = _ANYTHING

    def spans(self, text: str) -> Iterator[tuple[int, int]]:
        """Where in a text it is found, as start and end."""
        if not self.must_contain.search(text):
            return
        for match in self.pattern.finditer(text):
            if self.is_valid(match["value"]):
                yield match.span("value")


def _kind(
    code: str, name: str, pattern: str, is_valid: Callable[[str], bool] = bool, *, holds_back: bool = False, must_contain: str = ""
) -> PersonalDataKind:
    return PersonalDataKind(code, name, re.compile(pattern, re.IGNORECASE), holds_back, is_valid, re.compile(must_contain, re.IGNORECASE))


_POSTCODE_END = r"[A-Z\d]?\s?\d[ABD-HJLNP-UW-Z]{2}\b"
"""How a postcode ends, after its first digit."""


KINDS = (
    _kind("NHS_NUMBER", "NHS number", rf"(?<!\d)(?P<value>\d{{3}}{_GAP}\d{{3}}{_GAP}\d{{4}})(?!\d)",
          _is_nhs_number, holds_back=True),
    _kind("NI_NUMBER", "National Insurance number",
          rf"\b(?P<value>(?!BG|GB|NK|KN|TN|NT|ZZ)[A-CEGHJ-PR-TW-Z][A-CEGHJ-NPR-TW-Z](?:{_GAP}\d{{2}}){{3}}{_GAP}[A-D])\b", holds_back=True),
    _kind("DATE_OF_BIRTH", "date of birth", rf"{_BIRTH_WORDS}[^\d\n;!?]{{0,40}}?(?P<value>{_DATE})",
          holds_back=True, must_contain=_BIRTH_WORDS),
    _kind("DATE_OF_BIRTH", "date of birth", rf"(?<!\d)(?P<value>{_DATE})[\s(,:;–-]{{0,6}}{_BIRTH_WORDS}",
          holds_back=True, must_contain=_BIRTH_WORDS),
    _kind("DATE_OF_BIRTH", "date of birth", rf"(?:\(\s?b\b[.:]?|\bb\.:?|\bb:)\s?(?P<value>{_FULL_DATE})",
          holds_back=True, must_contain=r"\bb[\s.:]"),
    _kind("DATE_OF_BIRTH", "date of birth", rf"{_AGE}[\s(,:;\[–-]{{1,4}}(?P<value>{_FULL_DATE})", holds_back=True, must_contain=_AGE),
    _kind("DATE_OF_BIRTH", "date of birth", rf"(?<!\d)(?P<value>{_FULL_DATE})[\s(,:;\[–-]{{1,4}}{_AGE}",
          holds_back=True, must_contain=_AGE),
    _kind("EMAIL_ADDRESS", "e-mail address", r"(?P<value>[\w.!#$%&'*+/=?^`{|}~-]{1,64}@[\w-]+(?:\.[\w-]+)+)", must_contain="@"),
    _kind("PHONE_NUMBER", "phone number",
          r"(?<![\w.,/-])(?P<value>(?:(?:\+|00)\s?44[\s().-]{0,3}(?:0[\s().-]{0,3})?\d|\(?0[1-9])(?:[\s().-]{0,3}\d){8,10})(?!\d)",
          _is_phone),
    _kind("POSTCODE", "postcode",
          rf"\b(?P<value>(?:{_POSTCODE_AREAS.replace(' ', '|')}|GIR)\d{_POSTCODE_END})", _is_postcode, must_contain=rf"\d{_POSTCODE_END}"),
)  # fmt: skip
"""In the order in which they are searched for: what one kind matches is masked before the next."""

# Both patterns begin with one of a few characters, which makes the search fast.
_BIRTH = re.compile(
    r"[bB][.:]{0,2}\s?\d|[aA][gG][eE][dD]?\s?:?\s?\d|\d\s?[yY][/oOeErR]"
    r"|[bBdD](?:\.?\s?[oO](?:\.?\s?[bB]|[rR][nN])|[iIİı][rR][tT][hH]|/[dD])"
)
_DIGITS_CLOSE_TOGETHER = re.compile(rf"\d(?:{_POSTCODE_END}|(?:\D{{0,8}}\d){{5}})", re.IGNORECASE)
_CHARACTER_CLASSES = bytes(57 if 48 <= n < 58 else 65 if bytes((n,)).isalpha() else 46 for n in range(256))
"""Every digit as a 9, every letter as an A, and everything else as a dot."""


def _may_contain_personal_data(text: str) -> bool:
    """
    Whether a text is worth searching. All personal data has an at sign, or at least two digits with a word about birth, or the end
    of a postcode, or six digits close together.
    """
    if "@" in text:
        return True
    if text.isascii():
        # Most texts are ruled out here, in a third of the time.
        shape = text.encode().translate(_CHARACTER_CLASSES)
        digits = shape.count(b"9")
        if digits < 2 or (digits < 6 and b"9AA" not in shape and not _BIRTH.search(text)):
            return False
    return bool(_DIGITS_CLOSE_TOGETHER.search(text) or _BIRTH.search(text))


def mask_personal_data(text: str) -> tuple[str, tuple[str, ...]]:
    """
    The text with all personal data masked, however its characters are written, and the codes of the rules it breaks, in the order of KINDS.

    `mask_personal_data("call 01632 960 001") == ("call [phone number]", ("PHONE_NUMBER",))`
    """
    searched = normalised(text)
    if not _may_contain_personal_data(searched):
        return text, ()
    # Searched without what cannot be seen, and masked in the text as it was typed.
    pieces = list(text) if searched == text else origins(text)
    codes = []
    for kind in KINDS:
        spans = list(kind.spans(searched))
        for start, end in reversed(spans):
            mask = f"[{kind.name}]"
            searched = f"{searched[:start]}{mask}{searched[end:]}"
            pieces[start:end] = mask
        codes += [kind.code] if spans else []
    return ("".join(pieces) if codes else text), tuple(dict.fromkeys(codes))


@lru_cache(maxsize=10_000)
def masked(text: str) -> str:
    """The text as it may be shown: `masked("NHS no. 943 476 5919") == "NHS no. [NHS number]"`."""
    return mask_personal_data(text)[0]


HELD_BACK_CODES = frozenset(kind.code for kind in KINDS if kind.holds_back)
"""The codes of the kinds of personal data whose cells are held back."""


def mask_identifiers(text: str) -> str:
    """The text, masked if it contains what could identify a child by itself. A telephone number could be that of a service."""
    return masked(text) if HELD_BACK_CODES & set(mask_personal_data(text)[1]) else text


def had_identifiers(text: str) -> bool:
    """Whether something that could identify a child by itself has been masked in a text."""
    return any(f"[{kind.name}]" in text for kind in KINDS if kind.holds_back)
