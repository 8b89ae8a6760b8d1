"""The room that cares: who the customers are, what they need, what was refunded."""
