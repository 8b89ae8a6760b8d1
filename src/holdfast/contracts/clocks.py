"""How far apart two machines' clocks may be."""

CLOCK_LEEWAY_S = 15 * 60
"""A signed call, row or session whose instant lies at most this far from the reader's clock is taken as of now.

A machine whose clock is wrong by ten minutes must not end a bank's spare. The price, stated: who could record a signed
call inside the bank could send the very same call, body and all, again for this long instead of half a minute (an order
to the doors is carried out once all the same, and everything else may be repeated harmlessly), and a session lives up
to this much longer where the reader's clock is behind the signer's.
"""
