"""Workbooks as files: checked before they are opened, parsed, styled and saved. Knows neither the form nor the plan."""
