"""How much each row matters to a loss: learned once from a small sample, then frozen."""

from core.prepare.pilot.first_look import FirstLook
from core.prepare.pilot.learning import pilot_of
from core.prepare.pilot.pilot import KINDS, Kind, Pilot, PilotRoles, SamplingKeys, pilot_keys, target_texts

__all__ = [
    "KINDS",
    "FirstLook",
    "Kind",
    "Pilot",
    "PilotRoles",
    "SamplingKeys",
    "pilot_keys",
    "pilot_of",
    "target_texts",
]
