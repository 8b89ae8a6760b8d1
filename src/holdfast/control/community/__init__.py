"""What customers suggest, vote on and answer, what the bank says to it, webinars, tours, and reports of a problem."""
