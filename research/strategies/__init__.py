"""The laws that every strategy obeys, and the markets on which they are tried."""
