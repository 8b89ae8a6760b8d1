-- What a customer asks for, once for each id; the words sealed.
INSERT INTO intent (id, customer, debit, credit, amount_minor, currency, payer, payee, text, birth, cohort, epoch, created,
    outcome, reason, source, metadata)
VALUES (%(id)s, %(customer)s, %(debit)s, %(credit)s, %(amount_minor)s, %(currency)s, %(payer)s, %(payee)s, %(text)s,
    %(birth)s, %(cohort)s, %(epoch)s, %(created)s, '', '', '', %(metadata)s)
ON CONFLICT DO NOTHING;
