-- All marts at once: they hold nothing, and are made anew from their files. Views of others that read them go too.
drop schema mart cascade;
