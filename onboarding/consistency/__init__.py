"""What no transaction can guard between database and storage, and what should never be: found here, read-only.

Each module looks at one noun and yields `Finding`s; `checkup` asks them all. Nothing here changes anything: what can be
repaired is repaired by `onboarding.services.repairing`. It all works beside a running site: whatever looks wrong is
looked at once more before it is said.
"""
