"""What a customer does with their accounts beside paying: search them, name them, open new ones."""
