"""The plan as data: what a group has agreed, what is wrong with a plan that cannot be used, and what has changed in it."""
