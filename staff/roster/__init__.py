"""**Roster**: uploads, conflicts, merged charts."""
