"""The front server: one address here for the dashboard, the API, the feed and the chat."""
