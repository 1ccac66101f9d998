"""The plan as TOML and as a workbook, read and written without loss."""
