"""`python -m cedg_excel` is the same as `cedg`."""

from cedg_excel.cli.app import main

main()
