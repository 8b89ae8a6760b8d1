"""A bank whose core is known from files only: fed to the spare bank, and told what the spare bank accepted."""
