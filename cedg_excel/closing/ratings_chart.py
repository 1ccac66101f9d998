"""The ratings as a picture: a stacked bar for each objective, with the words and numbers on it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from io import BytesIO

from PIL import Image, ImageDraw, ImageFont

from cedg_excel.ratings import NOT_RATED, NOT_RATED_FILL, WORST_FIRST

WIDTH, BAR, GAP, EDGE, LABEL, TEXT = 1600, 64, 26, 20, 230, 28
"""In pixels; `LABEL` is the room for a bar's name, `TEXT` the size of the letters."""

INK = "0B0C0C"
_COLOURS = {rating.word: (rating.fill, rating.ink) for rating in WORST_FIRST} | {NOT_RATED: (NOT_RATED_FILL, INK)}
_SHORT = {rating.word: rating.letter for rating in WORST_FIRST} | {NOT_RATED: "N"}

Bars = Sequence[tuple[str, Mapping[str, int]]]
"""The name of each bar, and how many actions have each rating."""


def chart_size(bars: Bars) -> tuple[int, int]:
    """How wide and tall the chart is, in pixels."""
    return WIDTH, EDGE * 2 + (BAR + GAP) * len(bars) + BAR


def draw(bars: Bars) -> bytes:
    """The chart as a PNG, the same bytes for the same numbers: the letters are Pillow's own, not the machine's."""
    longest = max((sum(counts.values()) for _, counts in bars), default=0) or 1
    unit = (WIDTH - LABEL - 2 * EDGE) / longest
    image = Image.new("RGB", chart_size(bars), "white")
    pen = ImageDraw.Draw(image)
    font = ImageFont.load_default(TEXT)
    for number, (name, counts) in enumerate(bars):
        top = EDGE + number * (BAR + GAP)
        pen.text((EDGE, top + BAR / 2), name, f"#{INK}", font, anchor="lm")
        _bar(pen, font, EDGE + LABEL, top, unit, counts)
    _key(pen, font, EDGE + len(bars) * (BAR + GAP) + BAR / 2)
    out = BytesIO()
    image.save(out, "PNG", dpi=(240, 240))
    return out.getvalue()


def _bar(pen: ImageDraw.ImageDraw, font: ImageFont.FreeTypeFont | ImageFont.ImageFont, left: float, top: float,
         unit: float, counts: Mapping[str, int]) -> None:  # fmt: skip
    """One bar, worst rating first; each part says its word and number, or its letter where there is no room for the word."""
    for word, (fill, ink) in _COLOURS.items():
        if not (number := counts.get(word, 0)):
            continue
        right = left + number * unit
        pen.rectangle((left, top, right - 3, top + BAR), f"#{fill}")  # a white line between parts, for those who see no colour
        for text in (f"{word} {number}", f"{_SHORT[word]} {number}", str(number)):
            if pen.textlength(text, font) + 8 <= right - left:
                pen.text(((left + right - 3) / 2, top + BAR / 2), text, f"#{ink}", font, anchor="mm")
                break
        left = right


def _key(pen: ImageDraw.ImageDraw, font: ImageFont.FreeTypeFont | ImageFont.ImageFont, middle: float) -> None:
    left: float = EDGE + LABEL
    for word, (fill, _) in _COLOURS.items():
        pen.rectangle((left, middle - 12, left + 24, middle + 12), f"#{fill}")
        text = f"{word} ({_SHORT[word]})"
        pen.text((left + 34, middle), text, f"#{INK}", font, anchor="lm")
        left += 34 + pen.textlength(text, font) + 40
