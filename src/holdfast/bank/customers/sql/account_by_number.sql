-- The account of a number as payers find it, with its owners' names and those they had until lately, sealed, in the
-- order of their ids.
SELECT account.id, account.title, account.currency, account.cohort, coalesce(kid_need.need, ''),
    ARRAY(SELECT customer.name FROM customer JOIN owner ON owner.customer_id = customer.id
        WHERE owner.account_id = account.id ORDER BY customer.id),
    ARRAY(SELECT customer.former_name FROM customer JOIN owner ON owner.customer_id = customer.id
        WHERE owner.account_id = account.id AND customer.former_until > now() ORDER BY customer.id)
FROM account LEFT JOIN kid_need ON kid_need.account = account.id
WHERE account.number = %(number)s;
