"""From a stored spec and a deployment to a report: pure functions, bytes in and out."""
