"""Keys that sign tokens, and the functions that issue them."""
