"""Backups that are proved: taken, kept in several places, verified, restored and drilled. See README.md."""
