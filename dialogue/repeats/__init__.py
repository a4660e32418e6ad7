"""Words of people in a talk, and their names there, found again in what the team writes for everybody and for good."""
