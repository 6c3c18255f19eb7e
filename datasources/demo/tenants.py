"""The five tenants of the demo: who they are, and how they are organised."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from itertools import cycle, islice
from typing import NamedTuple

from datasources.demo.identifiers import demo_id
from datasources.demo.names import FullName, Language

__all__ = ["TENANTS", "Division", "Leads", "Tenant"]


class Division(NamedTuple):
    """A group and the names of its teams."""

    name: str
    teams: tuple[str, ...]
    description: str | None = None


class Leads(NamedTuple):
    """The three people of a tenant whose rows have no fault: sessions are opened as them."""

    admin: FullName
    auditor: FullName
    member: FullName


@dataclass(frozen=True, slots=True, kw_only=True)
class Tenant:
    """A customer."""

    key: str
    name: str
    alias: str
    domain: str
    """As the account states it; upper case happens."""
    size: int
    """People in its directory."""
    languages: Mapping[Language, int]
    """Languages of its people's names, and their weights."""
    leads: Leads
    divisions: tuple[Division, ...]
    admins: tuple[str, ...] = ()
    """Addresses listed as admins besides the lead's, as they were typed."""
    status: str = "active"
    organization: str = ""
    """Organisation at the identity provider; its key where nothing else is said."""
    sso_provider: str | None = None
    max_budget: float | None = None
    age: int = 365
    """Days since it became a customer."""
    features: Mapping[str, bool] = field(default_factory=dict)

    @property
    def id(self) -> str:
        """Id of the account."""
        return demo_id("account", self.key)

    @property
    def mail_domain(self) -> str:
        """The domain as it stands in addresses."""
        return self.domain.lower()

    @property
    def lead_addresses(self) -> tuple[str, str, str]:
        """Where the admin, the auditor and the member get mail."""
        admin, auditor, member = (f"{name.local_part}@{self.mail_domain}" for name in self.leads)
        return admin, auditor, member


def _bank() -> Tenant:
    return Tenant(
        key="bank",
        name="Banque Meridian Luxembourg S.A.",
        alias="Meridian",
        domain="meridian-bank.example",
        size=600,
        languages={"fr": 5, "de": 4, "pt": 3, "en": 2, "pl": 1},
        leads=Leads(
            FullName("Claire", "Kieffer"),
            FullName("Jean-Luc", "Thill"),
            FullName("Ana", "Ferreira"),
        ),
        admins=("Marc.Reuter@meridian-bank.example",),
        sso_provider="microsoft",
        max_budget=25000.0,
        age=540,
        features={"can_create_agents": True, "copilot_connections": True, "playground": False},
        divisions=(
            Division(
                "Private Banking",
                ("Relationship Managers", "Portfolio Advisory", "Onboarding", "Family Office Desk"),
                "Wealthy clients and their families",
            ),
            Division(
                "Corporate Banking",
                ("Trade Finance", "Cash Management", "Syndicated Loans", "SME Luxembourg"),
            ),
            Division(
                "Retail Banking",
                ("Agence Kirchberg", "Agence Esch-sur-Alzette", "Agence Ettelbruck", "Call Centre"),
                "Branches, cards and the call centre",
            ),
            Division(
                "Fund Services",
                ("NAV Calculation", "Transfer Agency", "Depositary Control", "Fund Reporting"),
            ),
            Division("Treasury", ("Money Market", "FX Desk", "Collateral")),
            Division(
                "Risk Management",
                ("Credit Risk", "Market Risk", "Model Validation", "Operational Risk"),
                "Second line of defence",
            ),
            Division("Compliance", ("KYC", "Transaction Monitoring", "Sanctions", "Regulatory")),
            Division("Finance", ("General Ledger", "Regulatory Reporting", "Controlling")),
            Division(
                "Technology",
                ("Core Banking", "Data Platform", "Service Desk", "Cloud", "Security Operations"),
                "Informatique: develops and runs what the bank runs on",
            ),
            Division("Operations", ("Payments", "Securities Settlement", "Corporate Actions")),
            Division("Legal", ("Contracts", "Litigation", "Corporate Secretariat")),
            Division("Human Resources", ("Recruitment", "Payroll", "Formation")),
            Division("Internal Audit", ("IT Audit", "Financial Audit")),
        ),
    )


_SITES = (
    "Kiel",
    "Lübeck",
    "Flensburg",
    "Husum",
    "Heide",
    "Itzehoe",
    "Neumünster",
    "Rendsburg",
    "Eckernförde",
    "Schleswig",
    "Plön",
    "Eutin",
    "Oldenburg in Holstein",
    "Bad Segeberg",
    "Bad Oldesloe",
    "Ratzeburg",
    "Mölln",
    "Geesthacht",
    "Pinneberg",
    "Elmshorn",
    "Wedel",
    "Norderstedt",
    "Preetz",
    "Niebüll",
    "Westerland",
    "Wyk auf Föhr",
    "Helgoland",
    "Brunsbüttel",
    "Glückstadt",
    "Tönning",
    "Kappeln",
    "Fehmarn",
    "Timmendorfer Strand",
    "Ahrensburg",
    "Reinbek",
)

_WARDS = (
    "Notaufnahme",
    "Innere Medizin",
    "Kardiologie",
    "Chirurgie",
    "Anästhesie und Intensivmedizin",
    "Radiologie",
    "Pflegedienst",
    "Geburtshilfe",
    "Pädiatrie",
    "Neurologie",
    "Geriatrie",
    "Labor",
    "Apotheke",
    "Onkologie",
    "Physiotherapie",
    "Sozialdienst",
)


def _clinics() -> tuple[Division, ...]:
    """One division a site, eight wards each: the wards of neighbours differ."""
    clinics = []
    for number, site in enumerate(_SITES):
        wards = tuple(islice(cycle(_WARDS), number * 3, number * 3 + 8))
        clinics.append(Division(f"Klinikum {site}", wards))
    return tuple(clinics)


def _hospital() -> Tenant:
    return Tenant(
        key="hospital",
        name="Klinikverbund Nordlicht gGmbH",
        alias="Nordlicht",
        domain="Klinikverbund-Nordlicht.example",
        size=5000,
        languages={"de": 16, "tr": 3, "pl": 3, "ar": 2, "en": 1, "vi": 1},
        leads=Leads(
            FullName("Wiebke", "Brodersen"),
            FullName("Matthias", "Claußen"),
            FullName("Elif", "Öztürk"),
        ),
        sso_provider="generic",
        max_budget=60000.0,
        age=800,
        features={"can_generate_images": False, "model_management": True},
        divisions=(
            *_clinics(),
            Division(
                "Konzernverwaltung",
                (
                    "Einkauf",
                    "Personal",
                    "Controlling",
                    "Recht",
                    "Unternehmenskommunikation",
                    "Bau und Technik",
                    "Qualitätsmanagement",
                ),
                "Zentrale Verwaltung in Kiel",
            ),
            Division(
                "Zentrale IT",
                ("Klinische Systeme", "Netze", "Rechenzentrum", "Servicedesk", "Datenschutz"),
                "Betrieb und Entwicklung für alle Standorte",
            ),
            Division(
                "Medizincontrolling", ("Kodierung", "Erlössicherung", "MD-Management", "Statistik")
            ),
            Division("Pflegeschule", ("Ausbildung", "Fortbildung", "Praxisanleitung")),
        ),
    )


def _law_firm() -> Tenant:
    return Tenant(
        key="lawfirm",
        name="Okonjo & Partners LLP",
        alias="Okonjo",
        domain="okonjo-partners.example",
        size=120,
        languages={"en": 6, "fr": 1, "ar": 1},
        leads=Leads(
            FullName("Adaeze", "Okonjo"),
            FullName("Alistair", "MacLeod"),
            FullName("Niamh", "O'Brien"),
        ),
        sso_provider="google",
        age=300,
        # A person typed this one: the account has no default group because the name was taken.
        divisions=(
            Division("global", ("Everyone",), "Made by hand"),
            Division("Corporate & M&A", ("Public Takeovers", "Private Equity", "Due Diligence")),
            Division("Disputes", ("Arbitration", "Commercial Litigation", "Investigations")),
            Division("Real Estate", ("Development", "Landlord & Tenant")),
            Division("Tax", ("Corporate Tax", "Private Client")),
            Division("Knowledge", ("Library", "Precedents", "Legal Technology")),
        ),
    )


def _start_up() -> Tenant:
    return Tenant(
        key="startup",
        name="Lundi Robotics ehf.",
        alias="Lundi",
        domain="lundi-robotics.example",
        size=12,
        languages={"is": 3, "en": 1, "vi": 1},
        leads=Leads(
            FullName("Hildur", "Þorsteinsdóttir"),
            FullName("Snorri", "Ægisson"),
            FullName("Linh", "Nguyễn"),
        ),
        # Outside counsel keeps the firm's accounts: one address, admin of two tenants.
        admins=("adaeze.okonjo@okonjo-partners.example",),
        organization="lawfirm",
        age=60,
        divisions=(
            Division("Engineering", ("Firmware", "Perception")),
            Division("Go to Market", ("Sales", "Support")),
        ),
    )


def _institute() -> Tenant:
    return Tenant(
        key="institute",
        name="Instituto de Lingüística Aplicada, Universidad de Valdeorras",
        alias="ILA",
        domain="ila.valdeorras.example",
        size=45,
        status="suspended",
        languages={"es": 8, "pt": 2, "en": 1},
        leads=Leads(
            FullName("Begoña", "Peñalver"),
            FullName("Íñigo", "Ibáñez"),
            FullName("Lucía", "de la Fuente"),
        ),
        age=420,
        divisions=(
            Division("Fonética", ("Laboratorio de Habla", "Prosodia")),
            Division("Lexicografía", ("Diccionario Histórico", "Neologismos")),
            Division("Administración", ("Secretaría", "Biblioteca")),
        ),
    )


TENANTS = (_bank(), _hospital(), _law_firm(), _start_up(), _institute())
"""All of them; the first is of middling size and has something of everything."""
