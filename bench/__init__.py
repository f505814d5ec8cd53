"""The shop, measured as users run it: ``make bench``. See README.md."""
