"""An invented installation to look at and to play with; never part of a real one."""
