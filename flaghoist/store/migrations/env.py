"""Runs migrations on the connection it is handed; there is no other way in."""

from alembic import context

from flaghoist.store.tables import metadata

connection = context.config.attributes["connection"]
context.configure(connection=connection, target_metadata=metadata, render_as_batch=True, transactional_ddl=True)
with context.begin_transaction():
    context.run_migrations()
