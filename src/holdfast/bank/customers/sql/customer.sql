-- One customer, as the model has it.
SELECT id, name, username, cohort, email, language, verifier, needs, "left", erased FROM customer WHERE id = %(id)s;
