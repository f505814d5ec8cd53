"""The janitor: what nobody answered, what has expired, what ends soon."""
