"""Who hears that there is something new in a session, while it goes on."""
