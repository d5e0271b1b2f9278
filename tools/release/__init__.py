"""Checks the packages in dist/ as a release would: ``python -m tools.release``."""
