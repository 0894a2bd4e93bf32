-- The newest day of the period in words: the café that did best and the one that did worst against its usual revenue.
select words.sentence
from mart.best_and_worst_cafes as words
where $__timeFilter(words.day)
order by words.day desc
limit 1
