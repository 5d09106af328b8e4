"""Pages through which products get in. A view authorises, binds the form, calls one service, redirects."""
