"""What both sides hold to be so: facts with their source, and where each side stands."""
