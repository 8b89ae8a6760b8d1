"""What a customer's account tells of the days to come: payments that come again, and the balance at the month's end."""
