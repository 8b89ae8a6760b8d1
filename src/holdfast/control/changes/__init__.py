"""Changes: what people and releases changed, and how parts are set, with their differences."""
