"""A returned file as values with their addresses, and what was done to its form."""
