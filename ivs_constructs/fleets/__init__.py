"""Sets of stages or channels that an application creates at run time and a stack owns."""
