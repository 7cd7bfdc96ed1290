"""Codes and letters: what the desk hands, mails or emails to a patient."""
