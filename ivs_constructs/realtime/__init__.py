"""Constructs for real-time stages; use the names that `ivs_constructs` itself has."""
