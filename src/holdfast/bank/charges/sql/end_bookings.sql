-- How some bookings ended.
update charge_booking set ended = %(ended)s where id = any (%(ids)s)
