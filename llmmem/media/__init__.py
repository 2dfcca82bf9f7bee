"""What a request carries beside text, and how many tokens it becomes."""
