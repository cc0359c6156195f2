"""What the desk page Planning calls, a module per tab."""
