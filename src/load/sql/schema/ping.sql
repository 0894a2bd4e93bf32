-- Whether the session still answers.
select 1 as answers;
