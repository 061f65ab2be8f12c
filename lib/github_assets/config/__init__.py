"""What the user asks for: environment, bindings; nothing here talks to the network."""
