"""Figures for those who lead sessions: who took part, what became of texts, what was promised."""
