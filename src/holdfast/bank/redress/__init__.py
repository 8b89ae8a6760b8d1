"""Nobody pays for the bank's failure: charges reviewed as if, compensation by rule, claims for what others charged."""
