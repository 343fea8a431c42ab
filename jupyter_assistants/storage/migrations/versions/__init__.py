"""Migrations in their order, named by number."""
