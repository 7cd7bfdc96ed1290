"""**Portal settings** and the readiness check."""
