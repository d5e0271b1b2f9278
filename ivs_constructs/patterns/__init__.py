"""Bundles: several constructs that belong together, made in one line."""
