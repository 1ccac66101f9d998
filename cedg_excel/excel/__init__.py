"""Workbooks as files: opened with care, taken apart, styled and saved. Knows neither the form nor the plan."""
