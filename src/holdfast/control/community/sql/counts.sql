-- How many customers answered a poll (place 0), and how many chose what: place of the question from 1, choice from 0.
SELECT 0, 0, count(*) FROM community_pollanswer WHERE poll_id = %(poll)s
UNION ALL
SELECT each.place, each.choice::int, count(*)
FROM community_pollanswer AS answer,
    jsonb_array_elements_text(answer.chosen) WITH ORDINALITY AS each (choice, place)
WHERE answer.poll_id = %(poll)s
GROUP BY each.place, each.choice;
