"""What all constructs are made with."""
