"""What hurts in a message in Norwegian Bokmål; see `tone`."""

from holdfast.guard.tone_signs import Sign, words

NEAR = (
    r"(?:venn(?:en|er|ene|inne)?(?: din| dine)?|famil\w+|slekt\w*|foreldre\w*|besteforeldre\w*|mor|far|mamma|pappa"
    r"|søster|bror|søsken|partneren|samboer\w*|ektefelle\w*|kone[n]?|mann(?:en)? din|(?:barna|datteren"
    r"|sønnen) (?:din|dine)|nabo\w*|(?:av|fra|til) en kollega|kolleg\w+ (?:din|dine)|(?:spørre|spør|be) en kollega"
    r"|(?:arbeids)?kamerat\w*|bekjent\w*|romkamerat\w*|noen (?:du|andre|nær|rundt|som|i nærheten|i familien)"
    r"|de rundt|(?:dine|de|dem|folk) (?:nær\w*|kjære|rundt)|en du (?:kjenner|stoler)|nettverket (?:ditt|rundt)"
    r"|sjefen|omgangskrets\w*)"
)
GIVE = (
    r"(?:lån\w*|hjelp\w*|betal\w*|dekk\w*|legg\w* ut|kjøp\w*|støtt\w*|forskudd\w*|spytte|bo hos|bor hos|overnatt\w*"
    r"|spør\w*|penger|kontanter|stol\w* på|trå til|stille opp|stiller opp|be|ber|vippse\w*|vipps|handl\w*|kausjon\w*"
    r"|lene|spleis\w*|mat|avtal\w*|klar\w* deg)"
)
SMALL = (
    r"(?:liten|lite|små|lille|mindre|bitteliten|bittelite|ubetydelig\w*|kosmetisk\w*|bagatellmessig\w*|beskjeden"
    r"|beskjedent|minimal\w*|smårusk)"
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
            r"be(?:r)? oss|si fra|fortell oss|gi oss|ring oss|send oss|la oss|(?:betaling\w*|overføring\w*) (?:til"
            r"|mellom)|(?:sende|overføre|betale|gi)(?: \w+){0,3} til (?:\w+ )?(?:venn|famil|slekt|barn|foreldre)\w*"
            r"|vi (?:kan |skal |vil |har |da |også )*(?:betal\w*|ring\w*|gi\w*|kontakt\w*|si\w*|sagt|send\w*"
            r"|skriv\w*|refunder\w*)|betaler vi|ringer vi|fullmakt|på dine vegne",
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
            r"|mulig|så|slik|for|i|på|til|når|etter|før|betaling\w*|overføring\w*|kort|vi|oss|deg|de|beløp|uttak))",
            r"(?:ingen|ikke(?: akkurat| noen| noe)?|neppe) (?:(?!hvor )\w+ )?(?:krise\w*|katastrofe|stor sak"
            r"|verdens undergang|tragedie|drama\w*|alvorlig|farlig|lenge(?! (?:det|dette|vi|feilen|før|siden))|ille"
            r"|verdt|uvanlig)",
            r"ingen (?:\w+ )?(?:grunn|årsak|anledning)(?: \w+)? til (?:\w+ )?(?:bekymring|uro|panikk|oppstyr|alarm"
            r"|å \w+|engstelse|klage\w*|misnøye|sinne)|(?:ikke|ingenting|noe|neppe)(?: \w+)? å (?:bekymre|uroe|hisse"
            r"|bry|engste|stresse|bli|lage|gjøre et)\b",
            r"stort nummer|stor(?:t)? (?:sak|oppstyr|ståhei) (?:av|ut)|(?:lage|gjøre) (?:et )?(?:drama|nummer"
            r"|oppstyr)|(?:slikt|sånt|slike ting) (?:skjer|hender|må man)|må (?:man|en) (?:regne med|tåle|finne seg)"
            r"|verdens undergang|(?:verre|mye verre) ting|overdriv\w*|overreager\w*|storm i et vannglass|går seg til"
            r"|ordner seg (?:nok|vel|sikkert|av seg)|dukker (?:\w+ )?opp|kommer når de[nt]? kommer|kommer nok",
            r"(?:andre|mange|noen|flere|de fleste)(?: kunder| andre)?(?: som)? (?:har|hadde|har hatt|må|måtte"
            r"|har måttet) (?:\w+ )?(?:det )?(?:ventet|vente|verre|vondere|større|lidd|vært uten)|(?:bare|kun"
            r"|knapt) (?:én|en|ett|et|to|tre|noen få|et par|noen)(?: \w+)? (?:betaling\w*|regning\w*|kroner|kunder"
            r"|gebyr\w*|øre)",
            r"ikke (?:bli )?så (?:\w+ )?(?:bekymret|redd|farlig|nøye|ille|lenge|dramatisk|stressende|sint)"
            r"|neppe (?:merk\w+|verdt|noen)|knapt (?:merk\w+|noe)|slapp av|du (?:klarer|greier) (?:deg|deg sikkert"
            r"|nok)|tåler du|hva haster|hva er hastverket|klare seg uten",
        ),
        words(
            r"det (?:er|var) bare (?:en test\w*|\w+-?en som)|(?:ingen|ikke en|ikke et) (?:liten|lite|kort|små"
            r"|bagatell|småting)|høres ut som|kan (?:virke|se|høres)"
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
            r"|du (?:burde|skulle) (?:\w+ )?(?:ha|vite|tenkt|tenke|planl\w+|vært|sjekk\w*)|(?:burde|kunne"
            r"|skulle) du (?:\w+ )?(?:ha|tenkt|vite)",
            r"du må (?:\w+ )?ha (?:\w+ )?(?:tast\w*|gjort|skrevet|brukt|glemt|valgt|oppgitt|mis\w+|lagt|mistet"
            r"|trykk\w*|sendt|gitt|slått)",
            r"(?:din|ditt|dine) (?:egen|eget|egne) (?:\w+ )?(?:ansvar|feil|skyld|valg|risiko|uforsiktighet|tabbe)"
            r"|(?:er|var|blir|ligger|lå|feilen|ligge)(?: \w+)? (?:din (?:feil|skyld)|ditt (?:ansvar|problem|valg))"
            r"|(?:feilen|skylden|ansvaret) \w+ (?:\w+ )?(?:på|ved|hos) deg|ligge[r]? hos deg|er du selv (?:ansvarlig"
            r"|skyld)|det må du selv|du har selv (?:valgt|ansvar|skyld|godtatt|rotet)|takke deg selv|skyld i (?:det"
            r"|dette)? ?selv|du selv som (?:har|må)",
            r"du (?:har )?(?:unnlot|unnlatt|glemte|ignorerte|ignorert|overså|forsømte|valgte å|ventet (?:til|for)"
            r"|lot være|nektet|var (?:for )?sen\w*|tok ikke|leste ikke|sjekket ikke|fulgte ikke|brydde"
            r"|har ikke (?:lest|fulgt|sjekket|oppdatert|passet|satt|gjort|tenkt|holdt))|(?:fordi|siden"
            r"|at) du (?:selv|valgte|ventet|glemte|lot|kun|bare|aldri|ikke (?:leste|har lest|sjekket|betalte|fulgte"
            r"|planla|passet|hadde|tenkte|sa|slo))",
            r"(?:kan|skal|vil)(?: \w+)? (?:ikke|neppe) (?:banken|vi|oss) ?(?:\w+ )?(?:lastes|klandres|lastes"
            r"|bebreides|noe for)|(?:ikke|neppe|aldri) (?:vår|bankens) (?:feil|skyld)|uforsiktig\w*|uansvarlig\w*"
            r"|ubetenksom\w*|skjødesløs\w*|naiv\w*|dumt av deg|slurv\w*|uklokt|tankeløs\w*|lettsindig\w*",
            r"neste gang (?:(?:bør|må|kan|får) du |anbefaler vi \w+ )?(?:bør du|må du|ta|les|planlegg|betal|husk"
            r"|sørg|pass|vær|få|deg|være|tenk|sjekk|ha|bruk|å|ta|planlegge|huske|følge)|(?:vær"
            r"|vis) (?:\w+ )?(?:nøyaktig|forsiktig|oppmerksom|nøye|forberedt|aktsom\w*)|planlegg\w* bedre|(?:vi"
            r"|banken) (?:\w+ )?(?:rådet|anbefalte|advarte|ba|minnet|oppfordret)(?: \w+)? (?:deg|alle|kunde\w*)"
            r"|slik vi ba|som vi (?:ba|anbefalte|rådet)|sa vi (?:fra|ifra)|du (?:ble|fikk|er blitt"
            r"|har fått) (?:\w+ )?(?:advart|varslet|beskjed|melding|informert|varsel|påminn\w+) (?:om|i|på|for|flere"
            r"|allerede)|nytter ikke å klage|som kunde (?:må|har|plikter|er) du|brukerfeil|(?:fornuftige|ansvarlige"
            r"|voksne|forsiktige) (?:folk|kunder|mennesker)",
        ),
        words(
            r"takk for at du|du har (?:helt )?rett i|hadde du ikke|skje\w* med|ikke (?:din|ditt|du|deg"
            r"|gjort noe galt)|(?:vårt"
            r"|bankens) ansvar|vår (?:feil|skyld)|og ikke di(?:n|tt)"
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
            r"|(?:saken|klagen|diskusjonen|temaet) (?:er |anses |regnes |som )+(?:\w+ )?(?:avsluttet|lukket|oppgjort"
            r"|ute av verden)(?! (?:når|så snart|med at))|(?:diskuterer|drøfter|forhandler|debatterer"
            r"|argumenterer) (?:vi )?(?:\w+ )?(?:ikke|aldri)|anser (?:vi )?saken",
            r"(?:ikke|vennligst ikke) (?:send|skriv|kontakt|ring|spør|mas)(?: \w+){0,3} (?:flere|mer|igjen"
            r"|en gang til|om (?:dette|saken|det))|ikke send flere|(?:leve|avfinne|innfinne) (?:deg )?med"
            r"|finne deg i|godta at|får du (?:tåle|godta|ta)|finne? pengene (?:selv|på|et)|ikke (?:noe )?mer å (?:si"
            r"|tilføye|legge til|diskutere)|sånn er (?:det|livet)|slik er (?:det|livet)|der(?:med)? basta"
            r"|ferdig snakket|det var det|synd for deg",
        ),
        words(
            r"ikke (?:avsluttet|lukket|endelig)|plan du kan leve|vi godtar|vi finner|sammen|ikke (?:leve"
            r"|finne deg|godta)"
        ),
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
            r"|opp med humøret|(?:du|dere) (?:må|får) (?:\w+ ){0,2}(?:bare|rett og slett|simpelthen"
            r"|pent) (?:\w+ ){0,2}vente|(?:bare|rett og slett|simpelthen) (?:å )?vente|vent som|vent på tur"
            r"|(?:smør\w*|væpne) \w+ med tålmodighet|som (?:alle|de) andre|vente på tur|hold ut|heng i",
            r"som (?:vi|jeg) (?:har |allerede |jo |tidligere |alt |gjentatte ganger )*(?:sagt|nevnt|forklart|skrevet"
            r"|opplyst|svart|påpekt|sa|skrev|nevnte|forklarte)|som (?:sagt|nevnt)|(?:allerede|jo|nettopp) (?:sagt"
            r"|svart|fortalt|forklart)(?! (?:til|dem|ham|henne|butikk\w*|utleier\w*|mottaker\w*))|hørte deg første"
            r"|hvor mange ganger|for (?:tredje|siste|\w+te|n-te) gang|har (?:notert|registrert) oss",
            r"altfor travelt|(?:har|hadde|fikk) (?:dessverre )?ikke (?:tid|kapasitet)|viktigere (?:ting|saker"
            r"|oppgaver|enn|ting)|(?:prøv|ring|kom|skriv)(?: \w+)? (?:en annen gang|senere)|når (?:noen|vi) (?:får"
            r"|har|finner|rekker) (?:\w+ )?(?:tid|anledning|mulighet)|når (?:det|vi) (?:passer oss|er noe|har noe"
            r"|rekker det|blir din tur)|er tilbake når (?:den|det|de) er|kommer når (?:den|det|de)|ikke viktigere"
            r"|verre enn deg|før eller siden|i sin tid|kaster bort tiden|tar opp tid",
            r"(?:ikke|verken|hverken)(?: \w+){0,3} (?:fortere|raskere|tidligere|bedre)(?: \w+)? av|(?:det|nytter"
            r"|hjelper) (?:hjelper |nytter )?ikke å|(?:at du|om du|av å|å) (?:blir |bli |være |er )(?:\w+ )?(?:sint"
            r"|sur|irritert|hissig)|la (?:teknikerne|folkene|ekspertene|dem|utviklerne) (?:\w+ )?(?:gjøre|jobbe"
            r"|arbeide|få|bli|ordne)|gjøre jobben",
        ),
        words(
            r"tålmodighet med oss|(?:vi|jeg|oss)(?: \w+)? (?:må|bør|skal|får) (?:\w+ )?(?:være|vente|ha)"
            r"|(?:må vi|vi må)|(?:trenger"
            r"|behøver|skal|må|bør|burde) (?:\w+ )?(?:ikke|verken|hverken|aldri) (?:å )?(?:roe|slappe|vente|være"
            r"|ringe|skrive|spørre|unnskylde|forte)|slipper å|uten at du må|vent gjerne|grunn til å være"
            r"|for å slippe|(?:betaling\w*|overføring\w*|beløp\w*) (?:\w+ )*vent\w*|vi vil ikke at du|koder"
            r"|klokken \d|(?:ringe?|spørre?|skrive?|kontakte?) (?:dem|ham|henne)|passer",
        ),
    ),
    Sign(
        "brushes_off",
        words(
            r"(?:må|får|skal) (?:\w+ ){0,3}vente|vent (?:litt|og se|til (?:det|vi|systemet|noen))|(?:veldig|svært"
            r"|ganske|så|det) (?:\w+ )?travelt|ikke (?:den eneste|alene om)",
            r"(?:prøv|forsøk|prøve|forsøke|kom|sjekk)(?: \w+)? (?:igjen|tilbake|på nytt)(?! (?:hos|med oss))",
            r"senere(?: en gang)?",
        ),
        alone=True,
    ),
    Sign(
        "false_cheer",
        words(
            r"(?:ops+|oi+(?: sann| da)?|oj|huff da|uff da|opsann|hopsan|hurra|jippi|hipp|haha\w*|hihi|heia|tjohei"
            r"|hei og hopp|æsj)|positive i (?:det|dette|alt)|lyse? siden?|se (?:på )?det som|(?:venter på noe godt)"
            r"|(?:kjempe|super|veldig|strålende|svært|ekstra|mega)[- ]?(?:glad\w*|fornøyd\w*|stolt\w*|begeistret"
            r"|gøy)",
            r"fantastisk\w*|strålende|supert?|kjempefint|herlig\w*|spennende|morsom\w*|gøy\w*|moro|eventyr\w*"
            r"|magisk\w*|genialt?|(?:liten|lille|velfortjent|kort|ørliten) (?:lur|pause|ferie|omvei|hvil|blund"
            r"|strekk)|(?:ta|tok)(?: \w+){0,3} (?:lur|blund|kvelden)|nyt(?: \w+)? (?:en|et|pausen|dagen|roen"
            r"|stillheten|freden|fri\w*|været|kaffen)|(?:hent|ta|lag|drikk|skjenk) (?:deg )?(?:en|litt"
            r"|ei) (?:\w+ )?(?:kaffe|kopp|te|kakao)",
            r"(?:sjanse|mulighet|anledning|påskudd) til å (?:\w+ )?(?:spare|slappe|hvile|kose|nyte)|handlefri"
            r"|kose (?:deg|dere)|ikke brukt opp|takk for at (?:du|dere) er (?:så|en|verdens)|ha det gøy",
        ),
        words(r"ikke (?:noe )?(?:gøy|moro|morsomt|spennende|bra)"),
    ),
    Sign(
        "false_cheer",
        words(
            r"(?:glade|stolte|fornøyde) (?:for|over|av) å",
            r"(?:gode|flotte|herlige) nyheter|[\U0001f600-\U0001f64f\U0001f389]",
        ),
        alone=True,
    ),
    Sign(
        "elsewhere",
        words(
            r"(?:i stedet|istedenfor|heller enn|fremfor)(?: for)? å (?:kontakte|ringe|skrive|spørre|plage"
            r"|bruke tiden)|(?:ikke|neppe) (?:\w+ )?(?:vårt (?:problem|bord|ansvarsområde)|vår (?:sak|jobb|oppgave))"
            r"|vedkommer ikke oss|angår ikke (?:oss|banken)|(?:ikke|ingen|ikke noe"
            r"|ikke noen) (?:\w+ )?(?:sosialkontor\w*|veldedig\w*|hjelpeorganisasjon\w*|reisebyrå|velferds\w*)"
            r"|fritt til å (?:finne|bytte|gå|velge en annen|flytte)|(?:finn\w*|velg\w*"
            r"|bytt\w*)(?: deg)?(?: til)? en annen bank|(?:vi|banken) (?:\w+ )?(?:står bare|bare står|driver bare"
            r"|formidler bare)|andres problem|ikke mitt bord",
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
            r"(?:åpner ikke for|gjør ikke|gir ikke|ingen) unntak|gjør\w* (?:aldri|ikke) unntak",
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
            r"|takk\w* (?:\w+ )?for (?:forståelse\w*|tålmodighet\w*|henvendelse\w*|tilbakemelding\w*"
            r"|at du (?:tok kontakt|er kunde))|(?:fin|god|riktig fin) (?:dag|helg|kveld|uke)(?: videre)?",
        ),
        alone=True,
    ),
    Sign(
        "doubts",
        words(
            r"er du (?:\w+ )?sikker på (?:at )?(?:du (?:faktisk|virkelig|har|hadde|ikke|var|fikk|ble|betalte|\w+te)"
            r"|det (?:var|virkelig|faktisk|ikke|skjedde)|dette (?:skjedde|var|stemmer)|(?:kortet|betalingen"
            r"|appen) (?:ikke|faktisk|virkelig|var|ble))|(?:har|fikk|ble|var) du (?:virkelig|faktisk)|du (?:påstår"
            r"|hevder|later som|innbiller|insisterer|skal liksom)|påstanden din|påstått\w*|angivelig\w*|såkalt\w*"
            r"|etter det du sier|ifølge deg|hvis det (?:er sant|du sier|stemmer)|etter eget utsagn|historien din",
            r"(?:vanskelig|umulig|merkelig|underlig|rart)(?: \w+)? (?:for )?å (?:tro|forestille|forstå at|skjønne)"
            r"|ingen grunn til å tro|(?:ser|finner|har)(?: vi| jeg)? (?:ikke|ingen|intet)(?: \w+)? (?:spor|bevis"
            r"|holdepunkter|belegg)(?: \w+)?|(?:vi|jeg) (?:tviler|betviler|mistenker|lurer på om du)(?: (?:på|at|deg"
            r"|du))?|(?:kan|kunne) (?:\w+ )?(?:ikke|umulig|neppe) (?:stemme|være riktig|være sant|være tilfelle"
            r"|ha skjedd)|(?:lite|neppe|ikke) (?:troverdig|sant)|(?:høres|virker|synes) (?:\w+ )?(?:usannsynlig|rart"
            r"|merkelig|lite trolig)|utroverdig\w*",
            r"(?:ikke|ingenting)(?: \w+)? registrert(?: \w+)? (?:galt|feil|noe|avvik)|(?:registrert|notert"
            r"|logget) noe galt|(?:loggen|systemet|systemene|registrene|oversikten)(?: vår\w*)? (?:viser|sier"
            r"|tyder) (?:\w+ )?(?:ingen|ikke|noe annet|at alt|ingenting)|(?:ingen andre"
            r"|ikke en eneste annen)(?: kunder?)? (?:har )?(?:\w+ )?(?:meldt|rapportert|klaget|nevnt|merket|opplevd)"
            r"|overdrev\w*|hold deg til (?:fakta|sannheten|saken)|uten (?:\w+ )?bevis|bevise? (?:det|at)|(?:kan"
            r"|kunne) hvem som helst (?:si|påstå)|hvem som helst kan (?:si|påstå)|må ligge hos|(?:feilen"
            r"|problemet) (?:ligger|er|sitter) (?:\w+ )?hos deg|vær ærlig|si sannheten|dikt\w* opp"
            r"|oppdiktet historie|en god historie",
        ),
        words(
            r"(?:trenger|behøver|skal|må)(?: \w+)? (?:ikke|aldri)(?: å)? (?:bevise|dokumentere|tvile)|også uten"
            r"|selv uten|ingen grunn til å tvile|tviler ikke|(?:betal|godkj|refunder|gi)\w* .{0,30}uten"
        ),
    ),
    Sign(
        "sarcasm",
        words(
            r"gratulerer|bravo|godt (?:gjort|jobbet|observert)|flink (?:gutt|jente)|så (?:forferdelig|grusomt|leit"
            r"|trist|synd|fælt|tragisk)(?: for deg| at)|(?:stakkars|arme) (?:deg|du)"
            r"|takk(?: skal du ha)?(?: så mye)? for at du (?:\w+ )?(?:forklarer oss|lærer oss|belærer"
            r"|forteller oss hvordan)|takk for (?:leksjonen|belæringen|forelesningen)",
            r"(?:vi )?håper (?:\w+ )*du (?:\w+ )?(?:overlev\w*|kommer over)|bare for å (?:irriter\w*|erte|plage"
            r"|ergre)|flere (?:teorier|gode ideer)|(?:slipper|kaster) (?:\w+ )?alt|visdom\w*|geni\w*|sherlock|(?:å"
            r"|neimen|jøss|jaså|joda|jada)(?:,| da| så| nei| jo)+ (?:så|da|selvfølgelig|selvsagt|naturligvis|for"
            r"|hvor|vi slo|du|leit|det må)|jaså|tenk det|for en (?:tragedie|katastrofe|skam|overraskelse|nyhet"
            r"|krise)|hjertet (?:blør|mitt)|tryllestav\w*|krystallkule\w*|(?:skal|vil) vi (?:naturligvis"
            r"|selvfølgelig|selvsagt) ringe|(?:naturligvis|selvfølgelig|selvsagt) (?:slipper|kan vi lese)"
            r"|rulle ut den røde|deres majestet|ekspert som deg|hvordan man driver bank",
        ),
        words(r"ikke med vilje|(?:er|var) (?:\w+ )?geniale?"),
    ),
)
