"""One server on loopback that stands in for the services of channels, with a page of what came."""
