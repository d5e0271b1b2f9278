"""Running what was defined: grants, events, metrics, alarms, dashboards and calls of both APIs."""
