"""E-mail: SES or an SMTP server, subscribers who have confirmed their address."""
