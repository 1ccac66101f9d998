"""What goes to an agency: its copy for a period, filled in with what it last reported, and the copy sent back to be put right."""
