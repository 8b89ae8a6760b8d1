-- One account's movements in the copy, read in one transaction.
-- name: account
SELECT balance_minor, side FROM account WHERE account = ?;
-- name: movements
SELECT place, position, at_us, opened(wire) FROM (
    SELECT item.block AS place, position, block.at_us AS at_us, wire FROM item JOIN block ON block.number = item.block
    WHERE debit = ?1 AND amount_minor IS NOT NULL ORDER BY item.block DESC, position DESC LIMIT ?2)
UNION SELECT place, position, at_us, opened(wire) FROM (
    SELECT item.block AS place, position, block.at_us AS at_us, wire FROM item JOIN block ON block.number = item.block
    WHERE credit = ?1 AND amount_minor IS NOT NULL ORDER BY item.block DESC, position DESC LIMIT ?2)
ORDER BY place DESC, position DESC LIMIT ?2;
