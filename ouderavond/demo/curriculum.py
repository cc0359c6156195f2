"""What a Dutch secondary school teaches: courses, years with their streams, and who teaches what."""

from dataclasses import dataclass, field

# Abbreviation in the timetable -> full name, lessons in the reference week, section of the staff for it.
COURSES: dict[str, tuple[str, int, str]] = {
    "ne": ("Nederlands", 2, "ne"),
    "en": ("Engels", 2, "en"),
    "fa": ("Frans", 1, "fa"),
    "du": ("Duits", 1, "du"),
    "sp": ("Spaans", 1, "fa"),
    "la": ("Latijn", 1, "kt"),
    "gr": ("Grieks", 1, "kt"),
    "wi": ("Wiskunde", 2, "wi"),
    "wia": ("Wiskunde A", 1, "wi"),
    "wib": ("Wiskunde B", 1, "wi"),
    "wic": ("Wiskunde C", 1, "wi"),
    "wid": ("Wiskunde D", 1, "wi"),
    "rek": ("Rekenen", 1, "wi"),
    "ak": ("Aardrijkskunde", 1, "ak"),
    "gs": ("Geschiedenis", 1, "gs"),
    "maat": ("Maatschappijleer", 1, "gs"),
    "maw": ("Maatschappijwetenschappen", 1, "gs"),
    "lv": ("Levensbeschouwing", 1, "lv"),
    "fi": ("Filosofie", 1, "lv"),
    "ec": ("Economie", 1, "ec"),
    "beco": ("Bedrijfseconomie", 1, "ec"),
    "bi": ("Biologie", 1, "bi"),
    "vz": ("Verzorging", 1, "bi"),
    "na": ("Natuurkunde", 1, "na"),
    "sk": ("Scheikunde", 1, "na"),
    "nask": ("Natuur- en scheikunde", 1, "na"),
    "nask1": ("Natuur- en scheikunde 1", 1, "na"),
    "nask2": ("Natuur- en scheikunde 2", 1, "na"),
    "nlt": ("Natuur, leven en technologie", 1, "na"),
    "in": ("Informatica", 1, "tn"),
    "tn": ("Techniek", 1, "tn"),
    "pie": ("Produceren, installeren en energie", 2, "tn"),
    "dp": ("Dienstverlening en producten", 1, "tn"),
    "zw": ("Zorg en welzijn", 2, "bi"),
    "eo": ("Economie en ondernemen", 2, "ec"),
    "lo": ("Lichamelijke opvoeding", 1, "lo"),
    "bsm": ("Bewegen, sport en maatschappij", 1, "lo"),
    "bv": ("Beeldende vorming", 1, "ku"),
    "te": ("Tekenen", 1, "ku"),
    "ha": ("Handvaardigheid", 1, "ku"),
    "mu": ("Muziek", 1, "ku"),
    "dr": ("Drama", 1, "ku"),
    "ckv": ("Culturele en kunstzinnige vorming", 1, "ku"),
    "pws": ("Profielwerkstuk", 1, "mentor"),
    "lob": ("Loopbaanoriëntatie", 1, "mentor"),
    "ml": ("Mentorles", 1, "mentor"),
}
# Sections that share their staff in a small school, in the order in which they are joined.
SECTIONS = ("wi", "ne", "en", "na", "ku", "lo", "bi", "gs", "ak", "fa", "du", "ec", "tn", "lv", "kt")
JOINED = {
    "kt": "lv",
    "lv": "gs",
    "tn": "na",
    "du": "fa",
    "ak": "gs",
    "ec": "wi",
    "bi": "na",
    "fa": "en",
    "ku": "ne",
}


@dataclass(frozen=True)
class Choice:
    """A combination of courses that students choose: what belongs to it, and how many more from a list."""

    weight: int
    courses: str
    more: int = 0
    out_of: str = ""


@dataclass(frozen=True)
class Program:
    """A year of a stream: how many students it has, what its classes share, and what its students choose."""

    name: str
    title: str
    year: int
    weight: float
    class_size: int
    courses: str
    choices: tuple[Choice, ...] = field(default=())

    @property
    def common(self) -> list[str]:
        return self.courses.split()


HAVO = (
    Choice(25, "wia fa gs", 3, "ak ec te maw sp du lv"),
    Choice(35, "wia ec beco", 3, "gs ak du maw bsm fa bi"),
    Choice(25, "wia bi sk", 3, "ak na ec du bsm lv"),
    Choice(15, "wib na sk", 3, "bi in ec ak bsm nlt"),
)
VWO = (
    Choice(20, "wic fa gs du", 3, "ak te fi maw sp ec la"),
    Choice(30, "wia ec gs beco", 3, "ak du fa fi maw in la"),
    Choice(30, "wia bi sk na", 3, "ak ec nlt du fi la"),
    Choice(20, "wib na sk wid", 3, "bi in ec nlt du gr"),
)
VMBO_BASIS = (
    Choice(40, "zw bi", 3, "dp vz te ha du ec"),
    Choice(30, "pie nask1", 3, "dp in tn ha du ec"),
    Choice(30, "eo ec", 3, "dp du in te vz ak"),
)
MAVO = (
    Choice(30, "wi bi nask1 nask2", 3, "du ak gs ec te bsm"),
    Choice(40, "wi ec du", 4, "ak gs bi te fa bsm nask1"),
    Choice(30, "gs ak te", 4, "du fa bi ec wi bsm"),
)

PROGRAMS = (
    Program("hv1", "Brugklas havo/vwo", 1, 9.5, 28, "ne en fa wi rek ak gs bi nask lo bv mu tn lv dr ml"),
    Program("v5", "Vwo 5", 5, 4.5, 27, "ne en lo ckv lv maat lob ml", VWO),
    Program("m3", "Mavo 3", 3, 5.5, 27, "ne en fa du wi ak gs bi nask1 nask2 ec lo bv maat lob ml"),
    Program("h2", "Havo 2", 2, 6.5, 28, "ne en fa du wi ak gs bi nask ec lo bv mu lv tn ml"),
    Program("v3", "Vwo 3", 3, 5.0, 28, "ne en fa du wi ak gs bi na sk ec lo bv mu la lv ml"),
    Program("h4", "Havo 4", 4, 8.5, 28, "ne en lo maat ckv lv rek lob ml", HAVO),
    Program("bk1", "Brugklas basis/kader", 1, 4.0, 20, "ne en wi rek ak gs bi nask lo bv mu tn lv vz dr ml"),
    Program("m1", "Brugklas mavo", 1, 6.0, 27, "ne en fa wi rek ak gs bi nask lo bv mu tn lv dr ml"),
    Program("v2", "Vwo 2", 2, 4.5, 28, "ne en fa du wi ak gs bi na ec lo bv mu la lv tn ml"),
    Program("h3", "Havo 3", 3, 7.0, 28, "ne en fa du wi ak gs bi na sk ec lo bv mu lv lob ml"),
    Program("m4", "Mavo 4", 4, 5.5, 27, "ne en lo maat ckv rek pws lob ml", MAVO),
    Program("h5", "Havo 5", 5, 7.5, 28, "ne en lo lv ckv rek pws lob ml", HAVO),
    Program("m2", "Mavo 2", 2, 6.0, 27, "ne en fa du wi rek ak gs bi nask ec lo bv mu lv tn ml"),
    Program("bk2", "Basis/kader 2", 2, 4.0, 20, "ne en du wi rek ak gs bi nask ec lo bv mu tn lv ml"),
    Program("v4", "Vwo 4", 4, 5.0, 28, "ne en lo maat ckv lv lob rek ml", VWO),
    Program("v6", "Vwo 6", 6, 4.0, 26, "ne en lo lv ckv pws lob ml", VWO),
    Program("bk3", "Basis/kader 3", 3, 3.5, 18, "ne en wi rek maat ckv lo bv lv lob ml", VMBO_BASIS),
    Program("bk4", "Basis/kader 4", 4, 3.5, 18, "ne en wi rek maat ckv lo pws lv lob ml", VMBO_BASIS),
)
