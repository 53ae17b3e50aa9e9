"""From stream messages to bars facts."""
