"""Writes the site's reference: a page for each construct, from docstrings and limits."""
