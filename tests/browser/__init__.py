"""Lapel in a real browser: Debian's Chromium, driven by Playwright, against a site in processes of its own."""
