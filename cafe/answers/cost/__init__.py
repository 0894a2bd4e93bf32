"""What an installation costs: prices, what the template declares, and the bill that follows from both."""
