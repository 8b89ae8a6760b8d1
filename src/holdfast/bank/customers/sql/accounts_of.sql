-- The accounts that a customer owns, the oldest first, as the model has them.
SELECT account.id, account.number, account.title, account.product, account.currency, account.cohort, account.closed,
    account.closing
FROM account JOIN owner ON owner.account_id = account.id
WHERE owner.customer_id = %(customer)s
ORDER BY account.id;
