"""The support desk: customers' chats, who waits, who answers, and when people are at work."""
