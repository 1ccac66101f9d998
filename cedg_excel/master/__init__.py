"""The master workbook: its store, the tables derived from the store, and the pages that people read."""
