"""Bundles: several constructs that belong together, made by one line."""
