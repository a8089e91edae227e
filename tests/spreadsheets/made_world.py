"""An invented network beside the seeded one, and the towns and places of everybody else.

`make_world` draws it, without a database; `write_world` puts what is ours into the base.
"""

import json
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path
from random import Random

from labelling.choices import SiteFormat
from labelling.models import Association, Department, LabellingWave
from tests.factories import AssociationFactory, SiteFactory, WaveFactory

FIXTURES = Path(__file__).parents[2] / "fixtures"
# The invented sites: as many as leave the seeded ones in the minority of no field.
INVENTED = 40
# Keys that no sequence of a test reaches.
FIRST_KEY = 900_000

# About where each department is, to invent towns in them: latitude, longitude.
CENTRES = {
    "01": (46.1, 5.3),
    "07": (44.7, 4.5),
    "13": (43.5, 5.1),
    "2A": (41.9, 8.9),
    "29": (48.3, -4.1),
    "30": (44.0, 4.2),
    "33": (44.8, -0.6),
    "42": (45.7, 4.2),
    "54": (48.8, 6.2),
    "59": (50.4, 3.2),
    "69": (45.8, 4.6),
    "80": (49.9, 2.3),
    "87": (45.9, 1.3),
    "93": (48.9, 2.5),
    "974": (-21.1, 55.5),
}
# Town names: a beginning and an end.
BEGINNINGS = (
    *("Val", "Mont", "Roche", "Haute", "Font", "Clair", "Bel", "Puy", "Grand", "Vire", "Or"),
    *("Saint-Or", "Sainte-Vau", "Champ", "Noir", "Beau", "Aigue", "Tré", "Ker", "Lan"),
)
ENDS = (
    *("brune", "rive", "belle", "ferval", "sac", "lieu", "mure", "gny", "thiers", "dun"),
    *("court", "villé", "zel", "mont-le-Vieux", "val-sur-Orne", "rac", "nas", "bois", "lès"),
)
STREETS = (
    *("rue de la Gare", "rue Haute", "avenue de la République", "place de la Mairie"),
    *("boulevard Voltaire", "chemin des Vignes", "rue des Écoles", "allée des Tilleuls"),
    *("impasse du Moulin", "route de Lyon", "quai des Bateliers", "rue du Huit-Mai"),
)
DISTRICTS = ("Centre", "Gare", "Les Tilleuls", "Plateau", "Nord", "Le Port", "Vieux-Bourg")
# The waves of the base beyond the seeded ones, and those that only the State knows.
WAVES = {
    date(2021, 1, 15): "Hiver 2021",
    date(2021, 7, 1): "Juillet 2021",
    date(2022, 1, 1): "Janvier 2022",
    date(2022, 11, 15): "Novembre 2022",
}
STATE_DATES = (
    *(date(2020, 1, 1), date(2020, 2, 1), date(2020, 9, 1), date(2021, 1, 15), date(2021, 4, 1)),
    *(date(2021, 7, 1), date(2021, 10, 1), date(2022, 1, 1), date(2022, 4, 20), date(2022, 7, 1)),
    *(date(2022, 11, 15), date(2023, 12, 8)),
)
# The State's words of how a place receives the public: every one is known to the base.
STATE_FORMATS = {
    SiteFormat.FIXED: "Fixe",
    SiteFormat.FIXED_WITH_ANTENNA: "Fixe_antenne(s)",
    SiteFormat.SEVERAL_PLACES: "Multisites",
    SiteFormat.BUS: "Bus_équivalent",
    SiteFormat.ITINERANT: "Itinérante",
}
FORMATS = tuple(STATE_FORMATS)


@dataclass(frozen=True)
class Town:
    name: str
    department: str
    department_name: str
    region: str
    code: str
    postcode: str
    latitude: float
    longitude: float


@dataclass(frozen=True)
class Place:
    """Where somebody receives the public: a site of ours, or somebody else's place.

    `number` is the State's, `key` that of the record: None if the base has none.
    """

    name: str
    state_name: str
    number: str
    town: Town
    address: str
    wave: date
    wave_name: str
    association: str
    format: SiteFormat
    is_ours: bool
    key: int | None = None


@dataclass(frozen=True)
class World:
    """What the base holds (`sites`), and the towns where others are."""

    sites: tuple[Place, ...]
    towns: tuple[Town, ...]

    def list_labelled_by(self, day: date) -> list[Place]:
        return [site for site in self.sites if site.wave <= day]


def make_world(random: Random) -> World:
    towns = _make_towns(random)
    seeded = _read_seeded(random)
    numbers = random.sample(range(2000, 3000), INVENTED)
    names: set[str] = set()
    invented = []
    for place, number in enumerate(numbers):
        association = random.choice(towns)
        site = make_site(random, association, number=str(number), taken=names)
        wave = random.choice(list(WAVES))
        invented.append(replace(site, wave=wave, wave_name=WAVES[wave], key=FIRST_KEY + place))
        names.add(site.name)
    return World((*seeded, *invented), towns)


def make_site(
    random: Random, town: Town, *, number: str = "", taken: set[str] | frozenset[str] = frozenset()
) -> Place:
    """A site of the network that the seeded base lacks, of a name not in `taken`."""
    names = [f"PIMMS {town.name}", *(f"PIMMS {town.name} - {one}" for one in DISTRICTS)]
    name = next((one for one in names if one not in taken), f"PIMMS {town.name} {number}")
    label = name.removeprefix("PIMMS ")
    wave = random.choice(list(WAVES))
    return Place(
        name=name,
        state_name=f"France services {random.choice(('PIMMS', 'Pimms Médiation'))} {label}",
        number=number,
        town=town,
        address=make_address(random),
        wave=wave,
        wave_name=WAVES[wave],
        association=town.name,
        format=random.choice(FORMATS),
        is_ours=True,
    )


def make_other(random: Random, town: Town, number: str) -> Place:
    """Somebody else's France Services."""
    carrier = random.choice(("", "La Poste de ", "MSA de ", "mairie de ", "CCAS de ", "de "))
    start = random.choice(("France services", "Espace France services", "Maison France services"))
    wave = random.choice(STATE_DATES)
    name = f"{start} {carrier}{town.name}"
    return Place(
        name=name,
        state_name=name,
        number=number,
        town=town,
        address=make_address(random),
        wave=wave,
        wave_name="",
        association="",
        format=random.choice((SiteFormat.FIXED, SiteFormat.FIXED, *FORMATS)),
        is_ours=False,
    )


def make_address(random: Random) -> str:
    """As the State's are: four of five begin with a number, one of twenty has no street."""
    if random.random() < 0.05:
        return random.choice(("Le Bourg", "Mairie", "Centre des Prés", "Lieu-dit Bonnet"))
    if random.random() < 0.15:
        street = random.choice(STREETS)
        return street[0].upper() + street[1:]
    return f"{random.randint(1, 180)}{random.choice(('', '', '', ' bis'))} {random.choice(STREETS)}"


def _make_towns(random: Random) -> tuple[Town, ...]:
    departments, regions = _read_geography()
    names = [f"{begin}{end}" for begin in BEGINNINGS for end in ENDS]
    random.shuffle(names)
    codes: set[str] = set()
    towns = []
    for place, name in enumerate(names):
        code = list(CENTRES)[place % len(CENTRES)]
        latitude, longitude = CENTRES[code]
        length = 5 - len(code)
        insee = next(
            made
            for _ in range(1000)
            if (made := f"{code}{random.randrange(1, 10**length):0{length}}") not in codes
        )
        codes.add(insee)
        department, region = departments[code]
        towns.append(
            Town(
                name=name,
                department=code,
                department_name=department,
                region=regions[region],
                code=insee,
                postcode=_make_postcode(random, code),
                latitude=round(latitude + random.uniform(-0.4, 0.4), 5),
                longitude=round(longitude + random.uniform(-0.4, 0.4), 5),
            )
        )
    return tuple(towns)


def _make_postcode(random: Random, department: str) -> str:
    """Nine of ten end in 0; Corsica's begin with 20."""
    beginning = "20" if department.startswith("2A") else department
    last = "0" if random.random() < 0.93 else random.choice("1358")
    length = 4 - len(beginning)
    return f"{beginning}{random.randrange(10**length):0{length}}{last}"


def _read_geography() -> tuple[dict[str, tuple[str, str]], dict[str, str]]:
    """The departments, each with the code of its region, and the regions, by code."""
    departments, regions = {}, {}
    for record in json.loads((FIXTURES / "geography.json").read_text("utf-8")):
        fields = record["fields"]
        if record["model"] == "labelling.region":
            regions[fields["code"]] = fields["name"]
        elif record["model"] == "labelling.department":
            departments[fields["code"]] = (fields["name"], fields["region"][0])
    return departments, regions


def _read_seeded(random: Random) -> list[Place]:
    """The 53 sites of October 2020, with the addresses that the seeded base leaves empty."""
    departments, regions = _read_geography()
    records = json.loads((FIXTURES / "release_2020_10_14.json").read_text("utf-8"))
    waves = {
        record["fields"]["effective_on"]: record["fields"]["name"]
        for record in records
        if record["model"] == "labelling.labellingwave"
    }
    sites = []
    for record in records:
        if record["model"] != "labelling.site":
            continue
        fields = record["fields"]
        # As the State has them, not as three of them were printed.
        code = fields["commune_code"][:2]
        department, region = departments[code]
        town = Town(
            fields["commune"],
            code,
            department,
            regions[region],
            fields["commune_code"],
            _make_postcode(random, code),
            fields["latitude"],
            fields["longitude"],
        )
        wave = fields["wave"][0]
        label = fields["name"].removeprefix("PIMMS ")
        sites.append(
            Place(
                name=fields["name"],
                state_name=f"France services Pimms Médiation {label}",
                number=fields["france_services_id"],
                town=town,
                address=make_address(random),
                wave=date.fromisoformat(wave),
                wave_name=waves[wave],
                association=fields["association"][0],
                format=SiteFormat(fields["format"]),
                is_ours=True,
                key=record["pk"],
            )
        )
    return sites


def write_world(world: World) -> None:
    """Write the invented sites beside the seeded ones, which the base must hold."""
    departments = {department.code: department for department in Department.objects.all()}
    waves: dict[date, LabellingWave] = {
        day: WaveFactory(effective_on=day, name=name) for day, name in WAVES.items()
    }
    associations: dict[str, Association] = {}
    for site in world.sites:
        if site.key is None or site.key < FIRST_KEY:
            continue
        if site.association not in associations:
            associations[site.association] = AssociationFactory(name=site.association)
        SiteFactory(
            pk=site.key,
            name=site.name,
            state_name=site.state_name,
            france_services_id=site.number,
            association=associations[site.association],
            department=departments[site.town.department],
            wave=waves[site.wave],
            format=site.format,
            address=site.address,
            postcode=site.town.postcode,
            commune=site.town.name,
            commune_code=site.town.code,
            latitude=site.town.latitude,
            longitude=site.town.longitude,
        )
