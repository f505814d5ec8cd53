"""Who calls: access tokens checked locally."""
