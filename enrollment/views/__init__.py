"""The pages of flow A: a view handles one step of the journey."""
