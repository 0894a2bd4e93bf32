"""What the commands share at the terminal: options, output, progress, and actions that show their progress."""
