"""The nouns at least two capabilities share: accounts, events, jobs, datasets."""

from coopetir.foundation.models.accounts import AccountInvitation, ManagingEntity, Role, RoleAssignment, User
from coopetir.foundation.models.datasets import Dataset, ImportBatch, MappingProfile
from coopetir.foundation.models.events import Event
from coopetir.foundation.models.jobs import Job

__all__ = [
    "AccountInvitation",
    "Dataset",
    "Event",
    "ImportBatch",
    "Job",
    "ManagingEntity",
    "MappingProfile",
    "Role",
    "RoleAssignment",
    "User",
]
