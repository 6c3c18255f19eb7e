"""Support tickets and notification templates."""

from __future__ import annotations

from typing import NamedTuple

from datasources.demo.dataset import Dataset
from datasources.demo.identifiers import demo_id
from datasources.demo.roster import Roster

__all__ = ["add_support"]

_STATUSES = ("OPEN", "IN_PROGRESS", "PENDING", "RESOLVED", "CLOSED", "CANCELLED")
_PRIORITIES = ("MEDIUM", "LOW", "URGENT", "IMPORTANT", "MEDIUM")


class _Ticket(NamedTuple):
    subject: str
    description: str


_TICKETS = {
    "en": (
        _Ticket("Cannot upload files larger than 20 MB", "The upload stops at about 80 %."),
        _Ticket("Please add Mistral to our models", "Legal asked for a European provider."),
        _Ticket("Agent answers in the wrong language", "It answers English questions in German."),
        _Ticket("Credits ran out before the end of the month", "The whole team is blocked."),
        _Ticket("How do I share an agent with another team?", ""),
    ),
    "fr": (
        _Ticket("Impossible de se connecter depuis Esch", "Le SSO renvoie une page blanche."),
        _Ticket("Budget de l'équipe épuisé", "Merci d'augmenter l'allocation de juin."),
        _Ticket("Question sur les garde-fous", "Les IBAN sont masqués dans les notes internes."),
    ),
    "de": (
        _Ticket("Anmeldung mit Dienstkarte nicht möglich", "Fehler 403 nach der Umleitung."),
        _Ticket("Arztbrief-Entwurf bricht ab", "Bei langen Akten kommt keine Antwort."),
        _Ticket("Neue Station fehlt in der Gruppenliste", "Station 4b, Standort Husum."),
        _Ticket("Zugang für Hospitant:innen", '{"text": "Bitte drei Gastzugänge.", "lang": "de"}'),
    ),
    "is": (_Ticket("Vantar aðgang að nýju líkani", "Getum við prófað það í þessari viku?"),),
    "es": (_Ticket("¿Cuándo se reactiva la cuenta?", "La renovación se firmó el lunes."),),
}

_TEMPLATES = (
    ("USER_WELCOME", "EMAIL", "Welcome to {{account}}", "Hello {{name}}, your access is ready."),
    ("USER_INVITED", "EMAIL", "{{inviter}} invites you", "Accept here: {{link}}"),
    ("BUDGET_WARNING", "IN_APP", "80 % of credits used", "{{scope}} has {{left}} credits left."),
    ("BUDGET_EXHAUSTED", "PUSH", "No credits left", "{{scope}} has used all its credits."),
    (None, "SMS", "Maintenance", "Copilot is not available on {{date}} from {{from}} to {{to}}."),
)


def add_support(dataset: Dataset, roster: Roster) -> None:
    """Tickets in the tenant's languages, and its templates."""
    languages = [language for language in roster.tenant.languages if language in _TICKETS]
    tickets = [ticket for language in languages for ticket in _TICKETS[language]]
    for number in range(len(tickets) * (1 + min(roster.tenant.size // 200, 5))):
        _add_ticket(dataset, roster, number, tickets[number % len(tickets)])
    for number, (event, channel, title, content) in enumerate(_TEMPLATES):
        dataset.add(
            "copilot.notification_templates",
            id=demo_id("template", roster.tenant.key, number),
            account_id=roster.tenant.id,
            template_id=event and event.lower().replace("_", "-"),
            title_line=title,
            template_content=content,
            event_id=event,
            type=channel,
            created_by=roster.admin.email,
            created_at=dataset.ago(days=38 - number),
            updated_at=dataset.ago(days=15),
        )


def _add_ticket(dataset: Dataset, roster: Roster, number: int, ticket: _Ticket) -> None:
    people = roster.people
    reporter = people[(number * 7 + 2) % len(people)]
    status = _STATUSES[number % len(_STATUSES)]
    # Migrated tickets name people by ids that nobody has any more.
    is_migrated = number % 8 == 7
    created_at = dataset.ago(days=number * 1.7 + 0.3)
    dataset.add(
        "copilot.support_tickets",
        id=demo_id("ticket", roster.tenant.key, number),
        account_id=roster.tenant.id,
        user_profile_id=demo_id("former user", reporter.id) if is_migrated else reporter.id,
        subject=ticket.subject,
        description=ticket.description,
        status=status,
        priority=_PRIORITIES[number % len(_PRIORITIES)],
        assigned_to=None if status == "OPEN" else roster.admin.id,
        created_by=reporter.email,
        created_at=created_at,
        updated_at=created_at + (dataset.now - created_at) / 3,
    )
