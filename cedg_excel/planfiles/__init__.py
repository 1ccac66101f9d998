"""The plan as a TOML file and as a workbook, read and written without loss."""
