"""Longest sides of a photo's copies, in pixels. (The derivative's is in onboarding: networks ask for it.)"""

from typing import Final

DISPLAY_LONGEST_PIXELS: Final = 640
CARD_LONGEST_PIXELS: Final = 480
