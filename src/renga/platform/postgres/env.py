"""What Alembic executes (its convention) to render a domain's migrations as SQL; see ``render.py``."""

from alembic import context

_schema = context.config.attributes["schema"]
context.configure(
    dialect_name="postgresql",
    version_table="alembic_version",
    version_table_schema=_schema,
    # "named" leaves percent signs in the SQL alone.
    dialect_opts={"paramstyle": "named"},
    literal_binds=True,
)
context.run_migrations()
