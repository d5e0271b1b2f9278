"""Live talks on Amazon IVS."""
