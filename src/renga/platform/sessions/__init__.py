"""Web sessions: the port, its Redis adapter, the cookie, and CSRF protection."""
