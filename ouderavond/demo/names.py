"""Names of a Dutch school: own lists, mixed as a school in a larger town would be mixed."""

import random
import unicodedata

# Per origin: girls and boys at school, women and men of their parents' generation, and family names.
GIRLS = {
    "nl": (
        "Emma Julia Mila Tess Sophie Zoë Sara Anna Lieke Noor Fleur Lotte Isa Roos Femke Maud Evi "
        "Jasmijn Sanne Luna Saar Elin Veerle Merel Fenna Anouk Chloé Anaïs Jinthe Maartje"
    ),
    "tr": "Elif Zeynep Defne Azra Ecrin Esma İrem Sude",
    "ma": "Amina Yasmine Nour Salma Hiba Inaya Dounia Lina",
    "sr": "Shanaya Kimora Priya Anjali Jaylinn Naomi Djamila Rochelle",
    "pl": "Zuzanna Maja Oliwia Hanna Lena Wiktoria",
    "xx": "Mei-Lin Aisha Sofía Inês Olena Selam Layla Thảo",
}
BOYS = {
    "nl": (
        "Daan Sem Lucas Finn Levi Luuk Bram Mees Thijs Jesse Ruben Stijn Lars Tijn Noud Sven Jurre "
        "Floris Hidde Guus Siem Pim Wout Koen Joris Noël Teun Jelte Sjoerd Willem"
    ),
    "tr": "Emir Yusuf Eymen Berkay Kerem Ömer Çağan Deniz",
    "ma": "Mohamed Adam Rayan Ilyas Amir Zakaria Bilal Ayoub",
    "sr": "Jayden Dylano Ravi Arjan Giovanni Kenji Quincy Shivan",
    "pl": "Jakub Łukasz Filip Kacper Szymon Mateusz",
    "xx": "Wei José João Andrij Samuel Omar Minh Björn",
}
WOMEN = {
    "nl": (
        "Marieke Linda Esther Petra Ingrid Saskia Annemiek Wendy Mirjam Judith Renée Sandra Karin Yvonne "
        "Astrid Hanneke Ellen Margriet Nicole Monique"
    ),
    "tr": "Fatma Ayşe Hatice Emine Gül Sevgi",
    "ma": "Fatima Khadija Naima Rachida Samira Latifa",
    "sr": "Sharda Patricia Indra Muriël Henna Wilma",
    "pl": "Agnieszka Katarzyna Małgorzata Beata Joanna",
    "xx": "Xiu María Ana Oksana Hiwot Rania Linh Ingeborg",
}
MEN = {
    "nl": (
        "Peter Jeroen Erik Marcel Bas Michiel Rob Martijn Dennis Frank Wouter Sander Edwin Ronald Gerard "
        "André Hans Maarten Pieter-Jan Bert"
    ),
    "tr": "Mehmet Mustafa Ahmet Hasan Hüseyin İsmail",
    "ma": "Hassan Abdelkader Said Mustapha Driss Khalid",
    "sr": "Ronny Anil Orlando Hendrik Soerin Clyde",
    "pl": "Piotr Krzysztof Tomasz Marek Paweł",
    "xx": "Jun Carlos Paulo Serhij Tesfaye Khaled Duc Stefan",
}
FAMILY_NAMES = {
    "nl": (
        "de Jong|Jansen|de Vries|van den Berg|van Dijk|Bakker|Janssen|Visser|Smit|Meijer|de Boer|Mulder|"
        "de Groot|Bos|Vos|Peters|Hendriks|van Leeuwen|Dekker|Brouwer|de Wit|Dijkstra|Smits|de Graaf|"
        "van der Meer|van der Linden|Kok|Jacobs|de Haan|Vermeulen|van den Heuvel|van der Veen|"
        "van den Broek|de Bruijn|de Bruin|van der Heijden|Schouten|van Beek|Willems|van Vliet|van de Ven|"
        "Hoekstra|Maas|Verhoeven|Koster|van Dam|van der Wal|Prins|Blom|Huisman|Peeters|de Jonge|Kuipers|"
        "van Veen|Post|Kuiper|Veenstra|Kramer|van den Brink|Scholten|van Wijk|Postma|Martens|Vink|"
        "de Ruiter|Timmermans|Groen|Gerritsen|Jonker|van Loon|Boer|van der Velde|Willemsen|de Lange|"
        "de Vos|van Schaik|Schipper|Bosch|van der Laan|Hermans|Mol|van 't Hek|'t Hooft|in 't Veld|"
        "op den Kelder|ter Horst|ten Have|van der Zwaag-Oosterhuis|uit den Bogaard|Coppée|Thédinga|Israël"
    ),
    "tr": "Yılmaz|Kaya|Demir|Çelik|Şahin|Yıldız|Öztürk|Aydın|Özdemir|Arslan|Doğan|Koç",
    "ma": "el Amrani|Bouzid|Benali|el Idrissi|Ouali|Azzouzi|ben Haddou|Chaouch|el Khatib|Tahiri|Bakkali",
    "sr": "Ramdin|Soekhoe|Pinas|Biharie|Jagroep|Kromodimedjo|Wijdenbosch|Baldewsingh|Martina|Rosalia",
    "pl": "Nowak|Wójcik|Kowalski|Wiśniewski|Zieliński|Dąbrowski",
    "xx": (
        "Chen|Nguyễn|García Márquez|Ferreira da Silva|D'Souza|O'Brien|Shevchenko|Tesfay|Al-Masri|"
        "Lindström|Müller|Okafor|Hosseini|Petrović|Šimić|Ivanova|Wong|Singh|Haddad|Abdi"
    ),
}
WEIGHTS = {"nl": 66, "tr": 9, "ma": 9, "sr": 6, "pl": 4, "xx": 6}

# Every school has one name that no form was made for.
VERY_LONG = (
    "Wilhelmina Johanna Catharina Alexandra",
    "van",
    "Wassenaer Obdam tot Zuidwijk en de Lek-Hooghwinkel van Steenbergen",
)

PREFIXES = (
    "van den,van der,van de,van 't,van,de,den,'t,in 't,op den,ter,ten,uit den,el,ben".split(
        ","
    )  # longest first
)
PLAIN = str.maketrans({"ı": "i", "İ": "I", "ł": "l", "Ł": "L", "ø": "o", "đ": "d", "ß": "ss"})


def split_prefix(name: str) -> tuple[str, str]:
    """Dutch family names are sorted without what stands before them: *van den Berg* is (van den, Berg)."""
    for prefix in PREFIXES:
        if name.startswith(f"{prefix} "):
            return prefix, name[len(prefix) + 1 :]
    return "", name


def plain(text: str) -> str:
    """Lower-case letters only, as in an e-mail address or an abbreviation."""
    decomposed = unicodedata.normalize("NFKD", text.translate(PLAIN))
    return "".join(c for c in decomposed if c.isascii() and c.isalpha()).lower()


class Names:
    """Draws names; the same generator gives the same names."""

    def __init__(self, rng: random.Random):
        self.rng = rng
        self._first = {
            kind: {origin: names.split() for origin, names in lists.items()}
            for kind, lists in (("girl", GIRLS), ("boy", BOYS), ("woman", WOMEN), ("man", MEN))
        }
        self._used: set[tuple[str, str, str]] = set()
        self._family = {o: [split_prefix(n) for n in names.split("|")] for o, names in FAMILY_NAMES.items()}

    def origin(self) -> str:
        """Where a family's names come from."""
        return self.rng.choices(list(WEIGHTS), weights=list(WEIGHTS.values()))[0]

    def first(self, kind: str, origin: str) -> str:
        """A first name; a few children have a double one or come from elsewhere."""
        names = self._first[kind]
        name = self.rng.choice(names[origin])
        if kind in ("girl", "boy") and self.rng.random() < 0.03:
            name = f"{name} {self.rng.choice(names['nl'])}"
        return name

    def family(self, origin: str) -> tuple[str, str]:
        """What stands before the family name, and the family name."""
        return self.rng.choice(self._family[origin])

    def unused(self, kind: str, origin: str, prefix: str, last: str) -> str:
        """A first name that nobody of the same family name has yet. Namesakes do occur, but rarely."""
        for attempt in range(50):
            name = self.first(kind, origin if attempt < 5 else "nl")
            if (name, prefix, last) not in self._used or self.rng.random() < 0.003:
                break
        self._used.add((name, prefix, last))
        return name
