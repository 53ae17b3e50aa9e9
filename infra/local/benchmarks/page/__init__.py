"""How fast the dashboard loads, and how smooth a long table is: `python -m …benchmarks.page`."""
