"""``renga quote``."""
