"""Pages of the catalogue. A view authorises, binds the form, calls one service, leaves a message, redirects."""
