"""What the desk does to a patient's account and contacts."""
