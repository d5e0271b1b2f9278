"""One synthesizable app for each recipe of the documentation."""
