"""Pages of accounts, trail, jobs and uploads: they translate a request into one operation."""
