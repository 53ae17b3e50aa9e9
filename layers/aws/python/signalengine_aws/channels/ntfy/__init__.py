"""ntfy: topics of a server, whose address is the operator's name for one."""
