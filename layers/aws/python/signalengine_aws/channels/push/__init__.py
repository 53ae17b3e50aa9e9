"""Web Push: notifications to browsers while the page is closed."""
