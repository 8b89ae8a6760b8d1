-- One customer, as the model has it.
SELECT id, name, username, cohort, email, language, verifier, needs, "left", erased, former_name, former_until, phone, told FROM customer WHERE id = %(id)s;
