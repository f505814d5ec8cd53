"""Benchmarks of the shop as users run it: ``make bench``. See README.md."""
