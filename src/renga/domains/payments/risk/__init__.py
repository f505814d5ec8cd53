"""Risk: who decides between authorisation and capture, and the pause after many declines."""
