"""The local mailbox: stands for the customers' mail providers. Real SMTP in, pages and JSON out."""
