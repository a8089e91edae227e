"""How a sentence says where: « en Occitanie », « dans les Hauts-de-France », « dans le Gard »."""

# What goes before the name. « en » goes before all others.
_REGIONS = {
    "Grand Est": "dans le",
    "Hauts-de-France": "dans les",
    "Pays de la Loire": "dans les",
    "La Réunion": "à",
    "Mayotte": "à",
}
# By the code of INSEE.
_DEPARTMENTS = {
    code: words
    for words, codes in {
        "dans l’": "01 02 03 10 11 12 27 34 36 60 61 89 91",
        "dans la": "23 26 42 50 51 55 58 72 80 86",
        "dans le": "14 15 18 25 29 30 32 39 45 46 56 59 62 63 67 68 69 81 83 84 90 94 95",
        "dans les": "04 05 06 08 13 22 40 64 65 66 78 79 88 92",
        "à": "75 974 976",
    }.items()
    for code in codes.split()
}


def in_region(name: str) -> str:
    return _join(_REGIONS.get(name, "en"), name)


def in_department(code: str, name: str) -> str:
    return _join(_DEPARTMENTS.get(code, "en"), name)


def _join(words: str, name: str) -> str:
    return words + name if words.endswith("’") else f"{words} {name}"
