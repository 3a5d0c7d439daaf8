"""What people do with screenings: create, edit, compute, propose, decide, publish, share."""
