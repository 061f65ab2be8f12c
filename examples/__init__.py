"""Applications and manifests that show the buildpack at work."""
