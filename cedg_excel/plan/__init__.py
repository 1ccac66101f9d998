"""The plan as data: what a group has agreed, and what is wrong with it when it cannot be used."""
