"""Speed, memory and bytes, side by side with other tools, on one server in one run: `make bench`."""
