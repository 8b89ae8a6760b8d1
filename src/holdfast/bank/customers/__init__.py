"""Who the customers are, what they own, how they log in."""
