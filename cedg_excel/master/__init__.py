"""The master workbook: what it remembers, the tables worked out from that, and the pages people read."""
