"""A deployed stack, on AWS or local: its facts, bucket, queues, logs and alarms."""
