"""The types of a plan's fields: how dates, texts and numbers may be written in TOML or in a cell."""

from __future__ import annotations

import re
from collections.abc import Iterable
from contextlib import suppress
from datetime import date, datetime, time
from typing import Annotated, Any

from pydantic import BaseModel, BeforeValidator
from pydantic_core import PydanticCustomError

_ISO_DATE = re.compile("[0-9]{4}-[0-9]{2}-[0-9]{2}")


def _not_a_date() -> PydanticCustomError:
    return PydanticCustomError("not_a_date", "must be a date, such as 2019-10-01")


def _as_date(value: Any) -> Any:
    # Without this, pydantic reads a number as seconds since 1970.
    if isinstance(value, str):
        try:
            return date.fromisoformat(value.strip())
        except ValueError:
            raise _not_a_date() from None
    if isinstance(value, datetime) and value.time() == time():
        return value.date()
    if value is not None and (not isinstance(value, date) or isinstance(value, datetime)):
        raise _not_a_date()
    return value


def _refuse_float(value: Any) -> Any:
    if isinstance(value, float):
        raise PydanticCustomError("not_in_quotes", "must be in quotes; without them 2.10 would be read as 2.1")
    return value


def _blank_as_none(value: Any) -> Any:
    """None for an empty text: a cell cannot tell the two apart."""
    return None if isinstance(value, str) and not value.strip() else value


def _as_date_or_text(value: Any) -> Any:
    """A date also where it is written as text: a cell can hold a date before 1900 only as text."""
    if isinstance(value, str) and _ISO_DATE.fullmatch(value.strip()):
        with suppress(ValueError):  # text that is not a date, such as 2019-13-45
            return date.fromisoformat(value.strip())
    return _blank_as_none(value)


def _split_lines(value: Any) -> Any:
    """A list of texts as one text for each line, without blank lines."""
    if not isinstance(value, list | tuple) or not all(isinstance(text, str) for text in value):
        return value
    return [line for text in value for line in map(str.strip, text.split("\n")) if line]


def _on_one_line(value: Any) -> Any:
    """A text with single spaces between its words: the header of a sheet or page has one line."""
    return " ".join(value.split()) if isinstance(value, str) else value


def without_blanks(data: Any, keys: Iterable[str]) -> Any:
    """The table without those of the keys that hold an empty text, so that their defaults apply."""
    if not isinstance(data, dict):
        return data
    return {key: value for key, value in data.items() if key not in keys or _blank_as_none(value) is not None}


def fields_by_key(model: type[BaseModel]) -> dict[str, str]:
    """The names of a model's fields by their keys in a plan's file: `from` is a word of Python, so its field is `from_`."""
    return {field.alias or name: name for name, field in model.model_fields.items()}


Day = Annotated[date, BeforeValidator(_as_date)]
QuotedText = Annotated[str, BeforeValidator(_refuse_float)]
"""A text that may look like a number, such as a ref or a version."""
Identifier = QuotedText
OneLine = Annotated[str, BeforeValidator(_on_one_line)]
NumberOrText = Annotated[str | int | float | None, BeforeValidator(_blank_as_none)]
DateOrText = Annotated[str | Day | None, BeforeValidator(_as_date_or_text)]
Lines = Annotated[tuple[str, ...], BeforeValidator(_split_lines)]
