"""Web sessions: the port, its Redis adapter, the cookie and the protection of forms against other sites."""
