"""What is deployed beside the venue, made of the catalog of metrics: dashboards and alert rules."""
