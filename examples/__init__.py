"""One stack for each recipe in the documentation."""
