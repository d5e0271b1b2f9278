"""Running what was defined: calls of both APIs, as states, schedules and grants."""
