"""Who may act: users, the entities they work for, and their dated roles."""

from typing import ClassVar

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _


class Role(models.TextChoices):
    """Roles whose rights differ in what exists today (``docs/reference/roles.md``)."""

    NETWORK_ADMIN = "network_admin", _("Administración de la red")
    ENTITY_DIRECTOR = "entity_director", _("Dirección de competitividad")
    CLUSTER_MANAGER = "cluster_manager", _("Gestor(a) de clúster")
    ANALYST = "analyst", _("Analista")


class UserManager(BaseUserManager["User"]):
    """Users by e-mail, compared without case."""

    def get_by_natural_key(self, username: str | None) -> "User":
        return self.get(email__iexact=username)


class User(AbstractBaseUser):
    """A person who signs in with an e-mail address. Rights come from role assignments alone."""

    email = models.EmailField(_("correo electrónico"), unique=True)
    name = models.CharField(_("nombre"), max_length=120)
    language = models.CharField(_("idioma"), max_length=5, default="es-co")
    is_active = models.BooleanField(_("activa"), default=True)
    created_at = models.DateTimeField(auto_now_add=True)

    USERNAME_FIELD = "email"
    EMAIL_FIELD = "email"
    REQUIRED_FIELDS: ClassVar[list[str]] = ["name"]
    objects = UserManager()

    def __str__(self) -> str:
        return self.name or self.email


class ManagingEntity(models.Model):
    """Who runs initiatives and owns uploads: usually, but not always, a chamber of commerce."""

    class Kind(models.TextChoices):
        CHAMBER = "chamber", _("Cámara de comercio")
        CORPORATION = "corporation", _("Corporación")
        FOUNDATION = "foundation", _("Fundación")
        UNIVERSITY = "university", _("Universidad")
        GUILD = "guild", _("Gremio")
        GOVERNMENT = "government", _("Entidad pública")
        OTHER = "other", _("Otra")

    name = models.CharField(_("nombre"), max_length=160, unique=True)
    kind = models.CharField(_("tipo"), max_length=12, choices=Kind, default=Kind.CHAMBER)
    chamber = models.CharField(_("código de cámara (RUES)"), max_length=2, blank=True)
    department = models.CharField(_("departamento (DIVIPOLA)"), max_length=2)
    invented = models.BooleanField(_("datos inventados"), default=False)

    def __str__(self) -> str:
        return self.name


class RoleAssignment(models.Model):
    """A role in a scope (the whole network when ``entity`` is empty), from one date to another."""

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="roles")
    role = models.CharField(_("rol"), max_length=20, choices=Role)
    entity = models.ForeignKey(
        ManagingEntity, on_delete=models.CASCADE, null=True, blank=True, related_name="roles"
    )
    valid_from = models.DateTimeField()
    valid_to = models.DateTimeField(null=True, blank=True)
    granted_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, blank=True, related_name="+")

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["user", "role", "entity"],
                condition=Q(valid_to__isnull=True, entity__isnull=False),
                name="one_live_assignment_per_role_and_entity",
            ),
            models.UniqueConstraint(
                fields=["user", "role"],
                condition=Q(valid_to__isnull=True, entity__isnull=True),
                name="one_live_assignment_of_the_network_role",
            ),
            models.CheckConstraint(
                condition=Q(role=Role.NETWORK_ADMIN, entity__isnull=True)
                | (~Q(role=Role.NETWORK_ADMIN) & Q(entity__isnull=False)),
                name="only_the_network_role_has_no_entity",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.user} · {self.get_role_display()} · {self.entity or 'red'}"


class AccountInvitation(models.Model):
    """A colleague is asked to join with a role; the link works once and expires."""

    email = models.EmailField(_("correo electrónico"))
    name = models.CharField(_("nombre"), max_length=120)
    role = models.CharField(_("rol"), max_length=20, choices=Role)
    entity = models.ForeignKey(ManagingEntity, on_delete=models.CASCADE, null=True, blank=True)
    token_hash = models.CharField(max_length=64, unique=True)
    invited_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    created_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    accepted_at = models.DateTimeField(null=True, blank=True)
    withdrawn_at = models.DateTimeField(null=True, blank=True)

    def __str__(self) -> str:
        return f"{self.email} · {self.get_role_display()}"
