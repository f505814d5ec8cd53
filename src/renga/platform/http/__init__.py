"""HTTP: Litestar with problem details, lean operations for hot paths, and the edge that every request passes."""
