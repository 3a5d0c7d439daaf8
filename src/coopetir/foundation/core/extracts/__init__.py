"""Registry extracts and plain tables: from whatever a chamber sends to one canonical table, with every repair counted."""
