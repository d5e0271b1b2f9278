"""What writes documentation, models and coverage; not part of the package."""
