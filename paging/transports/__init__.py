"""The ways out of the building: SMS, voice, push and the boards' siren. Each hands pages over."""
