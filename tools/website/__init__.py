"""Builds the documentation's site from docs/: ``python -m tools.website``."""
