"""Files in many code pages, made here from words typed by hand, and how many of them are read right.

Twenty-eight languages in 36 encodings, each as a file of 200 rows of which three hold letters beyond ASCII,
and as one in which every row does; files of numbers in which a sign such as £, °, ± or ½ is all there is;
UTF-16 with and without its mark. A file is right when every character is. The words are cities, goods and
sentences; what the reader has learned from are countries, languages, months and first names.
"""

from __future__ import annotations

import random
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from benchmarks.table import Row

ROWS = 200
FEW = 3
WORDS = {
    "German": "Köln|Nürnberg|Düsseldorf|Schönefeld|Würste|Käse|Fußmatte|Spülbürste|Gemüsekorb|Töpfe|"
    "Kühlschränke|Osnabrück|Göttingen|Fürth|Tübingen|Lüneburg|Bitte ausfüllen|nicht verfügbar|"
    "Länge in Metern|größer als zwei",
    "French": "Orléans|Besançon|Saint-Étienne|Nîmes|Béziers|Fenêtres|Crème fraîche|Bœuf|Pâtes|Gâteau|"
    "Clé à molette|Forêt|Châlons|Angoulême|Livré à domicile|déjà payé|non précisé|Château|Évreux|Mâcon",
    "Spanish": "Cádiz|León|Málaga|Logroño|Coruña|Jamón|Piña|Champiñones|Azúcar|Lápiz|Bolígrafo|Mérida|"
    "Ávila|Cáceres|Camión|sin número|dirección desconocida|¿cuándo?|Alcorcón|Avilés",
    "Portuguese": "Évora|Santarém|Guimarães|Covilhã|Portimão|Feijão|Pão|Maçã|Limão|Açúcar|"
    "Ribeirão Preto|Maceió|Belém|Brasília|não informado|endereço|coleção|Cônego|Viseu às dez|Leça",
    "Italian": "Forlì|Cantù|Cefalù|Caffè|Tiramisù|Ragù|Quantità|Città di Castello|Nardò|Patti è|Agliè|"
    "perché no|più tardi|Viggiù|Papà|Novità|Varietà|Però|Martedì|Santhià",
    "Dutch": "Goirle café|Curaçaostraat|één stuk|Oriënt|Geünieerd|Coördinatie|Knieën|Zeeën|Reünie|"
    "Efficiëntie|Financiële|Provinciën|Ruïne|Zoölogie|Poëzie|Kopieën|Industriële|Ideeën|Beïnvloed|Geïnd",
    "Swedish": "Malmö|Göteborg|Umeå|Västerås|Jönköping|Norrköping|Smörgås|Köttbullar|Blåbär|Fläsk|"
    "Växel|Skärgård|Luleå|Örebro|Gävle|Härnösand|inte tillgänglig|Sågverk|Mjölk|Ägg",
    "Danish": "Århus|Ålborg|Helsingør|Næstved|Køge|Rødgrød|Smørrebrød|Æbler|Pølser|Kødben|Tønder|"
    "Sønderborg|Hillerød|Brøndby|Ærø|ikke tilgængelig|Blåvand|Løg|Fløde|Rødovre",
    "Finnish": "Jyväskylä|Hämeenlinna|Järvenpää|Seinäjoki|Mäntsälä|Näkkileipä|Kynttilä|Pöytä|Jäätelö|"
    "Riihimäki|Kemijärvi|Äänekoski|Töölö|ei määritelty|Leipää|Voileipä|Mämmi|Pähkinä|Hyvinkää ö|"
    "Ylöjärvi",
    "Icelandic": "Akranes-höfn|Ísafjörður|Húsavík|Vík í Mýrdal|Selfoss þorp|Hafnarfjörður|Kópavogur|"
    "Mosfellsbær|Seyðisfjörður|Þingvellir|Skýr|Brauð|Smjör|Fiskbúð|Bíldudalur|Dalvík|Garðabær|"
    "Grindavík|ekki þekkt|Súðavík",
    "Polish": "Łódź|Kraków|Gdańsk|Poznań|Wrocław|Częstochowa|Rzeszów|Białystok|Bułka|Śledź|Książka|Gęś|"
    "Pączki|Zielona Góra|Świnoujście|Przemyśl|nie dotyczy, wróć|Żyrardów|Chełm|Łomża",
    "Czech": "Plzeň|Děčín|Ústí nad Labem|České Budějovice|Hradec Králové|Jablonec nad Nisou ř|"
    "Chléb čerstvý|Knedlíky|Křen|Třebíč|Příbram|Kroměříž|Žďár|Písek říční|Přerov|Vsetín|Nymburk město|"
    "Šumperk|nezjištěno|Zlín",
    "Hungarian": "Győr|Pécs|Székesfehérvár|Érd|Szombathely hétfő|Kecskemét|Tűzoltó|Fűszer|Sütőtök|"
    "Gyümölcs|Túró|Hódmezővásárhely|Dunaújváros|Zalaegerszeg erdő|Kőszeg|Sárvár|Gödöllő|Vörösbor|"
    "nincs megadva őr|Békés",
    "Romanian": "Bucureşti|Iaşi|Timişoara|Braşov|Constanţa|Ploieşti|Piteşti|Târgu Mureş|Brânză|Pâine|"
    "Cârnaţi|Mămăligă|Reşiţa|Bistriţa|Buzău|Galaţi|nu se ştie|Strada Mică|Bacău|Călăraşi",
    "Croatian": "Šibenik|Čakovec|Požega|Poreč|Đakovo|Kruščić|Čevapčići|Ražnjići|Šećer|Žlica|"
    "Bjelovar đak|Vukovar šuma|Križevci|Varaždin|Koprivnica žito|Omiš|Makarska noć|nepoznato još|"
    "Krk više|Senj čaj",
    "Turkish": "İstanbul|Diyarbakır|Şanlıurfa|Eskişehir|Muğla|Kırıkkale|Balıkesir|Iğdır|Ağrı|Şırnak|"
    "Çorum|Niğde|Peynir dilimi ağır|Işık|Baklava dilimli şeker|Aydın|Bartın|bilinmiyor mı|Uşak|Kırşehir",
    "Lithuanian": "Šiauliai|Panevėžys|Klaipėda|Mažeikiai|Kėdainiai|Šešupė|Cepelinai ąsotyje|Sūris|"
    "Žuvis|Kiaušinis|Utenos rūmai|Plungė|Tauragė|Ukmergė|Visaginas ežeras|nežinoma|Druskininkų|"
    "Rokiškis|Biržai|Palangos jūra",
    "Latvian": "Rēzekne|Jūrmala|Liepāja|Valmiera ķirsis|Jēkabpils|Ogre šķīvis|Cēsis|Rūpniecība|Maizīte|"
    "Zivju ēdiens|Sviests ļoti|Kuldīga|Saldus ābols|Talsi ūdens|Dobele ģērbtuve|nav zināms|Līvāni|"
    "Krāslava|Ludza ezerā|Aizkraukle īsa",
    "Russian": "Омск|Томск|Новосибирск|Челябинск|Хлеб ржаной|Сыр голландский|Яблоки|Щётка|Ведро|Уфа|"
    "Тюмень|Нижний Тагил|Ярославль|Ёлка|не указано|Площадь Ленина|Саратов|Краснодар|Хабаровск|"
    "Южно-Сахалинск",
    "Ukrainian": "Київ|Львів|Харків|Чернігів|Івано-Франківськ|Хліб житній|Сир твердий|Яблука|Щітка|"
    "Їжак|Житомир|Кременчук|Тернопіль|не вказано|Площа Ринок|Рівне|Вінниця|Ужгород|Запоріжжя|Єнакієве",
    "Greek": "Θεσσαλονίκη|Ηράκλειο|Πάτρα|Λάρισα|Ψωμί|Τυρί φέτα|Ελιές|Μήλα|Ιωάννινα|Ρόδος|Χανιά|Καβάλα|"
    "δεν ορίστηκε|Πλατεία Συντάγματος|Κέρκυρα|Σέρρες|Τρίκαλα|Ξάνθη|Ωρολόγιο|Καλαμάτα",
    "Hebrew": "ירושלים|תל אביב|חיפה|באר שבע|אשדוד|לחם|גבינה|תפוחים|נתניה|רמת גן|לא ידוע|כפר סבא|אילת|"
    "רחובות|עכו|שולחן|מנורה|ספר ילדים|מלפפון|צפת",
    "Arabic": "القاهرة|الإسكندرية|دمشق|بغداد|الدار البيضاء|خبز|جبن أبيض|تفاح|حلب|البصرة|غير معروف|كتاب|"
    "طاولة|مصباح|الرباط|صنعاء|عمان|بيروت|قلم رصاص|ماء معدني",
    "Thai": "กรุงเทพ|เชียงใหม่|ภูเก็ต|ขอนแก่น|ข้าวสวย|น้ำปลา|ส้มตำ|มะม่วง|ชลบุรี|ไม่ทราบ|โต๊ะไม้|หนังสือ|โคราช|"
    "หาดใหญ่|น้ำดื่ม|ไข่ไก่|ตลาดนัด|ถนนสุขุมวิท|พัทยา|เก้าอี้",
    "Japanese": "札幌市|仙台市|横浜市|名古屋|神戸港|福岡空港|りんご|みかん|牛乳|パン粉|ノート|えんぴつ|"
    "冷蔵庫|未記入です|長崎県|広島駅|洗濯機|お茶の水|カレーライス|味噌汁",
    "Chinese, simplified": "武汉|成都|重庆|杭州|南京路|苹果汁|牛奶面包|桌子|铅笔盒|冰箱|洗衣机|西安站|"
    "沈阳|未填写|苏州园林|长沙|厦门大学|青岛啤酒|红烧肉|自行车",
    "Chinese, traditional": "臺中|高雄港|新竹|基隆|花蓮縣|蘋果汁|牛奶麵包|桌子|鉛筆盒|冰箱|洗衣機|臺南|"
    "嘉義|未填寫|淡水捷運|紅燒肉|腳踏車|圖書館|電視機|橘子",
    "Korean": "대전역|광주|울산|수원시|제주도|사과|우유|빵집|책상|연필|냉장고|세탁기|강릉|미입력|"
    "전주 비빔밥|김치찌개|자전거|도서관|텔레비전|창원",
}
_WEST = ("cp1252", "mac_roman", "cp850")
PAGES = {
    "German": (*_WEST, "cp437", "iso8859-15"),
    "French": (*_WEST, "iso8859-15"),
    "Spanish": (*_WEST, "cp437"),
    "Portuguese": _WEST,
    "Italian": _WEST,
    "Dutch": ("cp1252", "mac_roman"),
    "Swedish": (*_WEST, "cp437"),
    "Danish": _WEST,
    "Finnish": _WEST,
    "Icelandic": ("cp1252", "cp850"),
    "Polish": ("cp1250", "iso8859-2", "cp852"),
    "Czech": ("cp1250", "iso8859-2", "cp852"),
    "Hungarian": ("cp1250", "iso8859-2", "cp852"),
    "Romanian": ("cp1250", "iso8859-2"),
    "Croatian": ("cp1250", "iso8859-2"),
    "Turkish": ("cp1254", "iso8859-9", "cp857"),
    "Lithuanian": ("cp1257", "iso8859-13"),
    "Latvian": ("cp1257", "iso8859-13"),
    "Russian": ("cp1251", "koi8-r", "iso8859-5", "cp866", "mac_cyrillic", "utf-16-le", "utf-16"),
    "Ukrainian": ("cp1251", "koi8-u"),
    "Greek": ("cp1253", "iso8859-7", "utf-16-be"),
    "Hebrew": ("cp1255", "iso8859-8"),
    "Arabic": ("cp1256", "iso8859-6"),
    "Thai": ("cp874",),
    "Japanese": ("cp932", "euc_jp", "iso2022_jp", "utf-16"),
    "Chinese, simplified": ("gb18030", "utf-16-le"),
    "Chinese, traditional": ("big5",),
    "Korean": ("euc_kr", "cp949"),
}
SIGNS = {
    "£": (("£64.48", "£3.20", "£112.00"), ("cp1252", "iso8859-15", "cp437", "cp850", "mac_roman")),
    "°C": (("21.9 °C", "22.3 °C", "-4.0 °C"), ("cp1252", "cp1250", "cp437", "cp850", "mac_roman")),
    "€": (("13,31 €", "4,20 €", "112,00 €"), ("cp1252", "iso8859-15", "cp1250", "mac_roman")),
    "±": (("±0.5", "±0.2", "±1.5"), ("cp1252", "cp850", "mac_roman")),
    "±, within": (("3.2 ± 0.5", "4.1 ± 0.2"), ("cp1252", "cp850")),
    "§": (("§ 12", "§ 130", "§ 4"), ("cp1252", "cp850")),
    "½": (("1½", "2½", "½"), ("cp1252", "cp850", "cp437")),
    "º": (("Nº 4", "Nº 12", "3º"), ("cp1252", "cp850")),
    "²": (("64 m²", "112 m²", "80 m²"), ("cp1252", "cp850")),
    "µ": (("0.5 µg", "12 µg", "3 µm"), ("cp1252", "cp850")),
    "¥": (("¥1200", "¥450"), ("cp1252",)),
    "–": (("10–20", "20–30", "30–40"), ("cp1252", "mac_roman")),
    "’": (("driver’s seat", "men’s shoes", "it’s late"), ("cp1252", "mac_roman")),
    "№": (("№ 12", "№ 4"), ("cp1251",)),
}


class Case(NamedTuple):
    """A file of the benchmark: what it is, its code page and its text."""

    name: str
    encoding: str
    text: str


def cases() -> Iterator[Case]:
    """Every file, the same each time."""
    draw = random.Random(11)
    for language, pages in PAGES.items():
        words = WORDS[language].split("|")
        for page in pages:
            able = [word for word in words if _writes(word, page)]
            for amount, marked in (("few", draw.sample(able, FEW)), ("many", able)):
                rows = set(range(ROWS)) if amount == "many" else set(draw.sample(range(ROWS), FEW))
                yield Case(f"{language}, {amount}", page, _table(marked, rows, draw))
    for sign, (cells, pages) in SIGNS.items():
        for page in pages:
            for amount, share in (("few", 0.02), ("many", 1.0)):
                rows = {row for row in range(ROWS) if row < share * ROWS}
                yield Case(f"{sign}, {amount}", page, _table(list(cells), rows, draw))


def _writes(word: str, page: str) -> bool:
    try:
        word.encode(page)
    except UnicodeEncodeError:
        return False
    return not word.isascii()


def _table(marked: list[str], rows: set[int], draw: random.Random) -> str:
    """A file of four columns; the second holds the marked cells in these rows, and plain ones elsewhere."""
    lines, given = ["id;label;amount;when"], 0
    for row in range(ROWS):
        label = f"item {row}"
        if row in rows:
            label, given = marked[given % len(marked)], given + 1
        lines.append(f"{row};{label};{draw.uniform(0, 100):.2f};2024-0{1 + row % 9}-1{row % 9}")
    return "\r\n".join(lines) + "\r\n"


def right(case: Case, folder: Path) -> tuple[bool, float]:
    """Whether every character of the file is read as it was written, and how sure the reader was."""
    from core.loading.decoding import survey

    path = folder / "case.csv"
    path.write_bytes(case.text.encode(case.encoding))
    seen = survey(path, None)
    return path.read_bytes().decode(seen.encoding, "replace").lstrip("\ufeff") == case.text, seen.confidence


def measure(folder: Path | None, quick: bool) -> list[Row]:
    made = list(cases())[:: 4 if quick else 1]
    with tempfile.TemporaryDirectory() as place:
        outcomes = [right(case, Path(place)) for case in made]
    share = sum(good for good, _ in outcomes) / len(made)
    wrong = [sure for good, sure in outcomes if not good]
    sure_and_wrong = sum(sure >= 0.8 for sure in wrong) / len(made)
    asked = sum(good and sure < 0.8 for good, sure in outcomes) / len(made)
    pages = len({case.encoding for case in made})
    return [
        Row(
            f"encodings read right, share of {len(made)} files in {pages}",
            share,
            0.95,
            share / 0.95,
            ">= 0.95",
            share >= 0.95,
        ),
        Row(
            "wrong without a doubt, share",
            sure_and_wrong,
            0.02,
            sure_and_wrong / 0.02,
            "<= 0.02",
            sure_and_wrong <= 0.02,
        ),
        Row("right but asked, share", asked, 0.15, asked / 0.15, "<= 0.15", asked <= 0.15),
    ]
