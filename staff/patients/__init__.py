"""**Patients**: the list, the search, and the paw."""
