"""Nudges for those with power: words that take back an apology, advise, push or look down. It never blocks."""
