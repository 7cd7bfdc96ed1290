"""**Staff list**: who works here, and their accounts."""
