"""Writes the reference, docs/reference/: one page for each construct, from docstrings and limits."""
