"""The pages of identify, one module per place."""
