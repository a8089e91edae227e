"""A table and the records -> what each line would do, and what is wrong with it."""
