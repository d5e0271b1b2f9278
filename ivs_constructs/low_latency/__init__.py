"""Channels, and what belongs to them."""
