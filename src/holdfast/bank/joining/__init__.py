"""How somebody becomes a customer: a form, proof of the e-mail address, then a customer with a first account."""
