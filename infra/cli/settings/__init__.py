"""Commands for the settings of a user, and how every other command reads them."""
