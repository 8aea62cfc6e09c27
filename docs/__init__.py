"""Pages about skysift, and the programme that writes the one which the code declares."""
