"""Makes what goes to an agency: its prefilled copy for a period, and the copy sent back to be put right."""
