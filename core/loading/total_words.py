"""Words that stand in a row of totals, averages or other figures of a whole table."""

from __future__ import annotations

# alone, or with what they are the total of: "Total North", "North total", "Summe:"
_OF_WHAT = (
    "totals?|grand[ -]?totals?|sub[ -]?totals?|sum|summe|gesamt|gesamtsumme|gesamtergebnis|gesamtbetrag|"
    "insgesamt|zwischensumme|teilsumme|teilergebnis|endsumme|totaux|somme|sous[ -]total|suma|soma|somma|"
    "totale|totali|subtotale|totaal|subtotaal|eindtotaal|razem|ogółem|łącznie|celkem|součet|totalt|summa|delsumma|"
    "yhteensä|összesen|toplam|genel toplam|ara toplam|итого|всего|разом|усього|σύνολο|合計|総計|小計|合计|"
    "总计|小计|共计|합계|총계|소계|المجموع|الإجمالي|average|averages|avg|durchschnitt|mittelwert|moyenne|promedio|gemiddelde|"
    "średnia|průměr|keskiarvo|medelvärde|gjennomsnitt|gennemsnit|ortalama|átlag|среднее|平均|평균"
)
# alone only: common words, and words that are names of things as well
_ALONE = (
    "all|overall|sums|mean|means|median|min|max|minimum|maximum|count|counts|std|stdev|std\\.? ?dev\\.?|"
    "mittel|anzahl|ensemble|média|media|medie|som|összeg|сумма|計|平均值|i alt|ialt|[Σ∑Øø]"
)
_SIGNS = r"[\s:.=*()\[\]-]*"
SURE_WORD = rf"(?i)^{_SIGNS}(?:{_OF_WHAT}){_SIGNS}$"
BARE_WORD = rf"(?i)^{_SIGNS}(?:{_OF_WHAT}|{_ALONE}){_SIGNS}$"
WORD = (
    rf"(?i)^{_SIGNS}(?:(?:{_OF_WHAT}|{_ALONE}){_SIGNS}"
    rf"|(?:{_OF_WHAT})[\s:(].{{1,60}}|.{{1,60}}[\s:)-](?:{_OF_WHAT}){_SIGNS})$"
)
