"""What law enforcement promises, who answers for it, and what became of it."""
