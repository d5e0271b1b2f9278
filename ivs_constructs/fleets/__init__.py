"""Sets of stages or channels that an application makes at run time and that a stack owns."""
