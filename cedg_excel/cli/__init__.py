"""The command line. The only place that prints, and that imports typer and rich."""
