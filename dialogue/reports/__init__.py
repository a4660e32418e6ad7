"""What a session leaves behind for everybody to read: what was heard, in which numbers, and what was promised."""
