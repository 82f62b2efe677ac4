"""What may be said about the facts, and how a number is written."""
