"""What the user asks for: environment, short specs, files, build plan, bindings; nothing here talks to the network."""
