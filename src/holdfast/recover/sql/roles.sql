-- Which of our roles the server has.
SELECT rolname FROM pg_roles WHERE rolname IN ('holdfast', 'holdfast_working')
