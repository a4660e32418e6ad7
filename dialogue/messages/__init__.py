"""Between one participant and the facilitators of a session, in private. Never with listeners."""
