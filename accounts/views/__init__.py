"""The pages of accounts/."""
