"""Files of payments that customers send: checked, shown, confirmed as a whole, carried out line by line."""
