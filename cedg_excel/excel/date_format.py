"""What a date or a time looks like in Excel, by its number format."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, time, timedelta

from cedg_excel.excel.number_format import Token, sections

Moment = date | datetime | time | timedelta
"""What calamine returns for a cell with the format of a date or a time."""

MONTHS = (
    "January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November", "December",
)  # fmt: skip
DAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")


def date_as_shown(moment: Moment, code: str) -> str | None:
    """`date_as_shown(date(2019, 12, 3), "d mmm yy") == "3 Dec 19"`; None where the format cannot be followed."""
    tokens = [token for token in sections(code)[0] if token.kind != "condition"]
    if not any(token.kind in ("date", "elapsed") for token in tokens) or any(token.kind in ("unknown", "number") for token in tokens):
        return None
    at, elapsed = _point_in_time(moment)
    twelve_hours = any(token.kind == "half" for token in tokens)
    shown = [_piece(tokens, number, at, elapsed, twelve_hours) for number in range(len(tokens))]
    return None if None in shown else "".join(piece for piece in shown if piece is not None).strip()


def _point_in_time(moment: Moment) -> tuple[datetime, timedelta]:
    """The date and time, and how long it is since midnight; a time alone has no date that anybody would show."""
    if isinstance(moment, datetime):
        at = moment
    elif isinstance(moment, date):
        at = datetime.combine(moment, time())
    elif isinstance(moment, time):
        at = datetime.combine(date(1900, 1, 1), moment)
    else:
        at = datetime(1900, 1, 1) + timedelta(seconds=moment.total_seconds() % 86_400)
    since = moment if isinstance(moment, timedelta) else at - datetime.combine(at.date(), time())
    return at, since


def _piece(tokens: Sequence[Token], number: int, at: datetime, elapsed: timedelta, twelve_hours: bool) -> str | None:
    kind, text = tokens[number]
    if kind == "literal":
        return text
    if kind == "half":
        return ("AM" if at.hour < 12 else "PM")[: 2 if len(text) > 3 else 1]
    if kind == "elapsed":
        seconds = int(elapsed.total_seconds())
        return str(seconds // {"h": 3600, "m": 60, "s": 1}[text[0].lower()]).zfill(len(text))
    return _date_piece(text.lower(), at, _is_minutes(tokens, number), twelve_hours) if kind == "date" else None


def _is_minutes(tokens: Sequence[Token], number: int) -> bool:
    """Whether an m means minutes: after hours, or before seconds."""
    before = [text[0].lower() for kind, text in tokens[:number] if kind in ("date", "elapsed")]
    after = [text[0].lower() for kind, text in tokens[number + 1 :] if kind in ("date", "elapsed")]
    return before[-1:] == ["h"] or after[:1] == ["s"]


def _date_piece(text: str, at: datetime, minutes: bool, twelve_hours: bool) -> str:
    letter, width = text[0], len(text)
    if letter == "y":
        return f"{at.year:04}" if width > 2 else f"{at.year % 100:02}"
    if letter == "m" and not minutes:
        name = MONTHS[at.month - 1]
        return {1: str(at.month), 2: f"{at.month:02}", 3: name[:3], 5: name[0]}.get(width, name)
    if letter == "d" and width > 2:
        name = DAYS[at.weekday()]
        return name[:3] if width == 3 else name
    hour = (at.hour - 1) % 12 + 1 if twelve_hours else at.hour
    whole = {"d": at.day, "h": hour, "m": at.minute, "s": at.second}[letter]
    places = text.partition(".")[2]
    part = f".{at.microsecond:06}"[: len(places) + 1] if places else ""
    return str(whole).zfill(min(2, len(text.partition(".")[0]))) + part
