"""What the two services would do: state, rules and one function for each emulated operation."""
