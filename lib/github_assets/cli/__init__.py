"""The user's front door: commands for a terminal."""
