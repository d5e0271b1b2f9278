"""Composes stages while they are live."""
