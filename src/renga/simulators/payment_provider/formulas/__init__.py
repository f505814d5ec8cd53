"""Formulas of cards, Pix and boletos, from their public standards."""
