"""The handler of an earlier day, whose faults the bench must be able to see."""
