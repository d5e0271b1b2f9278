"""The code of the functions that issue tokens."""
