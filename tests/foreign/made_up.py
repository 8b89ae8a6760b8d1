"""Files of a made-up core."""

CUSTOMERS = """number;name;username;e-mail;language;password verifier
C-1;Ada Example;ada;ada@mail.example;en;none
C-2;Bo Example;bo;bo@mail.example;nb;
"""
ACCOUNTS = """account number;currency;owner numbers;title
9712.00.00018;NOK;C-1;Everyday
97120000026;NOK;C-1 C-2;Shared
97120000034;NOK;C-2;Savings
"""
BALANCES = """account number;currency;booked balance;available floor;as of
97120000018;NOK;1000.00;-500.00;2026-11-20
97120000026;NOK;250.5;0;2026-11-20
"""
