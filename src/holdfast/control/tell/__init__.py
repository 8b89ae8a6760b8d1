"""The room that tells: notices, signed bundles for the doors, promises, and mail."""
