"""Constructs for real-time stages; import the names from `ivs_constructs` itself."""
