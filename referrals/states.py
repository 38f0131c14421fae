"""The states of a referral and the named groups of them that rules speak of. Imports nothing of ours."""

from django.db.models import TextChoices


class State(TextChoices):
    NEW = "new", "Being written"  # never in the database
    PRE_ALERTED = "pre_alerted", "Pre-alert"  # suspected large-vessel occlusion, CTA under way
    REFERRED = "referred", "Waiting for an answer"  # CTA done; at least one offer is open
    PROVISIONAL = "provisional", "Supervisor to confirm"  # accepted under direct supervision
    ACCEPTED = "accepted", "Accepted"  # the hub has taken the patient
    AMBULANCE_REQUESTED = "ambulance_requested", "Ambulance requested"
    DEPARTED = "departed", "On the road"  # door out
    ARRIVED = "arrived", "At the hub"  # at the hub's door
    PUNCTURE = "puncture", "Groin puncture"  # the procedure has begun
    TREATED = "treated", "Treated"  # procedure over, with mTICI
    REPATRIATING = "repatriating", "Going back"  # bed asked for at the spoke
    REPATRIATED = "repatriated", "Back at the spoke"  # closed
    UNPLACED = "unplaced", "No hub yet"  # every offer was declined or ran out: somebody must act
    WITHDRAWN = "withdrawn", "Withdrawn"  # ended before acceptance
    STOOD_DOWN = "stood_down", "Stood down"  # ended after acceptance
    NOT_TREATED = "not_treated", "Not treated"  # arrived, no puncture
    DIED = "died", "Died"


ENDED = frozenset({State.REPATRIATED, State.WITHDRAWN, State.STOOD_DOWN, State.NOT_TREATED, State.DIED})
LIVE = frozenset(State) - ENDED - {State.NEW}
WAITING = frozenset({State.REFERRED, State.PROVISIONAL, State.UNPLACED})  # a person must be reached
UNTAKEN = frozenset({State.PRE_ALERTED, State.REFERRED, State.UNPLACED})
TAKEN = frozenset(
    {State.ACCEPTED, State.AMBULANCE_REQUESTED, State.DEPARTED}
)  # accepted and not yet at the hub


class Occlusion(TextChoices):
    ICA = "ICA", "ICA"
    M1 = "M1", "M1"
    M2 = "M2", "M2"
    BASILAR = "basilar", "Basilar"
    OTHER = "other", "Other"


class Side(TextChoices):
    LEFT = "left", "Left"
    RIGHT = "right", "Right"


class Perfusion(TextChoices):
    """What CT perfusion or diffusion MR showed of the brain behind the clot."""

    MISMATCH = "mismatch", "Tissue to save"
    NO_MISMATCH = "no_mismatch", "None to save"
    NOT_DONE = "not_done", "Not done"


class Sex(TextChoices):
    """FHIR administrative gender."""

    FEMALE = "female", "Female"
    MALE = "male", "Male"
    OTHER = "other", "Other"
    UNKNOWN = "unknown", "Not known"


class OnsetKind(TextChoices):
    WITNESSED = "witnessed", "Seen to begin"
    LAST_KNOWN_WELL = "last_known_well", "Last known well"
    WAKE_UP = "wake_up", "Woke up with it"


class Thrombolysis(TextChoices):
    GIVEN = "given", "Given"
    NOT_GIVEN = "not_given", "Not given"
    PENDING = "pending", "Being decided"


class NoThrombolysis(TextChoices):
    TOO_LATE = "too_late", "Too late"
    ONSET_UNKNOWN = "onset_unknown", "Onset not known"
    ANTICOAGULATED = "anticoagulated", "Anticoagulated"
    BLEEDING_RISK = "bleeding_risk", "Bleeding risk"
    RECENT_SURGERY = "recent_surgery", "Recent surgery"
    BLOOD_PRESSURE = "blood_pressure", "Blood pressure"
    DECLINED = "declined", "Patient or family declined"
    OTHER = "other", "Other"


class Anticoagulant(TextChoices):
    NONE = "none", "None"
    WARFARIN = "warfarin", "Warfarin"
    APIXABAN = "apixaban", "Apixaban"
    RIVAROXABAN = "rivaroxaban", "Rivaroxaban"
    EDOXABAN = "edoxaban", "Edoxaban"
    DABIGATRAN = "dabigatran", "Dabigatran"
    HEPARIN = "heparin", "Heparin"
    OTHER = "other", "Other"
    UNKNOWN = "unknown", "Not known"


class Category(TextChoices):
    """Ambulance response categories, and the inter-facility transfer (IFT) levels of the 2019 framework."""

    C1 = "C1", "Category 1"
    C2 = "C2", "Category 2"
    C3 = "C3", "Category 3"
    IFT1 = "IFT1", "IFT level 1"
    IFT2 = "IFT2", "IFT level 2"
    IFT3 = "IFT3", "IFT level 3"
    IFT4 = "IFT4", "IFT level 4"
    CRITICAL_CARE = "critical_care", "Critical-care transfer"
    HEMS = "HEMS", "Helicopter"


class Escort(TextChoices):
    """Who of the hospital travels with the patient."""

    NOBODY = "nobody", "Nobody"
    NURSE = "nurse", "Nurse"
    DOCTOR = "doctor", "Doctor"
    ANAESTHETIST = "anaesthetist", "Anaesthetist"
    TEAM = "team", "Critical-care team"


class Override(TextChoices):
    """Why another ambulance is asked for than the risk questions advise."""

    NO_TEAM = "no_team", "No such team in time"
    AGREED = "agreed", "Agreed with the hub or the ambulance service"
    CONDITION = "condition", "The patient’s condition"
    OTHER = "other", "Other"


class Instruction(TextChoices):
    """What the hub tells a crew whose patient is worse."""

    CONTINUE = "continue", "Continue"
    DIVERT = "divert", "Divert"
    CRITICAL_CARE = "critical_care", "Critical care"
    STAND_DOWN = "stand_down", "Stand down"


class Mtici(TextChoices):
    """Modified treatment in cerebral infarction score: how well the artery was opened."""

    M0 = "0", "0"
    M1 = "1", "1"
    M2A = "2a", "2a"
    M2B = "2b", "2b"
    M2C = "2c", "2c"
    M3 = "3", "3"


class DeclineReason(TextChoices):
    OUTSIDE_CRITERIA = "outside_criteria", "Outside our criteria"
    ESTABLISHED_INFARCT = "established_infarct", "Infarct established"
    PRESTROKE_DISABILITY = "prestroke_disability", "Too frail before the stroke"
    TOO_LATE = "too_late", "Cannot be here in time"
    NO_OPERATOR = "no_operator", "No operator free"
    NO_SUITE = "no_suite", "No angiography suite free"
    NO_BED = "no_bed", "No bed"
    OTHER = "other", "Other"


class Clause(TextChoices):
    """Which of the criteria a patient is outside of, in a hub's own judgement."""

    WINDOW = "window", "Too long since onset"
    NIHSS = "nihss", "NIHSS"
    PRESTROKE = "prestroke", "mRS before the stroke"
    VESSEL = "vessel", "This artery"
    CORE = "core", "Infarct core or ASPECTS"
    TISSUE = "tissue", "No tissue to save"
    OTHER = "other", "Another one"


class Onward(TextChoices):
    """Whether the next hub is asked with the same tap."""

    YES = "yes", "Yes, at once"
    NO = "no", "No, the spoke decides"


class EndReason(TextChoices):
    """Why a referral ended without treatment."""

    NOT_A_STROKE = "not_a_stroke", "Not a stroke"
    NO_OCCLUSION = "no_occlusion", "No large-vessel occlusion"
    IMPROVED = "improved", "Much better"
    RECANALISED = "recanalised", "The artery has opened"
    INFARCT_ESTABLISHED = "infarct_established", "Infarct established"
    HAEMORRHAGE = "haemorrhage", "Haemorrhage"
    WORSE = "worse", "Too unwell"
    TOO_LATE = "too_late", "Too late"
    WISHES = "wishes", "Patient's or family's wishes"
    MISTAKE = "mistake", "Entered by mistake"
    OTHER = "other", "Other"
