"""``python -m xlsearch``."""

from xlsearch.cli.main import main

main()
