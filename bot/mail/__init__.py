"""E-mail: letters of the outbox, and what hands them to a mail server."""
