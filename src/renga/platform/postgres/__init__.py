"""PostgreSQL: the pool, its errors, and the migrations of every domain; no tables of its own."""
