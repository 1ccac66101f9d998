"""What a copy looks like, cell by cell, and the rules that its answers are checked against."""
