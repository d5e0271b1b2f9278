"""Tools that write documentation, models and coverage; not part of the package."""
