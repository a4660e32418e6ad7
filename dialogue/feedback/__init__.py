"""Whether people felt heard: eight questions after a session, in sums only."""
