"""From requested assets to exact ones: session, plan, lock file, sources, attestations."""
