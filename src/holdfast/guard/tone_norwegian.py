"""What hurts and what helps in a message in Norwegian Bokmål; see `tone`."""

from holdfast.guard.tone_signs import Sign, Speech, words

NEAR = (
    r"(?:venn(?:en|er|ene|inne)?(?: din| dine)?|famil\w+|slekt\w*|foreldre\w*|besteforeldre\w*|mor|far|mamma|pappa"
    r"|søster|bror|søsken|partner\w*|samboer\w*|ektefelle\w*|kone[n]?|mann(?:en)? din|(?:barna|datteren"
    r"|sønnen) (?:din|dine)|nabo\w*|kolleg\w+|(?:arbeids)?kamerat\w*|bekjent\w*|romkamerat\w*|noen (?:du|andre|nær"
    r"|rundt|som|i nærheten|i familien)|de rundt|(?:dine|de|dem|folk) (?:nær\w*|kjære|rundt)|en du (?:kjenner"
    r"|stoler)|nettverket|sjefen|arbeidsgiver\w*|omgangskrets\w*)"
)
GIVE = (
    r"(?:lån\w*|hjelp\w*|betal\w*|dekk\w*|legg\w* ut|kjøp\w*|støtt\w*|forskudd\w*|spytte|bo hos|bor hos|overnatt\w*"
    r"|spør\w*|penger|kontanter|stol\w* på|trå til|stille opp|stiller opp|be|ber|vippse\w*|vipps|handl\w*|kausjon\w*"
    r"|lene|spleis\w*|mat)"
)
SMALL = (
    r"(?:liten|lite|små|lille|mindre|bitteliten|bittelite|kort|korte|kortvarig\w*|ubetydelig\w*|midlertidig\w*"
    r"|forbigående|kosmetisk\w*|bagatellmessig\w*|beskjed\w+|minimal\w*|smårusk)"
)
TROUBLE = (
    r"(?:feil\w*|forsinkels\w*|problem\w*|ulempe\w*|hikke\w*|glipp\w*|trøbbel|avbrudd\w*|stans\w*|hendels\w*"
    r"|uhell\w*|ting|sum\w*|beløp\w*|forstyrrels\w*|ventetid\w*|saker?|saken|pause\w*|bagatell\w*|hump\w*"
    r"|forbigående)"
)
OTHERS = (
    r"(?:butikk\w*|forretning\w*|selger\w*|utleier\w*|huseier\w*|kortselskap\w*|selskap\w*|veldedig\w*"
    r"|organisasjon\w*|politi\w*|nav|arbeidsgiver\w*|leverandør\w*|operatør\w*|kommune\w*|forsikring\w*|mottaker\w*"
    r"|avsender\w*|skatteetat\w*|sosialkontor\w*|frelsesarmé\w*|matsentral\w*|flyselskap\w*|hotell\w*|apotek\w*"
    r"|strømselskap\w*|den andre banken|restaurant\w*)"
)

SIGNS = (
    Sign(
        "friends",
        words(rf"{NEAR}\b.{{0,80}}\b{GIVE}", rf"{GIVE}\b.{{0,80}}\b{NEAR}", r"har (?:noen|folk) rundt seg"),
        words(
            r"be(?:r)? oss|si fra|fortell oss|gi oss|ring oss|send oss|la oss|vi (?:kan |skal |vil |har |da "
            r"|også )*(?:betal\w*|ring\w*|gi\w*|kontakt\w*|si\w*|sagt|send\w*|skriv\w*|refunder\w*)|betaler vi"
            r"|ringer vi|fullmakt|på dine vegne",
            r"(?:har |som )?(?:en venn |noen )?(?:betalt|lånt|hjulpet|dekket|lagt ut|kjøpt)(?: \w+)? (?:for|til) deg"
            r"|la ut for deg|(?:trenger|skal|skulle|må|bør|burde|behøver|vil|ville) (?:\w+ )?(?:ikke|aldri)|aldri"
            r"|ingen (?:skal|skulle|bør|burde)|uten å (?:måtte|be)|slippe\w*|kan (?:fremdeles|fortsatt|ringe)"
            r"|svindl\w*|utgir seg",
        ),
    ),
    Sign(
        "minimises",
        words(
            r"(?:en|et|litt|noen|denne|dette|så|den|det|bare|kun|svært|ganske"
            rf"|veldig)(?: \w+)? {SMALL} (?:\w+ )?{TROUBLE}",
            rf"{SMALL} (?:feil|glipp|hikke|forstyrrelse|trøbbel|ulempe)\w*|småfeil|småting|bagatell\w*|smårusk"
            r"|så (?:lite|små|liten) \w+",
            r"(?:det|dette|den|de|du \w+)(?: er| var|'s| gjelder| dreier seg)(?: snakk)?(?: jo| da| altså"
            r"| nok)? (?:om )?(?:bare|kun|ikke (?:annet|mer) enn|utelukkende)(?! (?:rimelig|riktig|rett|naturlig|å"
            r"|mulig|for|i|på|til|når|etter|før|betaling\w*|overføring\w*|kort|vi|oss|deg|de|beløp|uttak))",
            r"(?:ingen|ikke(?: akkurat| noen| noe)?|neppe) (?:\w+ )?(?:krise\w*|katastrofe|stor sak"
            r"|verdens undergang|big deal|tragedie|drama\w*|alvorlig|farlig|lenge|ille|verst|verdt|spesielt|unormalt"
            r"|uvanlig)",
            r"ingen (?:\w+ )?(?:grunn|årsak|anledning)(?: \w+)? til (?:\w+ )?(?:bekymring|uro|panikk|oppstyr|alarm"
            r"|å \w+|engstelse|klage\w*|misnøye|sinne)|(?:ikke|ingenting|noe|neppe)(?: \w+)? å (?:bekymre|uroe|hisse"
            r"|bry|engste|stresse|bli|lage|gjøre et)\b",
            r"stort nummer|stor(?:t)? (?:sak|oppstyr|ståhei) (?:av|ut)|(?:lage|gjøre) (?:et )?(?:drama|nummer"
            r"|oppstyr)|(?:slikt|sånt|slike ting|det) (?:skjer|hender|må man)|må (?:man|du|en) (?:regne med|tåle"
            r"|finne seg)|verdens undergang|(?:verre|mye verre) ting|overdriv\w*|overreager\w*|storm i et vannglass"
            r"|går seg til|ordner seg|dukker (?:\w+ )?opp|kommer når de[nt]? kommer|kommer nok",
            r"(?:andre|mange|noen|flere|de fleste)(?: kunder| andre)?(?: som)? (?:har|hadde|har hatt|må|måtte"
            r"|har måttet) (?:\w+ )?(?:det )?(?:ventet|vente|verre|vondere|større|lidd|vært uten)|(?:bare|kun"
            r"|knapt) (?:én|en|ett|et|to|tre|noen få|et par|noen)(?: \w+)? (?:minutt\w*|time\w*|dag\w*|betaling\w*"
            r"|regning\w*|kroner|kunder|gebyr\w*|øre)",
            r"ikke (?:bli )?så (?:\w+ )?(?:bekymret|redd|farlig|nøye|ille|lenge|dramatisk|stressende|sint)"
            r"|neppe (?:merk\w+|verdt|noen)|knapt (?:merk\w+|noe)|slapp av|du (?:klarer|greier) (?:deg|deg sikkert"
            r"|nok)|tåler du|hva haster|hva er hastverket|klare seg uten",
        ),
        words(
            r"(?:ingen|ikke en|ikke et) (?:liten|lite|kort|små|bagatell|småting)|høres ut som|kan (?:virke|se|høres)"
            r"|ikke bare|ingen \w+ (?:er )?for (?:små|liten|lite)|for (?:deg|dere|mange|noen) .{0,30}(?:mye|stor"
            r"|hard|tung)|mindre beløp|små (?:beløp|betalinger|bedrifter) (?:går|virker|kan)",
        ),
    ),
    Sign(
        "blames",
        words(
            r"(?:hvis|om|dersom) (?:bare )?du (?:bare |\w+ )?(?:hadde|skulle)(?! (?:en|et|noe|krav|problemer|penger"
            r"|rett|spørsmål|faste|fast|lyst|trenge|ønske|behøve))|hadde du (?!en |et |noe |faste |fast |problemer"
            r"|krav|penger |rett |avtale)(?:\w+ ){0,2}\w+",
            r"du (?:\w+ )?(?:burde|kunne|skulle|måtte)(?: \w+){0,2} (?:ha|ikke ha)(?: \w+)? \w+(?:t|d|dd|tt)"
            r"|du (?:burde|skulle|kunne) (?:\w+ )?(?:ha|vite|tenkt|tenke|planl\w+|vært|sjekk\w*)|(?:burde|kunne"
            r"|skulle) du (?:\w+ )?(?:ha|tenkt|vite)",
            r"du må (?:\w+ )?ha (?:\w+ )?(?:tast\w*|gjort|skrevet|brukt|glemt|valgt|oppgitt|mis\w+|lagt|mistet"
            r"|trykk\w*|sendt|gitt|slått)",
            r"(?:din|ditt|dine) (?:egen|eget|egne) (?:\w+ )?(?:ansvar|feil|skyld|valg|risiko|uforsiktighet|tabbe)"
            r"|(?:er|var|blir|ligger|lå|feilen|ligge)(?: \w+)? (?:din (?:feil|skyld)|ditt (?:ansvar|problem|valg)"
            r"|(?:på|ved) deg(?: selv)?)|ligge[r]? hos deg|(?:er|må) du selv \w+|du har selv|kan takke deg selv"
            r"|skyld i (?:det|dette)? ?selv|du selv (?:som|har|må)",
            r"du (?:har )?(?:unnlot|unnlatt|glemte|glemt|ignorerte|ignorert|overså|oversett|forsømte|valgte|valgt"
            r"|ventet|lot være|nektet|var (?:for )?sen\w*|tok ikke|leste ikke|sjekket ikke|fulgte ikke|brydde"
            r"|har ikke (?:lest|fulgt|sjekket|oppdatert|passet|satt|gjort|tenkt|holdt))|(?:fordi|siden|at|når"
            r"|da) du (?:ikke|selv|valgte|ventet|var|glemte|brukte|hadde|lot|kun|bare|aldri|alltid|ikke) ?(?:\w*)",
            r"(?:kan|skal|vil)(?: \w+)? (?:ikke|neppe) (?:banken|vi|oss) ?(?:\w+ )?(?:lastes|klandres|lastes"
            r"|bebreides|noe for)|(?:ikke|neppe|aldri) (?:vår|bankens) (?:feil|skyld)|uforsiktig\w*|uansvarlig\w*"
            r"|ubetenksom\w*|skjødesløs\w*|naiv\w*|dumt|slurv\w*|uklokt|tankeløs\w*|lettsindig\w*",
            r"neste gang(?: (?:bør|må|kan|får|anbefaler|skal))?(?: du| vi)? (?:bør|må|ta|les|planlegg|betal|husk"
            r"|sørg|pass|vær|få|deg|være|tenk|sjekk|ha|bruk|å|ta|planlegge|huske|følge)|(?:vær"
            r"|vis) (?:\w+ )?(?:nøyaktig|forsiktig|oppmerksom|nøye|forberedt|aktsom\w*)|planlegg\w* bedre|(?:vi"
            r"|banken) (?:\w+ )?(?:rådet|anbefalte|advarte|varslet|ba|sa fra|minnet|råder|anbefaler|oppfordr\w+"
            r"|informerte)(?: \w+)? (?:deg|om|alle|kunde\w*|våre)|slik vi ba|som vi (?:ba|anbefalte|rådet|varslet)"
            r"|sa vi (?:fra|ifra)|du (?:ble|fikk|er blitt|har fått) (?:\w+ )?(?:advart|varslet|beskjed|melding"
            r"|informert|varsel|påminn\w+)|nytter ikke å klage|som kunde (?:må|har|plikter|er) du|brukerfeil"
            r"|(?:fornuftige|ansvarlige|voksne|forsiktige) (?:folk|kunder|mennesker)",
        ),
        words(
            r"ikke (?:din|ditt|du|deg|gjort noe galt)|(?:vårt|bankens) ansvar|vår (?:feil|skyld)|og ikke di(?:n|tt)"
            r"|du (?:burde|skulle|kunne)(?: \w+)? (?:ha )?(?:hørt|fått|blitt|sluppet|sett|måttet|ikke ha måttet)"
            r"|burde ikke ha måttet|på grunn av oss|(?:feil|gal|to ulike|motstridende|for sen) (?:beskjed|melding"
            r"|informasjon|varsel)|fordi du (?:har fortalt|sa|fortalte|trenger|ba|hadde rett|ikke (?:kunne|fikk))"
            r"|hvis du ikke (?:har|får)|om du hadde (?:rett|tap)|at du (?:ikke (?:fikk|kunne|har fått)|var uten"
            r"|hadde|har)|når du (?:ikke får|hadde)|da du (?:ikke|hadde|var)|siden du (?:ikke|har|var)",
        ),
    ),
    Sign(
        "refuses",
        words(
            r"(?:avgjørelsen|beslutningen|vedtaket) (?:er|står)(?: \w+)? (?:endelig|fast|tatt|fattet|ved lag)"
            r"|(?:saken|klagen|diskusjonen|temaet) (?:er |anses |regnes |som )*(?:\w+ )?(?:avsluttet|ferdig|lukket"
            r"|over|oppgjort|avgjort|ute av verden)|(?:diskuter\w*|drøft\w*|forhandl\w*|debatter\w*"
            r"|argumenter\w*) (?:\w+ )?(?:ikke|mer|videre)|anser (?:vi )?saken",
            r"(?:ikke|vennligst ikke) (?:send|skriv|kontakt|ring|spør|mas)(?: \w+){0,3} (?:flere|mer|igjen"
            r"|en gang til|om (?:dette|saken|det))|ikke send flere|(?:leve|avfinne|innfinne) (?:deg )?med"
            r"|finne deg i|godta at|får du (?:tåle|godta|ta)|finne? pengene|(?:på|en) annen måte|ikke (?:noe )?mer å"
            r" (?:si|tilføye|legge til|diskutere)|sånn er (?:det|livet)|slik er (?:det|livet)|der(?:med)? basta"
            r"|ferdig snakket|det var det|synd for deg",
        ),
        words(r"ikke (?:avsluttet|lukket)|beløpet på|vi godtar|ikke (?:leve|finne deg|godta)"),
    ),
    Sign(
        "refuses",
        words(
            r"(?:ingenting|intet|ikke noe|lite)(?: \w+)? (?:vi|jeg|banken|noen|annet|å gjøre|kan gjøres|å hente"
            r"|å få)|(?:vi|jeg|banken|ingen)(?: \w+)? (?:kan|får|vil|skal|har)(?: \w+)? (?:ikke"
            r"|ingen)(?: \w+){0,3} (?:hjelp\w*|gjør\w*|gjort|bistå\w*|løs\w*|refunder\w*|dekk\w*|betal\w*|svar\w*"
            r"|endr\w*|mulighet|gi|tilby|erstatt\w*|ta stilling)|(?:kan|får|vil|skal|kommer) (?:vi|jeg"
            r"|banken)(?: \w+){0,2} (?:ikke|ingenting)|har (?:vi|jeg) (?:\w+ )?(?:ikke|ingen) (?:mulighet|anledning"
            r"|anledning til)|(?:betaler|gir|dekker|refunderer|erstatter|tilbyr) (?:vi |banken )(?:\w+ )?(?:ikke"
            r"|aldri|ingenting)|(?:erstatning|kompensasjon|refusjon|unntak) (?:gir|får|yter|betaler|blir)",
            r"det (?:går|lar seg|er|blir) (?:\w+ )?(?:ikke|umulig|uaktuelt)(?: \w+)?(?: gjøre| mulig)?|umulig"
            r"|uaktuelt|utelukket|ikke noe (?:banken|vi) kan|ikke i (?:vår|vår makt|våre hender)|utenfor (?:vår"
            r"|bankens) kontroll|(?:er|blir|ble|herved) (?:herved |dermed |derfor )?(?:avvist|avslått)"
            r"|ingen (?:erstatning|kompensasjon|refusjon|løsning|hjelp|mulighet)",
        ),
        words(r"(?:kortet|betalingen|betalingen din|uttaket)(?: din| ditt)? (?:er|ble|blir) avvist|alle (?:får|har)"),
        alone=True,
    ),
    Sign(
        "brushes_off",
        words(
            r"(?:vær|være|ha|vis|utvis)(?: \w+){0,2} (?:tålmodig\w*)|(?:slutt|la være|unngå"
            r"|stopp)(?: med)? (?:å )?(?:ring\w*|skriv\w*|spør\w*|kontakt\w*|mas\w*|send\w*|klag\w*)|(?:ikke"
            r"|unngå å) (?:ring|spør|skriv|mas|kontakt|ringe|spørre|mase|kontakte)(?! (?:det|dem|for|butikk\w*"
            r"|kort\w*|utleier\w*))",
            r"(?:ro|roe) (?:deg )?(?:\w+ )?ned|slapp\w* (?:\w+ )?av|ta det (?:med ro|rolig|helt rolig)|ta deg sammen"
            r"|pust (?:med magen|dypt|rolig)|senk skuldrene|hiss deg ned|(?:behold|hold) (?:roen|hodet kaldt)"
            r"|opp med humøret|(?:må|får|skal|bare) (?:\w+ ){0,4}vente|vent (?:som|litt|på tur|og se|til (?:det|vi"
            r"|systemet|noen))|(?:smør\w*|væpne) \w+ med tålmodighet|som (?:alle|de) andre|vente på tur|hold ut"
            r"|heng i",
            r"som (?:vi|jeg)(?: \w+)? (?:\w+ )?(?:sagt|nevnt|forklart|skrevet|opplyst|svart|påpekt|sa|skrev|nevnte"
            r"|forklarte)|som (?:sagt|nevnt|tidligere)|(?:allerede|jo|nettopp) (?:sagt|svart|fortalt"
            r"|forklart)(?! (?:til|dem))|hørte deg|hvor mange ganger|for (?:tredje|siste|\w+te|n-te) gang"
            r"|har (?:notert|registrert) oss",
            r"(?:veldig|svært|altfor|ganske|meget|så|det) (?:\w+ )?travelt?|(?:har|hadde|fikk"
            r"|rekker) (?:dessverre )?ikke (?:tid|kapasitet|rukket)|viktigere (?:ting|saker|oppgaver|enn|ting)"
            r"|en annen gang|når (?:noen|vi) (?:får|har|finner|rekker) (?:\w+ )?(?:tid|anledning|mulighet)"
            r"|når (?:det|vi) (?:passer (?:oss|for)|er noe|har noe|rekker|blir din tur)|er tilbake når|når (?:den"
            r"|det|de) (?:er tilbake|kommer|er klar\w*|er der)|ikke (?:den eneste|viktigere|alene om)|verre enn deg"
            r"|før eller siden|i sin tid|kaster bort tiden|tar opp tid",
            r"(?:ikke|verken|hverken)(?: \w+){0,3} (?:fortere|raskere|tidligere|bedre)(?: \w+)? av|(?:ikke"
            r"|neppe) (?:hjelper|nytter|hjelpe)|(?:hjelper|nytter) (?:\w+ )?(?:ikke|lite)|(?:bli|blir|være"
            r"|er) (?:\w+ )?(?:sint|sur|irritert|hissig)|la (?:oss|teknikerne|folkene|ekspertene|dem"
            r"|utviklerne) (?:\w+ )?(?:gjøre|jobbe|arbeide|få|bli|ordne)|gjøre jobben",
        ),
        words(
            r"(?:vi|jeg|oss)(?: \w+)? (?:må|bør|skal|får) (?:\w+ )?(?:være|vente|ha)|(?:må vi|vi må)|(?:trenger"
            r"|behøver|skal|må|bør|burde) (?:\w+ )?(?:ikke|verken|hverken|aldri) (?:å )?(?:roe|slappe|vente|være"
            r"|ringe|skrive|spørre|unnskylde|forte)|slipper å|uten at du må|vent gjerne|grunn til å være"
            r"|for å slippe|(?:betaling\w*|overføring\w*|beløp\w*) (?:\w+ )*vent\w*|vi vil ikke at du|koder",
        ),
    ),
    Sign(
        "brushes_off",
        words(
            r"(?:prøv|forsøk|prøve|forsøke|kom|sjekk)(?: \w+)? (?:igjen|tilbake|på nytt)(?! (?:hos|med oss))",
            r"senere(?: en gang)?",
        ),
        alone=True,
    ),
    Sign(
        "false_cheer",
        words(
            r"(?:ops+|oi+(?: sann| da)?|oj|huff da|uff da|opsann|hopsan|hurra|jippi|hipp|haha\w*|hihi|heia|tjohei"
            r"|hei og hopp|æsj)|positive i (?:det|dette|alt)|lyse? siden?|solskinn|se (?:på )?det (?:som|fra)"
            r"|(?:venter på noe godt)|(?:kjempe|super|veldig|så|strålende|svært|ekstra|mega)[- ]?(?:glad\w*"
            r"|fornøyd\w*|stolt\w*|begeistret|bra|gøy|spent\w*)",
            r"(?:glade|stolte|fornøyde) (?:for|over|av) å|fantastisk\w*|strålende|supert?|kjempefint|herlig\w*"
            r"|spennende|morsom\w*|gøy\w*|moro|eventyr\w*|magisk\w*|genialt?|(?:liten|lille|velfortjent|kort"
            r"|ørliten) (?:lur|pause|ferie|omvei|hvil|blund|strekk)|(?:ta|tok)(?: \w+){0,3} (?:lur|blund|kvelden)"
            r"|nyt(?: \w+)? (?:en|et|pausen|dagen|roen|stillheten|freden|fri\w*|været|kaffen)|(?:hent|ta|lag|drikk"
            r"|skjenk) (?:deg )?(?:en|litt|ei) (?:\w+ )?(?:kaffe|kopp|te|kakao)",
            r"(?:sjanse|mulighet|anledning|tid|påskudd) til å (?:\w+ )?(?:spare|slappe|hvile|lese|gå|kose|nyte|ta"
            r"|treffe)|handlefri|kose (?:deg|dere)|ikke brukt opp|takk for at (?:du|dere) er|god bedring til"
            r"|ha det gøy",
        ),
        words(r"ikke (?:gøy|moro|morsomt|spennende|bra)"),
    ),
    Sign("false_cheer", words(r"(?:gode|flotte|herlige) nyheter|[\U0001f600-\U0001f64f\U0001f389]"), alone=True),
    Sign(
        "elsewhere",
        words(
            r"(?:i stedet|istedenfor|heller enn|fremfor)(?: for)? å (?:kontakte|ringe|skrive|spørre|plage"
            r"|bruke tiden)|(?:ikke|neppe) (?:\w+ )?(?:vårt (?:problem|bord|ansvarsområde)|vår (?:sak|jobb|oppgave))"
            r"|vedkommer ikke oss|angår ikke (?:oss|banken)|(?:ikke|ingen|ikke noe"
            r"|ikke noen) (?:\w+ )?(?:sosialkontor\w*|veldedig\w*|hjelpeorganisasjon\w*|reisebyrå|velferds\w*)"
            r"|fritt til å|(?:finn\w*|velg\w*|bytt\w*)(?: deg)?(?: til)? en annen bank|(?:vi"
            r"|banken) (?:\w+ )?(?:står bare|bare står|driver bare|formidler bare)|andres problem|ikke mitt bord",
        ),
    ),
    Sign(
        "elsewhere",
        words(
            r"(?:kontakt\w*|ring\w*|spør\w*|snakk\w*|ta det opp|opp med|henvend\w*|gå til|oppsøk\w*|prøv\w*"
            r"|skriv\w* til|klag\w* til|vend deg|vender deg|be|sjekk\w*|avklar\w*)(?: deg| du| det| dette| gjerne"
            rf"| heller| selv| med| til| hos| en| et| den| din| ditt| om| \w+)* {OTHERS}",
            r"(?:butikkens|utleierens|selgerens|mottakerens|kortselskapets|andres) (?:sak|ansvar|problem)|(?:se|bruk"
            r"|besøk|sjekk|les|finn\w*|står|søk|gå|svaret)\b.{0,30}\b(?:nettsid\w*|hjelpesid\w*|hjemmesid\w*|nettet"
            r"|internett|spørsmål og svar|brukerveiledning\w*|appen)|feil (?:avdeling|nummer|sted|person|kontor"
            r"|skranke)|(?:driver|befatter|jobber|arbeider) vi ikke|finn (?:riktig|rett) nummer|(?:noen"
            r"|et) annet sted|(?:en )?annen (?:avdeling|instans|kanal)|må du (?:snakke|ta|ordne|løse|avklare|finne)",
        ),
        alone=True,
    ),
    Sign(
        "policy",
        words(
            r"regler er regler|loven er loven|avtale er avtale",
            r"(?:ingen|ikke|uten)(?: \w+){0,2} unntak(?: for \w+)?|gjør\w* (?:aldri|ikke) unntak",
        ),
    ),
    Sign(
        "policy",
        words(
            r"(?:retningslinje|vilkår|betingelse|rutine|regl|prosedyre|regelverk|avtalevilkår|bestemmels|forskrift"
            r"|policy|praksis)\w*|avtalen(?: du| som)?|(?:ifølge|i henhold til|etter|i tråd med|jamfør"
            r"|jf\.?) (?:vår\w*|avtalen|vilkår\w*|gjeldende|punkt|loven)|(?:punkt|paragraf|avsnitt|§) ?\d+|(?:ikke"
            r"|verken)(?: \w+)? (?:ansvarlig\w*|forpliktet|pliktig|berettiget|erstatningspliktig\w*)"
            r"|plikter (?:vi )?ikke|fraskriver\w*|du (?:har )?(?:godtok|godtatt|aksepterte|akseptert|signerte"
            r"|signert|skrev under|samtykket)|behandler alle likt|(?:gjøre|gi|åpner for|innvilge\w*) unntak"
            r"|riktig(?:e)? skjema\w*|klagefrist\w*|formkrav\w*|forbeholder",
        ),
        alone=True,
    ),
    Sign(
        "hollow",
        words(
            r"(?:beklager|leit|lei (?:oss )?for|unnskyld\w*|lei for)(?: \w+){0,2} (?:hvis|dersom|om du|om noen"
            r"|om dette|hvis noen)|lei (?:oss )?for at du (?:føler|synes|opplever|opplevde|oppfatter|mener"
            r"|er misfornøyd|følte)|beklager (?:\w+ )?at du (?:føler|synes|opplever|opplevde|oppfatter|mener|følte"
            r"|er misfornøyd)|dersom noen (?:ble|er|har)",
        ),
    ),
    Sign(
        "hollow",
        words(
            r"eventuel\w+|ulempe\w*|(?:din|deres|dine) (?:tilbakemelding\w*|mening\w*|lojalitet\w*|tillit\w*"
            r"|tilfredshet)|tilbakemelding\w*|lojalitet\w*|fornøyde kunder|(?:høyeste|høyt) priorit\w*|prioritet"
            r"|(?:viktig\w*|betyr mye) for oss|på (?:største )?alvor|setter (?:stor )?pris|verdsetter"
            r"|takk\w* (?:\w+ )?for (?:forståelse\w*|tålmodighet\w*|henvendelse\w*|tilbakemelding\w*|at"
            r" du (?:tok kontakt|er kunde))|(?:fin|god|riktig fin) (?:dag|helg|kveld|uke)(?: videre)?",
        ),
        alone=True,
    ),
    Sign(
        "doubts",
        words(
            r"er du (?:\w+ )?sikker på (?:at )?(?:du|det (?:var|er|virkelig|ikke)|dette|den|kortet (?:ikke|faktisk"
            r"|var)|at)|(?:har|fikk|ble|var) du (?:\w+ )?(?:virkelig|faktisk)|du (?:påstår|hevder|later|innbiller"
            r"|insisterer|mener altså|skal liksom)|påstand\w*|påstått\w*|angivelig\w*|liksom|såkalt\w*"
            r"|etter det du sier|ifølge deg|hvis det (?:er sant|du sier|stemmer)|etter eget utsagn|historien din",
            r"(?:vanskelig|umulig|merkelig|underlig|rart)(?: \w+)? (?:for )?å (?:tro|forestille|forstå at|skjønne)"
            r"|ingen grunn til å tro|(?:ikke|ingen|intet|ingen ting)(?: \w+){0,2} (?:spor|bevis|tegn|holdepunkter"
            r"|belegg|dokumentasjon på)|(?:vi|jeg) (?:tviler|betviler|mistenker|stiller spørsmål|lurer på om)"
            r"|tror (?:\w+ )?(?:ikke|neppe)|(?:kan|kunne) (?:\w+ )?(?:ikke|umulig|neppe) (?:stemme|være riktig"
            r"|være sant|være tilfelle|ha skjedd)|(?:lite|neppe|ikke) (?:trolig|sannsynlig|troverdig|sant|riktig)"
            r"|usannsynlig\w*|utroverdig\w*",
            r"(?:ikke|ingenting)(?: \w+)? registrert(?: \w+)? (?:galt|feil|noe|avvik)|(?:registrert|notert"
            r"|logget) noe galt|(?:loggen|systemet|systemene|registrene|oversikten)(?: vår\w*)? (?:viser|sier|tyder)"
            r" (?:\w+ )?(?:ingen|ikke|noe annet|at alt|ingenting)|(?:ingen|ikke en eneste)(?: andre)?(?: kunder"
            r"| av)?(?: \w+)? (?:har )?(?:meldt|rapportert|klaget|nevnt|merket|opplevd)|overdrev\w*|hold deg til"
            r"|uten (?:\w+ )?(?:bevis|dokumentasjon)|bevise? (?:det|at)|(?:kan|kunne) hvem som helst"
            r"|hvem som helst kan|må ligge hos|ligger hos deg|være ærlig|sannheten|dikt\w* opp|oppdiktet historie"
            r"|en god historie",
        ),
        words(
            r"(?:trenger|behøver|skal|må)(?: \w+)? (?:ikke|aldri)(?: å)? (?:bevise|dokumentere|tvile)|også uten"
            r"|selv uten|ingen grunn til å tvile|tviler ikke|(?:betal|godkj|refunder|gi)\w* .{0,30}uten"
        ),
    ),
    Sign(
        "sarcasm",
        words(
            r"gratulerer|bravo|godt (?:gjort|jobbet|observert)|flinke? (?:du|gutt|jente)|så (?:forferdelig|grusomt"
            r"|leit|trist|synd|fælt|tragisk|interessant|snilt|tragisk|dumt)(?: for deg| at)|(?:stakkars|arme) (?:deg"
            r"|du)|takk(?: skal du ha)?(?: så mye)? for at du (?:\w+ )?(?:forklar\w*|lær\w*|belær\w*|opplys\w*"
            r"|forteller oss hvordan|minner)|takk for (?:leksjonen|belæringen|forelesningen|tipset|innsikten"
            r"|opplysningen)",
            r"(?:vi )?håper (?:\w+ )*du (?:\w+ )?(?:overlev\w*|klarer|kommer over|greier|kom over)"
            r"|bare for å (?:irriter\w*|erte|plage|ergre)|med vilje|flere (?:teorier|ønsker|klager|gode ideer)"
            r"|(?:slipper|kaster) (?:\w+ )?alt|visdom\w*|geni\w*|sherlock|(?:å|nei|neimen|jøss|jaså|joda|jada|ja"
            r"|javisst|selvsagt|oi)(?:,| da| så| nei| jo)+ (?:så|da|selvfølgelig|selvsagt|naturligvis|for|hvor"
            r"|vi slo|vi har|du|leit|det må)|selvsagt alt|jaså|tenk det|for en (?:tragedie|katastrofe|skam"
            r"|overraskelse|nyhet|krise)|hjertet (?:blør|mitt)|tryllestav\w*|krystallkule\w*|(?:naturligvis"
            r"|selvfølgelig|selvsagt) (?:ringe|skal vi|slipper|er det vår|kan vi lese)|rulle ut den røde"
            r"|deres majestet|ekspert som deg|hvordan man driver bank|tydeligvis ikke",
        ),
        words(r"ikke med vilje|(?:er|var) (?:\w+ )?geniale?"),
    ),
)

WEEKDAY = r"(?:man|tirs|ons|tors|fre|lør|søn)dag"
NUMBER = r"(?:én|en|ett|et|to|tre|fire|fem|seks|ti|\d+)"
OFFER = words(
    r"(?:vi|jeg)(?: (?:har|kan|skal|vil|får|er|allerede|også|nå|da|gjerne|derfor|straks|fortsatt|alltid"
    r"|selv))* (?:betal\w*|refunder\w*|dekk\w*|send\w*|ring\w*|flytt\w*|åpn\w*|godkjen\w*|ordn\w*|hjelp\w*|fyll\w*"
    r"|finn\w*|fant|funnet|sjekk\w*|rett\w*|stopp\w*|sperr\w*|gi|gir|ga|gitt|forleng\w*|skriv\w*|skrev|sagt fra"
    r"|sier fra|fortell\w*|behold\w*|blir|løs\w*|vis\w*|hent\w*|hev\w*|overfør\w*|bedt|ber (?:en|min)|svarer"
    r"|krediter\w*|bestil\w*|koble\w*|se på (?:det|saken) (?:nå|i dag|sammen)|skylder|bær\w*|legg\w* (?:ut|til)"
    r"|sett\w* (?:av|opp|inn|over)|rydd\w*|lytter|slett\w*|frafall\w*|satt (?:av|opp|inn|over)|lagt\w*|tar (?:over"
    r"|saken|ansvar\w*))|(?:betaler|dekker|refunderer|sender|ringer|ordner|gir|bærer|fyller|åpner|hjelper|viser"
    r"|kontakter|skriver|svarer) (?:vi|jeg)(?: (?:deg|det|den|dem|alle|selv|straks|også))*",
    r"(?:du|dere)(?: (?:kan|vil|skal))?(?: (?:fortsatt|fremdeles|også|nå|allerede|alltid|da|likevel"
    r"|gjerne))* (?:får (?!ikke|prøve|finne|ordne|klare|vente|tåle|ta |brukt|ta\b|bare|godta|melding|se|betalt"
    r"|beskjed om at|nøye|heller)|få (?!noen|beskjed)|betale(?! (?:tilbake|senere))|bruke|ta ut|hente|vise|komme"
    r"|flytte|trykke|ringe oss|be oss|be om|skrive til oss|svare|velge|sende|handle|overføre|se det|åpne|logge"
    r"|mister ikke)|kan du (?:fortsatt |fremdeles |også |nå |alltid )*(?:betale|bruke|ta ut|få|hente|vise|velge"
    r"|sende|handle|overføre)|får du (?:svar|gebyr\w*|penge\w*|kontanter|hele|inntil|tilbake|dekket|hjelp"
    r"|beskjed (?:innen|klokken|før))",
    r"skal (?:jeg|hun|han|vi)|vil du at|hjelp nå|ring oss|skriv (?:til oss|her)|si fra|fortell oss|send oss"
    r"|kom (?:til|innom)|svar (?:her|på)|her i chatten|spør gjerne|ved(?:lagt|legg)\w*|ligger ved|her er|trykk"
    r"|på kontoen din|tilbakebetalt|refundert|(?:uten|ingen) (?:gebyr|kostnad)|gratis|(?:virker|går|fungerer"
    r"|kjører) (?:igjen|som (?:vanlig|normalt))|(?:fortsatt|fremdeles) (?:virker|åpen|åpent)|som virker|virker:"
    r"|går gjennom|virker i mellomtiden|(?:er|har) (?:\w+ )?(?:kommet frem|fremme|betalt|sendt|ført|godkjent|lagret"
    r"|rettet|bestilt)|står trygt|i mellomtiden|imens|(?:en|min) kollega (?:kan|vil|ringer)|betalt tilbake",
    rf"(?:klokken|kl\.?|innen|før|fra|siden|mellom) (?:\w+ )?(?:\d+|{WEEKDAY}|midnatt|i morgen|{NUMBER} (?:minutt\w*"
    rf"|time\w*|dag\w*)|lunsj)|i morgen (?:tidlig|formiddag)|i kveld|om (?:omtrent |ca\. )?{NUMBER} (?:minutt\w*"
    r"|time\w*|dag\w*)"
    r"|i løpet av (?:dagen|kvelden|uken)",
)
NO_OFFER = words(
    r"(?:\w+ (?:vi|jeg|banken) )?(?:ikke|ingen|ingenting|aldri|verken|neppe)(?: \w+){0,3}|uten (?:bevis"
    r"|dokumentasjon|å)(?: \w+)?|dersom du(?: \w+){0,2}|hvis du(?: \w+){0,2}|når du(?: \w+){0,2}",
    r"(?:du|dere) (?:får|kan)(?: \w+)? (?:prøve|finne|ordne|klare|vente|tåle|forsøke|alltids|sikkert"
    r"|kanskje)(?: \w+)?|se på det som|sende? oss flere|(?:skal|vil) vi (?:naturligvis|selvsagt"
    r"|selvfølgelig)(?: \w+){0,2}|skal bringe \w+|vi viser til|viser vi til|svaret finner|ring oss igjen",
)
APOLOGY = words(r"beklag\w*|lei (?:oss|for)|leit|unnskyld\w*|tilgi\w*")
SPEECH = Speech(SIGNS, OFFER, NO_OFFER, APOLOGY)
