"""What is asked of the state: nothing here changes it."""
