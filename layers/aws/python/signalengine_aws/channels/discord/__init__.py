"""Discord: webhooks of a channel, whose address is the operator's name for one."""
