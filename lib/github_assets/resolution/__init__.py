"""From requested assets to exact ones: the session, the plan, the lock file, and where the bytes come from."""
