"""What all constructs are built on."""
