-- The schema of the marts: views that answer business questions, and all that dashboards and analysts read.
create schema if not exists mart;
