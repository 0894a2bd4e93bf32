"""What stands on AWS, or in the local stack: the facts, the bucket, the queues, the logs, the alarms."""
