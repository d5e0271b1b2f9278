"""What composes stages while they are live."""
