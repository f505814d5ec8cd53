"""Rate limits of callers: the port, its Redis adapter, the classes of routes, the response headers."""
