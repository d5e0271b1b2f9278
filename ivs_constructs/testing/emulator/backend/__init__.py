"""The behavior of the two services: state, rules and a function for each emulated operation."""
