"""**Audit trail** and the funnel."""
