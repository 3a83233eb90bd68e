//! The words themselves, in English, Swedish, German, Dutch and Finnish: lower case, accents folded, several senses allowed.

use super::role::*;
use super::{Part, Unit};

/// Words by their role.
pub(crate) const ROLES: &[(u64, &str)] = &[
    (THE, "the den det de der die das dem het"),
    (A, "a an another one en ett ein eine einen einer einem een yksi yhden"),
    (OF, "of av van des vom"),
    (NEXT, "next nxt nasta nachsten nachste nachster nachstes nachstem naechsten naechste volgende volgend ensi seuraavana"),
    (NEXT | AFTER_NEXT, "ubernachste ubernachsten uebernachste uebernachsten"),
    (
        THIS,
        "this coming upcoming denna detta kommande kommenden kommende kommender komende diesen diese dieser dieses diesem deze tana taman",
    ),
    (LAST, "last forra forre letzten letzte letzter letztes letztem vorigen vorige vorig afgelopen viime"),
    (AGO, "ago sedan sen geleden sitten"),
    (AGO_BEFORE, "vor"),
    (IN, "in within om binnen innerhalb inom inside"),
    (IN_DUTCH, "over"),
    (IN_AFTER, "paasta kuluttua"),
    (END, "end ende slutet slut eind einde lopussa lopulla loppuun loppu monatsende manadsslutet"),
    (START, "start beginning begin anfang borjan alussa alku alkuun"),
    (MIDDLE, "middle mid mitte mitten midden puolivalissa"),
    (
        ON,
        "on by until till before after for or and to am zum bis an pa innan efter op tot voor nach fore between der dem den zwischen mellan tussen",
    ),
    (SINCE, "since from seit ab sedan fran sinds vanaf vom alkaen"),
    (TO, "and or to until till bis und oder och eller en of tot tai ja"),
    (TWO, "couple par pari parin"),
    (THREE, "few paar nagra einige einigen enkele muutama muutaman muutamassa"),
    (MORE, "more extra working business calendar banking full weitere"),
    (PLURAL, "days weeks fortnights months years hours wks mths yrs hrs"),
    (WEAK, "mon wed sat sun weekend weekends helgen helg morgen"),
    (DUTCH, "weken maanden uren een twee drie vier vijf zes zeven acht negen tien"),
    (BEFORE_TODAY, "mandags tisdags onsdags torsdags fredags lordags sondags"),
    (I, "i"),
    (AFTER_I, "dag morgon morron gar kvall"),
    (
        COUNTED,
        "one order orders purchase item option payment parcel instalment installment time package bestellung bestallning tilaus bestelling betalning zahlung kop",
    ),
    (
        ORDER,
        "order orders purchase ordernr ordernummer orderno bestellung bestellnummer bestellnr bestelling bestelnummer bestallning bestallningsnummer tilaus tilausnumero kopet",
    ),
    (DISPUTE, "dispute case claim arende arendenummer arendet fall fallnummer reklamation zaak tvist"),
    (NUMBER, "number no nr num id ref reference nummer numret numero ist is"),
    (POSTCODE, "zip zipcode postcode postal postnummer postnr plz postleitzahl postinumero"),
    (PHONE, "phone call mobile cell tel telephone text ring whatsapp telefon telefonnummer handy mobil mobilnummer mobiel puhelin"),
];

/// Units of time.
pub(crate) const UNITS: &[(Unit, &str)] = &[
    (Unit::Hour, "hour hours hr hrs h stunde stunden timme timmar timmars uur uren tunti tuntia tunnin"),
    (Unit::Day, "day days tag tage tagen dag dagar dagen paiva paivaa paivan"),
    (Unit::Week, "week weeks wk wks woche wochen vecka veckor veckan weken viikko viikkoa viikon viikolla"),
    (Unit::Fortnight, "fortnight fortnights"),
    (
        Unit::Month,
        "month months mth mths monat monate monaten monats manad manader manaden maand maanden kuukausi kuukautta kuukauden kuussa kuun kuuta",
    ),
    (Unit::Year, "year years yr yrs jahr jahre jahren jahres ar aret jaar vuosi vuotta vuoden vuonna"),
];

/// Days of the week, from Monday.
pub(crate) const WEEKDAYS: [&str; 7] = [
    "monday mondays mon moday mondy montag mandag mandagen mandags maandag maanantai maanantaina",
    "tuesday tuesdays tue tues tusday teusday dienstag tisdag tisdagen tisdags dinsdag tiistai tiistaina",
    "wednesday wednesdays wed weds wensday wendsday wednsday wedensday mittwoch onsdag onsdagen onsdags woensdag keskiviikko keskiviikkona",
    "thursday thursdays thu thur thurs thrusday thurday thursady donnerstag torsdag torsdagen torsdags donderdag torstai torstaina",
    "friday fridays fri firday fridya freitag fredag fredagen fredags vrijdag perjantai perjantaina",
    "saturday saturdays sat satuday saterday samstag sonnabend lordag lordagen lordags zaterdag lauantai lauantaina weekend weekends wochenende helgen helg viikonloppuna",
    "sunday sundays sun sonntag sondag sondagen sondags zondag sunnuntai sunnuntaina",
];

/// Months, from January.
pub(crate) const MONTHS: [&str; 12] = [
    "january jan janurary januar januari janner tammikuu tammikuuta tammikuun tammikuussa",
    "february feb febuary feburary februar februari helmikuu helmikuuta helmikuun helmikuussa",
    "march mar marz maerz mrz mars maart mrt maaliskuu maaliskuuta maaliskuun maaliskuussa",
    "april apr huhtikuu huhtikuuta huhtikuun huhtikuussa",
    "may mai maj mei toukokuu toukokuuta toukokuun toukokuussa",
    "june jun juni kesakuu kesakuuta kesakuun kesakuussa",
    "july jul juli heinakuu heinakuuta heinakuun heinakuussa",
    "august aug augusti augustus elokuu elokuuta elokuun elokuussa",
    "september sep sept septemeber syyskuu syyskuuta syyskuun syyskuussa",
    "october oct okt oktober lokakuu lokakuuta lokakuun lokakuussa",
    "november nov novemeber marraskuu marraskuuta marraskuun marraskuussa",
    "december dec decemeber dez dezember joulukuu joulukuuta joulukuun joulukuussa",
];

/// Days from today.
pub(crate) const DAYS: &[(i8, &str)] = &[
    (0, "today todays tonight tonite heute heut idag vandaag tanaan dag kvall"),
    (
        1,
        "tomorrow tomorrows tommorow tommorrow tomorow tomorrrow tmrw tmr tmw tomoz 2moro 2morrow imorgon imorron imorrn morgen morgon morron huomenna",
    ),
    (2, "ubermorgen uebermorgen overmorgen overmorgon ylihuomenna"),
    (-1, "yesterday yesterdays yday gestern igar gisteren eilen gar"),
    (-2, "vorgestern eergisteren forrgar iforrgar toissapaivana"),
];

/// Ordinals; -1 is the last.
pub(crate) const NTHS: &[(i8, &str)] = &[
    (1, "first erste ersten erster erstes forsta eerste ensimmainen ensimmaisen"),
    (2, "second zweite zweiten zweiter zweites andra tweede toinen toisen"),
    (3, "third dritte dritten dritter drittes tredje derde kolmas kolmannen"),
    (4, "fourth forth vierte vierten vierter fjarde vierde neljas neljannen"),
    (5, "fifth funfte funften femte vijfde viides viidennen"),
    (6, "sixth sechste sjatte zesde kuudes"),
    (7, "seventh siebte sjunde zevende"),
    (8, "eighth achte attonde achtste"),
    (9, "ninth neunte nionde negende"),
    (10, "tenth zehnte tionde tiende"),
    (11, "eleventh"),
    (12, "twelfth"),
    (-1, "last latest newest bottom letzte letzten letzter letztes sista senaste laatste viimeinen viimeisin"),
];

/// Parts of numbers. These may also be joined in one word.
pub(crate) const PARTS: &[(Part, &str)] = &[
    (Part::Small(0), "zero noll nolla"),
    (Part::Small(1), "one eins"),
    (Part::Small(2), "two tva zwei zwo twee kaksi kahden"),
    (Part::Small(3), "three tre drei drie kolme kolmen"),
    (Part::Small(4), "four fyra vier nelja neljan"),
    (Part::Small(5), "five fem funf fuenf vijf viisi viiden"),
    (Part::Small(6), "six sechs zes kuusi kuuden"),
    (Part::Weak(6), "sex"),
    (Part::Small(7), "seven sju sieben zeven seitseman"),
    (Part::Small(8), "eight atta acht kahdeksan"),
    (Part::Small(9), "nine nio neun negen yhdeksan"),
    (Part::Small(10), "ten tio zehn tien kymmenen"),
    (Part::Small(11), "eleven elva yksitoista"),
    (Part::Weak(11), "elf"),
    (Part::Small(12), "twelve tolv zwolf zwoelf twaalf kaksitoista"),
    (Part::Small(13), "thirteen tretton dreizehn dertien"),
    (Part::Small(14), "fourteen fjorton vierzehn veertien"),
    (Part::Small(15), "fifteen femton funfzehn fuenfzehn vijftien"),
    (Part::Small(16), "sixteen sexton sechzehn zestien"),
    (Part::Small(17), "seventeen sjutton siebzehn zeventien"),
    (Part::Small(18), "eighteen arton achtzehn achttien"),
    (Part::Small(19), "nineteen nitton neunzehn negentien"),
    (Part::Tens(20), "twenty tjugo zwanzig twintig"),
    (Part::Tens(30), "thirty trettio dreissig dreizig dertig"),
    (Part::Tens(40), "forty fourty fyrtio vierzig veertig"),
    (Part::Tens(50), "fifty femtio funfzig fuenfzig vijftig"),
    (Part::Tens(60), "sixty sextio sechzig zestig"),
    (Part::Tens(70), "seventy sjuttio siebzig zeventig"),
    (Part::Tens(80), "eighty attio achtzig tachtig"),
    (Part::Tens(90), "ninety nittio neunzig negentig"),
    (Part::TimesTen, "kymmenta"),
    (Part::Teen, "toista"),
    (Part::Hundred, "hundra hundert honderd sata sataa"),
    (Part::HundredOf, "hundred"),
    (Part::Thousand, "tusen tausend duizend tuhat tuhatta"),
    (Part::ThousandOf, "thousand"),
    (Part::And, "and und"),
    (Part::En, "en"),
    (Part::Article, "ein een ett yksi"),
];
