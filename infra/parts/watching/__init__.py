"""How the stack is watched: alarms and whom they reach, the probe, dashboard and queries."""
