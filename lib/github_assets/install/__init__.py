"""Files in a directory: archives, executables, placement."""
