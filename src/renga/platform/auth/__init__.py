"""Authentication of callers; access tokens are checked locally."""
