"""Who the company is: drawn once from the seed, and shared by all files of its workspace."""

import random
from dataclasses import dataclass
from datetime import date, timedelta

FIRST = (
    "Amina Bruno Carla Darius Elif Farid Greta Hiro Ines Jonas Katya Liam Mei Nadia Oskar Priya Quentin Rosa Samir "
    "Tove Ulrich Vera Wanda Xavier Yara Zoltan Aiko Bastien Chidi Dorota Emeka Freya Gustavo Hanna Ivo Jamila"
).split()
LAST = (
    "Abebe Baumann Castillo Dlamini Eriksen Fontaine Grabowski Haddad Ivanova Jansen Kowalski Lindqvist Moreau "
    "Nakamura Okafor Petrov Quispe Rossi Schreiber Tanaka Usman Varga Weber Yilmaz Zeller Andersson Bianchi Costa"
).split()
CITIES = (
    ("Berlin", "Europe/Berlin"),
    ("Lisbon", "Europe/Lisbon"),
    ("Toronto", "America/Toronto"),
    ("Nairobi", "Africa/Nairobi"),
    ("Osaka", "Asia/Tokyo"),
    ("Austin", "America/Chicago"),
    ("Leeds", "Europe/London"),
    ("Pune", "Asia/Kolkata"),
    ("Santiago", "America/Santiago"),
    ("Brisbane", "Australia/Brisbane"),
)


@dataclass(frozen=True)
class Theme:
    """A kind of business: `shape` decides the tables of its database and the sheets of its workbooks."""

    key: str
    shape: str
    names: tuple[str, ...]
    prefix: str
    items: tuple[str, ...]
    variants: tuple[str, ...]
    price: tuple[int, int]


THEMES = (
    Theme("bikes", "retail", ("Spoke & Chain", "Northside Cycles", "Velo Harbour"), "BK",
          ("City bike", "Gravel bike", "Child seat", "Helmet", "Pannier", "Floor pump", "Brake set", "Saddle", "Lock"),
          ("black", "blue", "olive", "large", "small"), (12, 1400)),
    Theme("coffee", "retail", ("Kettle Row Roasters", "Third Crack Coffee", "Amber Bean"), "CF",
          ("House blend", "Espresso roast", "Decaf", "Filter papers", "Burr grinder", "Gooseneck kettle", "Dripper"),
          ("250 g", "500 g", "1 kg", "gift box"), (4, 240)),
    Theme("print", "service", ("Paper Lantern Print", "Inkwell Studio", "Folio Works"), "PR",
          ("Business cards", "Poster", "Booklet", "Banner", "Flyer", "Letterhead", "Wedding set"),
          ("matt", "gloss", "recycled", "express"), (25, 600)),
    Theme("repair", "service", ("Fixit Corner", "Second Life Devices", "Solder & Sons"), "RP",
          ("Screen replacement", "Battery swap", "Data recovery", "Port repair", "Cleaning", "Diagnosis"),
          ("phone", "tablet", "laptop", "console"), (20, 320)),
    Theme("languages", "school", ("Lingua Lane", "Open Phrase School", "Bridge Tongues"), "CR",
          ("Spanish", "German", "Japanese", "Portuguese", "Arabic", "French", "Turkish"),
          ("A1", "A2", "B1", "B2", "evening"), (90, 480)),
    Theme("music", "school", ("Half Note Academy", "Cedar Strings", "Tempo House"), "MU",
          ("Piano", "Violin", "Guitar", "Drums", "Singing", "Cello"),
          ("beginners", "intermediate", "ensemble", "one-to-one"), (60, 350)),
    Theme("boats", "rental", ("Quayside Rentals", "Blue Fender Hire", "Lakeland Boats"), "BT",
          ("Kayak", "Canoe", "Rowing boat", "Sailing dinghy", "Pedal boat", "Motor launch"),
          ("single", "double", "family", "sport"), (15, 260)),
    Theme("tools", "rental", ("Borrow & Build", "Toolshed Depot", "Rigger's Yard"), "TL",
          ("Cordless drill", "Floor sander", "Cement mixer", "Ladder", "Pressure washer", "Tile cutter", "Generator"),
          ("small", "medium", "heavy duty"), (8, 190)),
)  # fmt: skip


@dataclass(frozen=True)
class Person:
    name: str
    email: str
    city: str


@dataclass(frozen=True)
class Item:
    code: str
    name: str
    price: float
    stock: int


@dataclass(frozen=True)
class Order:
    """A sale, a booking, an enrolment or a hire, as the theme has it."""

    number: str
    customer: int
    item: int
    quantity: int
    day: date
    status: str


@dataclass(frozen=True)
class Company:
    theme: Theme
    name: str
    slug: str
    city: str
    zone: str
    staff: tuple[Person, ...]
    customers: tuple[Person, ...]
    suppliers: tuple[Person, ...]
    items: tuple[Item, ...]
    orders: tuple[Order, ...]
    today: date


STATUSES = {
    "retail": ("open", "paid", "shipped", "returned"),
    "service": ("quoted", "in progress", "done", "invoiced"),
    "school": ("enrolled", "waiting", "completed", "cancelled"),
    "rental": ("reserved", "out", "returned", "overdue"),
}


def found(seed: int) -> Company:
    """The company of this seed; neighbouring seeds get different themes."""
    rng = random.Random(f"company {seed}")
    theme = THEMES[seed % len(THEMES)]
    name = rng.choice(theme.names)
    city, zone = rng.choice(CITIES)
    slug = "".join(letter if letter.isalnum() else " " for letter in name.lower()).split()
    today = date(2026, 1, 5) + timedelta(days=rng.randrange(120))
    people = _people(rng, 60, city)
    customers = people[8 : 8 + rng.randint(12, 24)]
    items = _items(rng, theme)
    return Company(
        theme=theme,
        name=name,
        slug="-".join(slug),
        city=city,
        zone=zone,
        staff=people[: rng.randint(4, 7)],
        customers=customers,
        suppliers=people[40 : 40 + rng.randint(3, 5)],
        items=items,
        orders=_orders(rng, theme, len(customers), len(items), today),
        today=today,
    )


def _people(rng: random.Random, count: int, home: str) -> tuple[Person, ...]:
    names = rng.sample([(first, last) for first in FIRST for last in LAST], count)
    return tuple(
        Person(
            f"{first} {last}",
            f"{first}.{last}@example.{rng.choice(['com', 'org', 'net'])}".lower(),
            home if rng.random() < 0.5 else rng.choice(CITIES)[0],
        )
        for first, last in names
    )


def _items(rng: random.Random, theme: Theme) -> tuple[Item, ...]:
    pairs = rng.sample([(item, variant) for item in theme.items for variant in theme.variants], rng.randint(9, 16))
    low, high = theme.price
    return tuple(
        Item(
            f"{theme.prefix}-{101 + 7 * index}",
            f"{item} {variant}",
            round(rng.uniform(low, high), 2),
            rng.randrange(60),
        )
        for index, (item, variant) in enumerate(pairs)
    )


def _orders(rng: random.Random, theme: Theme, customers: int, items: int, today: date) -> tuple[Order, ...]:
    start = rng.randint(1000, 8000)
    return tuple(
        Order(
            number=f"{theme.prefix}{start + index}",
            customer=rng.randrange(customers),
            item=rng.randrange(items),
            quantity=rng.randint(1, 6),
            day=today - timedelta(days=rng.randrange(90)),
            status=rng.choice(STATUSES[theme.shape]),
        )
        for index in range(rng.randint(28, 55))
    )
