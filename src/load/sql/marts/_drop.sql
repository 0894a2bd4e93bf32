-- Drop all marts at once: they hold no data and are created again from their files. Views that read them are dropped too.
drop schema mart cascade;
