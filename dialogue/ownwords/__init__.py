"""What a listener takes along: his own words and the record around them, and nothing of anybody else."""
