"""PostgreSQL's protocol: its messages, a session with PostgreSQL, and answers as Redshift gives them."""
