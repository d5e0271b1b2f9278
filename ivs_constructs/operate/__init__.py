"""Operations: grants, events, metrics, alarms, dashboards and calls to both APIs."""
