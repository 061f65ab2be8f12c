"""What GitHub says: its API, releases and their assets."""
