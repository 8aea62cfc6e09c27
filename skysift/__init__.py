"""skysift: science modules and filters for astronomical alert brokers."""

__version__ = "0.1.0"
