"""How often who may call: the port, its Redis adapter, the classes of routes, the response headers."""
