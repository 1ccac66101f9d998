"""
What earlier versions of the program wrote into copies.

A copy is filled in and returned weeks after it was issued. When a sentence of the form is improved meanwhile, the old one in the
return was changed by nobody, and is no finding. Whoever changes a text of the form puts the old one here; a test asks for it.
"""

from __future__ import annotations

ADDED_HEADINGS = frozenset({"Why no figure"})
"""The headings of columns that the copies of earlier versions do not have."""

FORMER_TEXTS = frozenset({
    "3. Fill in the figures for this quarter in the KPI table. Leave a figure blank if you do not have it; do not type n/a.",
    "Choose Yes only if you have nothing at all to report this quarter, and leave the tabs blank.",
    "1. Work through the Objective tabs. Only the pale yellow cells are yours; Tab takes you to the next one.",
    "2. Give every action of yours a BRAG rating from the list, and the dates and evidence that go with it.",
    "5. Complete the boxes below, save as an Excel workbook (.xlsx) and reply with it to the e-mail this copy came with.",
    "Choose Final when it is ready to be used. A draft is read too, and marked as one.",
    "The line above tells the coordinator's program whose copy this is. Please leave it as it is.",
    "Red: nothing more is needed; say under Evidence what is holding it up if that helps.",
    "Percentages: type how many, and out of how many. The program works out the percentage.",
    "The sheets are protected so that nothing is changed by accident. If a cell will not take your answer, ask the coordinator.",
})  # fmt: skip
