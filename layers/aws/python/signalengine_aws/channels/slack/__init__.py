"""Slack: incoming webhooks, whose address is the operator's name for one."""
