"""Files in a folder: archives, executables, placement."""
