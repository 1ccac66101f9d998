"""A round folder and the steps of a round, shared by the command line and the buttons."""
