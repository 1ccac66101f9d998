"""A round folder and the steps of a round, for the command line and the buttons alike."""
