"""The local system as a service of one user: systemd's, or launchd's on macOS."""
