"""What helps in a message, in English and Norwegian: deeds of the bank, what the customer can do, and when they hear.

An offer is looked for in a sentence from which NO_OFFER was taken: what is denied, demanded or told of the past."""

from holdfast.guard.tone_signs import Offers, words

EN_WEEKDAY = r"(?:mon|tues|wednes|thurs|fri|satur|sun)days?"
EN_NUMBER = r"(?:one|two|three|four|five|six|ten|\d+)"
EN_OFFER = words(
    r"(?:we|i)(?:'ve|'ll|'re|'m| have| will| can| could| are| am| shall)?(?: (?:already|also|now|then|just|gladly"
    r"|both|therefore|at once|immediately|still|even|personally|to))* (?:pa(?:y|id|ying)|refund\w*|cover\w*|sen[dt]"
    r"|call(?:ed)?|move[ds]?|open(?:ed)?|put|approved?|handle\w*|help you|fill|find|found|check(?:ed|ing)?"
    r"|fix(?:ed)?|stop(?:ped)?|book(?:ed)?|gi?ve(?:n)?|extend(?:ed)?|waived?|write|wrote|told (?:them|your|the)"
    r"|tell (?:them|your|the|you what|you at)|keep|kept|stay|solve|arranged?|show you|bring|raised?|correct(?:ed)?"
    r"|transfer(?:red)?|ask(?:ed)? (?:a|my|the|our|her|him|them)|answer for|credit(?:ed)?|ordered|connect\w*"
    r"|look at (?:it|this|your) (?:now|today|together)|set (?:up|aside)|take over|owe|make (?:it|this) (?:good"
    r"|right)|reverse[d]?|compensate[d]?)",
    r"you(?:'ll| will| can| may)?(?: (?:still|also|now|already|always|then|even))* (?:get|receive|have(?! (?:to|had"
    r"|been|it worse|already|called|failed|not))|pay|use|withdraw|take out|collect|show|come|move|press|call us"
    r"|ask us|ask for|write to us|reply|choose|send|lose nothing|open|log in|see it|see the|be (?:paid|refunded"
    r"|compensated|called))",
    r"(?:shall|may|can|should) i|would you like|can (?:she|he|they|we) call|help now|call us|write to us|tell (?:us"
    r"|me)(?! (?:how|that))|send us|come (?:to|in)|reply (?:here|to)|in this chat|write (?:here|back)|ask again"
    r"|attached|here is|here are|press|is yours|back in your account|refunded|reimbursed|no (?:fee|charge)"
    r"|free of charge|(?:works?|working|run|runs?) (?:again|normally|as usual)|still works?|works?:"
    r"|go(?:es)? through|has arrived|have arrived|(?:have|has) been (?:paid|sent|made|told|refunded|corrected"
    r"|booked)|is safe|in the meantime|(?:will|can) be (?:done|made|paid|refunded|sent|booked|called|repaid"
    r"|corrected)|(?:is|are) (?:kept|saved)|need not (?:do|apply|prove|pay|come|send|fill)|(?:a"
    r"|our) colleague (?:can|will|calls)",
    rf"(?:at|by|before|until|within|from|since|between|after|of) (?:noon|midnight|{EN_WEEKDAY}|tomorrow|tonight"
    rf"|this evening|about {EN_NUMBER}|\d+[:.]\d\d|\d+ o'clock|{EN_NUMBER} (?:working )?(?:minutes?|hours?|days?))"
    rf"|this evening|tomorrow morning|tonight|{EN_NUMBER} minutes",
    r"(?:we|i)(?:'ve| have)(?: (?:now|just|since|therefore|also|already))* (?!noted|followed|told you|been|had"
    r"|closed|rejected)(?:\w+ed|put|sent|paid|read|set|kept|made|found|given|done|held|taken|written|brought|begun)",
    r"our (?:fault|failure|mistake|responsibility)|(?:we|i) (?:were|was|am|are) (?:wrong|responsible)|(?:that|it"
    r"|which) was wrong",
    r"you (?:were|are|did) (?:right|nothing wrong)|(?:every|good) reason to|(?:we|i) believe you|(?:heard"
    r"|known) from us",
    r"not have had to|(?:we|the bank) owes? (?:you|them)|(?:is|are|was|were) (?:paid out|immediate|not affected"
    r"|untouched)",
    r"(?:i|we) (?:ask|need)(?! (?:you to|for your))\b.{0,30} (?:to|since|because|so)|so that (?:i|we) can|then ask"
    r"|just ask|question is too",
    r"tak(?:e|ing) (?:all )?the time you|no (?:need to )?hurry|the (?:money|amount|salary) (?:is|was) (?:there|here"
    r"|safe)|the offer",
    r"the cause|has found|(?:may|can) (?:call|ring|pick up|get|collect|come)|simply try it again now|here'?s? (?:is"
    r"|are)?",
    r"(?:end|middle|start) of the (?:day|week|month)|this (?:morning|afternoon)|the (?:morning|afternoon)"
    r"|once an hour|by post",
    r"(?:finish|done|ready|there|back|tell|write|call|know|comes?|sent|paid|goes)\b.{0,30} (?:tomorrow|today"
    r"|tonight)",
    r"(?:it|they|we|all|that)(?:'s|'re| is| are) (?:on (?:its|the|their) way|there in|there by|held)|will (?:fill"
    r"|arrive|follow|reach)",
    rf"\d+[:.]\d\d|(?:on |by |next |this )?{EN_WEEKDAY}",
    r"(?:has|have|was|were) (?:now |since |already )?been (?:reversed|put|moved|closed for|set|changed|settled"
    r"|cleared|restored|released)",
    r"(?:we|i) (?:\w+ly )?(?!noted|followed|hoped|wanted|warned|informed|recommended|advised|asked|closed|rejected"
    r"|dismissed|claimed|heard|listed|regretted|tried|received|decided)\w{3,}ed (?:it|with|to|at|the|your|them"
    r"|that you|for|out|again)",
    r"by mistake|in error|(?:was|were) (?:unnecessary|our)|should have (?:been|told|said|known|seen|called)|from us"
    r"|on us|because of us|is yours|as (?:usual|every)",
    r"(?:still|not yet) (?:broken|working|fixed|repaired)|do(?:es)? not (?:yet )?work|(?:is|are|stays?|kept) open"
    r"|your place|(?:you )?(?:can|may) (?:decide|choose|leave|go|be|do|keep|spend|wait|stay)",
    r"(?:answers|replies|rings|calls|writes|comes|decides|reads|is reading|takes over) (?:\w+ )?(?:you|today"
    r"|this|it|here|now|back)|what we (?:change|changed|know|do|did)|in writing|leave a number",
)
EN_NO_OFFER = words(
    r"(?:will|can|could|do|would|shall) (?:not|never)(?: \w+){0,3}|(?:won't|can't|cannot|don't|couldn't"
    r"|wouldn't)(?: \w+){0,3}",
    r"nothing (?:we|i) (?:can|could) \w+|you can (?:always|surely|perhaps|maybe|try|find|go)(?: \w+)?|you have (?:to"
    r"|failed|called)",
    r"(?:that|which) (?:are|is|were|was|have been|has been) \w+|(?:have|had) you \w+|thank you for \w+(?: \w+)?"
    r"|we will be sure|we'll be sure|you get (?:angry|upset|someone|what)|no need to call us|stop (?:calling"
    r"|writing)(?: to)? us|if you (?:pay|use|have|call us|ask|open|move|come|send|choose|get|show)|pay the way"
    r"|(?:you|we) send us more|send us more|tell us how|call us (?:again|any)|write to us (?:again|any)",
    r"(?:delayed|closed|wait|waiting|late|away|gone|down|off|postponed) until \w+|you(?:'ll"
    r"| will)? get \w+ (?:eventually|somehow)",
    r"(?:our|your) (?:own )?responsibility to|not our \w+|hardly our \w+|waited until \w+"
    r"|by the end of the day, (?:it|this)",
    r"must be \w+ \w+|(?:we|i|the bank) (?:won't|can't|cannot|don't|(?:can|will|do|shall|am|are"
    r"|is) (?:\w+ly )?not)[^,;:]*",
    rf"(?:again|fine|back|working) (?:on )?{EN_WEEKDAY}|happy {EN_WEEKDAY}|(?:after|before) you \w+",
)
EN_APOLOGY = words(r"sorry|apolog\w+|regret\w*|pardon|forgive")
EN_OFFERS = Offers(EN_OFFER, EN_NO_OFFER, EN_APOLOGY)

NB_WEEKDAY = r"(?:man|tirs|ons|tors|fre|lør|søn)dag"
NB_NUMBER = r"(?:én|en|ett|et|to|tre|fire|fem|seks|ti|\d+)"
NB_OFFER = words(
    r"(?:vi|jeg)(?: (?:har|kan|skal|vil|får|er|allerede|også|nå|da|gjerne|derfor|straks|fortsatt|alltid"
    r"|selv))* (?:betal\w*|refunder\w*|dekk\w*|send\w*|ring\w*|flytt\w*|åpn\w*|godkjen\w*|ordn\w*|hjelp\w*|fyll\w*"
    r"|finn\w*|fant|funnet|sjekk\w*|rett\w*|stopp\w*|sperr\w*|gi|gir|ga|gitt|forleng\w*|skriv\w*|skrev|sagt fra"
    r"|sier fra|fortell\w*|behold\w*|blir|løs\w*|vis\w*|hent\w*|hev\w*|overfør\w*|bedt|ber (?:en|min)|svarer"
    r"|krediter\w*|bestil\w*|koble\w*|se på (?:det|saken) (?:nå|i dag|sammen)|skylder|bær\w*|legg\w* (?:ut|ved)"
    r"|sett\w* (?:av|opp|inn|over)|rydd\w*|lytter|slett\w*|frafall\w*|satt (?:av|opp|inn|over)|lagt\w*|tar (?:over"
    r"|saken|ansvar\w*))|(?:betaler|dekker|refunderer|sender|ringer|ordner|gir|bærer|fyller|åpner|hjelper|viser"
    r"|kontakter|skriver|svarer) (?:vi|jeg)(?: (?:deg|det|den|dem|alle|selv|straks|også))*",
    r"(?:du|dere)(?: (?:kan|vil|skal))?(?: (?:fortsatt|fremdeles|også|nå|allerede|alltid|da|likevel"
    r"|gjerne))* (?:får (?:svar|hele|halve|inntil|penge\w*|gebyr\w*|beløp\w*|tilbake|beskjed|\d+|den|det|en|et|dem"
    r"|nytt?|kontanter|rente\w*|hjelp|to|vite)(?! til slutt)|få(?! (?:noen|beskjed))|betale(?! (?:tilbake|senere))"
    r"|bruke|ta ut|hente|vise|komme|flytte|trykke|ringe oss|be oss|be om|skrive til oss|svare|velge|sende|handle"
    r"|overføre|se det|åpne|logge|mister ikke)|kan du (?:fortsatt |fremdeles |også |nå |alltid )*(?:betale|bruke"
    r"|ta ut|få|hente|vise|velge|sende|handle|overføre)|får du (?:svar|gebyr\w*|penge\w*|kontanter|hele|inntil"
    r"|tilbake|dekket|hjelp|beskjed (?:innen|klokken|før))",
    r"skal (?:jeg|hun|han|vi)|vil du at|hjelp nå|ring oss|skriv (?:til oss|her)|si fra|fortell oss|send oss"
    r"|kom (?:til|innom)|svar (?:her|på)|her i chatten|spør gjerne|ved(?:lagt|legg)\w*|ligger ved|her er|trykk"
    r"|på kontoen din|tilbakebetalt|refundert|(?:uten|ingen) (?:gebyr|kostnad)|gratis|(?:virker|går|fungerer"
    r"|kjører) (?:igjen|som (?:vanlig|normalt))|(?:fortsatt|fremdeles) (?:virker|åpen|åpent)|som virker|virker:"
    r"|går gjennom|virker i mellomtiden|(?:er|har) (?:\w+ )?(?:kommet frem|fremme|betalt|sendt|ført|godkjent|lagret"
    r"|rettet|bestilt)|står trygt|(?:blir|er) (?:gjort|lagret|rettet|sendt|betalt|ført|tatt vare på)|(?:trenger"
    r"|behøver|må) (?:du )?ikke (?:gjøre|søke|bevise|betale|komme|sende|fylle)|i mellomtiden|imens|(?:en"
    r"|min) kollega (?:kan|vil|ringer)|betalt tilbake",
    rf"(?:klokken|kl\.?|innen|før|fra|siden|mellom) (?:\w+ )?(?:\d+|{NB_WEEKDAY}|midnatt|i morgen"
    rf"|{NB_NUMBER} (?:minutt\w*|time\w*|dag\w*)|lunsj)|i morgen (?:tidlig|formiddag)|i kveld|om (?:omtrent "
    rf"|ca\. )?{NB_NUMBER} (?:minutt\w*"
    r"|time\w*|dag\w*)|i løpet av (?:dagen|kvelden|uken)",
    r"(?:vi|jeg) har (?:nå |nettopp |også |alt |allerede |derfor )*(?!notert|fulgt|sagt|hatt|vært|avsluttet|avvist"
    r"|ikke|ingen)\w+(?:et|t|dd)|har (?:vi|jeg) \w+(?:et|t|dd)(?: \w+)?|skylder deg",
    r"vår (?:egen )?(?:feil|skyld)|vårt ansvar|vi tok feil|(?:det|den) var (?:galt|feil)|du (?:hadde"
    r"|har) (?:helt )?rett",
    r"ikke gjort noe galt|all grunn til|(?:vi|jeg) tror deg|hørt fra oss|ikke ha måttet|utbetal\w+|ikke berørt|urørt",
    r"(?:jeg|vi) (?:spør|trenger)\b.{0,40} (?:for å|fordi|så)|bare å spørre|ingen spørsmål|den tiden du trenger"
    r"|god tid",
    r"(?:pengene|beløpet|lønnen) er (?:der|her|trygg\w*|i behold)|tilbudet|årsaken|har funnet|haster ikke|rydder opp",
    r"kan (?:ringe|hente|komme|få|bare prøve igjen nå)|(?:ut|hele) (?:måneden|dagen|uken)|ettermiddagen|i morges"
    r"|i posten",
    r"én gang i timen|(?:ferdige?|klare?|der|tilbake|sier|skriver|ringer|vet|kommer|sendes|betales"
    r"|går)\b.{0,40} i (?:morgen|dag|kveld)",
    r"(?:ble|blir|er) (?:den |det |de )?(?:gjort|ført|sendt|betalt|rettet|tilbakeført)|du har fått|her er|følger med"
    r"|på vei",
    rf"\d+[.:]\d\d|(?:på |innen |til )?{NB_WEEKDAY}",
    r"(?:er|blir|ble) (?:nå |allerede |alt )?(?:reversert|lagt|bekreftet|publisert|opphevet|flyttet|trukket|endret"
    r"|frigitt|åpnet|gjenopprettet|rettet)|frigis|trekkes|flyttes|sendes|rettes|betales ut",
    r"ved en feil|(?:det )?skulle (?:ha |aldri |ikke )+\w+|(?:av|fra|hos|til) oss|tar vi|på grunn av oss|er din[e]?"
    r"|som (?:vanlig|hver|ellers)|unødvendig",
    r"(?:fortsatt|fremdeles|ennå) (?:i ustand|nede|feil)|virker ikke ennå|står åpen|plassen|beholder du|kan (?:du"
    r"|dere) (?:\w+ )?(?:bestemme|velge|gå|være|gjøre|vente|beholde|bli)",
    r"(?:svarer|ringer|skriver|kommer|avgjør|leser|overtar) (?:deg|i dag|dette|det|her|nå|straks)"
    r"|hva vi (?:endrer|vet|gjør|har gjort)|skriftlig|legg igjen|det har vi|(?:betale|dekke|ordne|rette|gi) vi",
)
NB_NO_OFFER = words(
    r"(?:\w+ (?:vi|jeg|banken) )?(?:ikke|ingen|ingenting|aldri|verken|neppe)(?: \w+){0,3}|uten (?:bevis"
    r"|dokumentasjon|å)(?: \w+)?|som (?:er|ble|blir|var) \w+|dersom du(?: \w+){0,2}|hvis du(?: \w+){0,2}"
    r"|når du(?: \w+){0,2}",
    r"(?:du|dere) (?:får|kan)(?: \w+)? (?:prøve|finne|ordne|klare|vente|tåle|forsøke|alltids|sikkert"
    r"|kanskje)(?: \w+)?|se på det som|sende? oss flere|(?:skal|vil) vi (?:naturligvis|selvsagt"
    r"|selvfølgelig)(?: \w+){0,2}|skal bringe \w+|vi viser til|viser vi til|svaret finner|ring oss igjen",
    r"(?:forsinket|stengt|vente|utsatt|borte|nede|først) (?:til |først )*\w+|du får \w+ (?:til slutt|etter hvert"
    r"|nok)|svar på flekken",
    r"ikke vår \w+|neppe vår \w+|ventet\b.{0,30} til \w+|har du selv \w+|(?:vi|jeg) har (?:nok )?(?:annet|travelt"
    r"|viktigere)",
    r"(?:skal|må) \w+es i dag|har fått svar|(?:vi|jeg|banken) \w+ (?:dessverre )?ikke[^,;:]*",
    rf"(?:i orden|tilbake|fint) (?:igjen )?(?:på )?{NB_WEEKDAY}|god {NB_WEEKDAY}|hjelp fra|(?:alt|det) (?:vi"
    r"|du) \w+ er",
)
NB_APOLOGY = words(r"beklag\w*|lei (?:oss|for)|leit|unnskyld\w*|tilgi\w*")
NB_OFFERS = Offers(NB_OFFER, NB_NO_OFFER, NB_APOLOGY)
