"""What runs in the functions that issue tokens."""
