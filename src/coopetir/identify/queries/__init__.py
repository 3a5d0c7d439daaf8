"""What identify reads, one module per question."""
