"""**Invite all**, **Deliveries**, and who said STOP."""
