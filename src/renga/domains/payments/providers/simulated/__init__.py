"""The simulated payment provider (``renga provider``) behind the port."""
