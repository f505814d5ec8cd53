"""PostgreSQL: the pool and its errors, and the migrations of every domain. Knows no table."""
