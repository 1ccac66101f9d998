"""Reads a returned file: its values with their addresses, and what was done to its form."""
