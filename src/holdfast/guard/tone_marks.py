"""Marks of a sentence that the learnt model weighs beside its words: who does what, when, and whom it speaks of.

A mark says nothing by itself; what it weighs is learnt from the labelled drafts (`make tone-model`)."""

import re

from holdfast.guard.tone_signs import words

EN_DEEDS = (
    r"(?:pa(?:y|id|ys)|refund\w*|cover\w*|sen[dt]|sending|call(?:ed)?|ring|rang|writ(?:e|ten)|wrote|tell|told"
    r"|ask(?:ed)?"
    r"|check(?:ed)?|look(?:ed)?|find|found|fix(?:ed)?|book(?:ed)?|move[ds]?|open(?:ed)?|block(?:ed)?"
    r"|stop(?:ped)?|take|took"
    r"|taken|keep|kept|put|show|help|fill|arrange[d]?|order(?:ed)?|correct(?:ed)?|reverse[d]?|approve[d]?"
    r"|extend(?:ed)?"
    r"|settle[d]?|offer|owe|stay|visit|carry|make|made|give|gave|given|start(?:ed)?|release[d]?|change[d]?|get|got"
    r"|pass(?:ed)?|chase|replac\w+|publish\w*|answer|promise|wait|add(?:ed)?|connect\w*|transfer(?:red)?"
    r"|decided?|lift(?:ed)?)"
)
NB_DEEDS = (
    r"(?:betal\w*|refunder\w*|dekk\w*|send\w*|ring\w*|skriv\w*|skrev|si|sier|sa|sagt|fortell\w*|spør|spurt\w*|spurte"
    r"|sjekk\w*|kontroller\w*|se|ser på|så på|finn\w*|fant|funnet|rett\w*|ordn\w*|bestil\w*|flytt\w*|åpn\w*|sperr\w*"
    r"|stopp\w*|stans\w*|ta|tar|tok|tatt|behold\w*|legg\w*|la|lagt|vis\w*|hjelp\w*|fyll\w*|fylt\w*|godkjen\w*"
    r"|forleng\w*"
    r"|gjør\w*|gjort|gjorde|tilby\w*|skylder|bli|blir|reiser|gi|gir|ga|gitt|start\w*|slipp\w*|endr\w*|få|får"
    r"|fikk|fått"
    r"|bytt\w*|svar\w*|lov\w*|venter|sett\w*|satt|koble\w*|overfør\w*|bedt|løs\w*|hent\w*|dro|let\w*|holder"
    r"|krediter\w*)"
)
EN_PERSONS = (
    r"(?:every(?:one|body)|most|many|people|others?|customers|some(?:one|body)|any(?:one|body)|all of you|those)"
)
NB_PERSONS = r"(?:alle|de fleste|mange|folk|andre|kunder|kundene|noen|hvem som helst|man|en|den som)"
EN_TIME = (
    r"(?:\d+[:.]\d\d|o'clock|noon|midnight|tonight|tomorrow|today|(?:mon|tues|wednes|thurs|fri|satur|sun)day"
    r"|minutes?|hours?"
    r"|(?:this|the) (?:morning|afternoon|evening)|at (?:once|one|two|three|four|five|six|seven|eight|nine|ten|\d+)"
    r"|before (?:five|six|ten|lunch|the end)|(?:working )?days?)"
)
NB_TIME = (
    r"(?:klokken|kl\.?|\d+[.:]\d\d|i (?:kveld|dag|morgen|natt|ettermiddag)|(?:man|tirs|ons|tors|fre|lør|søn)dag"
    r"|minutt\w*"
    r"|time[r]?|med en gang|straks|før (?:lunsj|fem|ti|midnatt)|ettermiddagen|virkedager|dager)"
)

MARKS: dict[str, dict[str, re.Pattern[str]]] = {
    "en": {
        "deed": words(
            rf"(?:we|i)(?:'ve|'ll|'m|'re|'d| have| will| can| could| am| are)?(?: (?!not|no"
            rf"|never)\w+)?(?: \w+ly)? {EN_DEEDS}"
        ),
        "deed done": words(rf"(?:we|i)(?:'ve| have)(?: (?!not|no|never)\w+)? {EN_DEEDS}", r"(?:i|we) (?:did|do)"),
        "deed denied": words(
            r"(?:we|i|the bank|it|this|that)(?:'re|'m|'s| are| am| is| do| did| can| could| will| would| have"
            r"| see| may)?"
            r"(?: \w+)? ?(?:not|n't|no|never|nothing|neither|nor)",
            r"(?:won't|can't|cannot|don't|didn't|isn't|aren't|doesn't|wouldn't)",
        ),
        "is done": words(
            r"(?:is|are|was|were|been|be|being) (?:now |already |being |only |not )?(?!called|used"
            r"|located)\w+(?:ed|en|nt|id)"
        ),
        "status": words(
            r"works?|working|again|back|safe|fixed|over|arrived?s?|done|open(?:ed)?|free|ready|reversed|released"
            r"|cancelled"
            r"|repaid|refunded|on (?:its|the|their) way|there|booked|genuine|new|next update|instead|meanwhile"
            r"|until then"
            r"|in the meantime|either way|still|yours"
        ),
        "you can": words(
            r"you (?:can|may|'ll|will|get|keep|have until|needn't|need not|lose nothing|owe nothing|choose"
            r"|pay nothing)",
            r"(?:can|may|do) you|you(?:'ll| don't (?:have|need))",
            r"would you (?:like|rather)|shall i|suits? you|if you(?:'d)? (?:prefer|like|would rather|want|still)",
        ),
        "you did": words(
            r"you (?:should|could have|must|had|chose|took|gave|signed|left|forgot|confirmed|knew|ought|did not"
            r"|didn't|always"
            r"|waited|spent|simply|only|just|happen|seem|put|accepted|agreed|ticked|decided|were (?:told|late"
            r"|informed))",
            r"you(?:'d| would) (?:think|better)|had you|your own",
        ),
        "you say": words(
            r"you (?:say|said|claim|write|mention|believe|think|feel|felt|describe|report|state)|your (?:story"
            r"|version)"
            r"|your (?:account|impression|recollection) of"
        ),
        "you right": words(
            r"you(?:'re| are| were|'ve every)(?: \w+)? right|nothing wrong|well to ask|thank you for telling"
        ),
        "tell us": words(
            r"(?:tell|ring|call|ask|send|show|write to|let|give|leave) (?:us|me)|write (?:here|urgent|back)"
            r"|say (?:so|when)"
        ),
        "do this": words(
            r"please|try|use|press|choose|bring|ring|reply|ignore|throw|send|show|log in|come|wait|keep|don't|do not"
        ),
        "our fault": words(
            r"our (?:own )?(?:fault|mistake|failure|doing|error|outage|end|side)|wrong|because of us|by mistake"
            r"|i was|we were"
            r"|apologise for|too (?:late|long|many|early)|poor|badly|shame|misread|should have|shouldn't|rude|owe"
        ),
        "apology": words(r"sorry|apolog\w+|regrets?|excuse|forgive|deplore|sad(?:dens)?|unfortunate(?:ly)?|afraid"),
        "feelings": words(
            r"feel(?:ings?)?|understand\w*|concern|value[ds]?|hear|appreciat\w+|trust|priority|seriously"
            r"|experience|expectations"
            r"|confidence|loyal\w*|satisf\w+|every day|hope|working hard|best|improve|learn"
            r"|customers (?:always )?come first"
        ),
        "people": words(EN_PERSONS),
        "vague": words(
            r"surely|certainly|perhaps|maybe|possibly|eventually|some (?:stage|point|time)|in due|soon|usually"
            r"|hardly|really"
            r"|simply|just|merely|only|mostly|after all|in the end|as it takes|when it comes|anyway|normally"
            r"|of course"
        ),
        "claim of rule": words(
            r"rules?|polic(?:y|ies)|terms|conditions|section|clause|point \d+|guidelines?|procedures?|obliged"
            r"|liab\w+|contract"
            r"|agreement|regulations?|entitled|required|liable|legal|form|grounds|discretion|in line with"
            r"|according to|under"
        ),
        "closing": words(
            r"closed|final|end of|stands|remains|rejected|declined|dismissed|filed|noted|taken note|no further"
        ),
        "time": words(EN_TIME),
        "when told": words(rf"(?:by|at|until|before|from|within|since|in|on|as of|around|about) (?:\w+ )?{EN_TIME}"),
        "colleague": words(
            r"(?:my|our|a) (?:\w+ )?(?:colleague|manager|supervisor|team leader|boss)|mine"
            r"|(?:he|she) (?:has|rings?|calls?|can|will|is|decides|writes)|person"
        ),
        "if": words(r"if|should|in case"),
        "here is": words(r"here(?:'s| is| are)|attached|below|see the|this is (?:my|what)|direct line|number"),
        "money given": words(
            r"refund\w*|repaid|reimburs\w*|pay (?:you|it|for|them|the)|(?:we|bank) (?:pay|cover)|(?:get"
            r"|have) (?:it|the|your)"
            r"|fee back|no (?:fee|interest|charge)|advance|on us|credited|compensate|free|nothing to pay|difference"
        ),
        "play": words(
            r"fun|adventure|party|enjoy|wild|surprise|smile|smiling|cheer\w*|thrill\w*|rock|better than ever"
            r"|promise|coffee"
            r"|break|detox|holiday|nap|hooray|yay|great|happy|magic|story|episode|guess|oops|hey|tuned"
        ),
        "mock": words(
            r"expert|genius|degree|lawyer|naturally|of course|apparently|congratulations|bravo|goodness"
            r"|by all means|another"
            r"|world|whole|director|how nice|great question|well spotted|good to know|magic|print|framed"
            r"|what would you like"
        ),
        "near ones": words(
            r"friends?|famil\w+|relatives?|parents?|mother|father|brother|sister|siblings|partner|neighbou?rs?"
            r"|colleagues?"
            r"|boss|daughter|son|acquaintances|in-laws|someone|somebody|anybody|anyone|circle"
        ),
        "away": words(
            r"(?:contact|ask|try|turn to|go to|talk to|speak to|sort it out|different number|form on|website|web"
            r"|search"
            r"|not us|isn't us|department|between you|business|matter for|not a|isn't a|their|directed|directory)"
        ),
        "shop": words(
            r"shop|landlord|airline|hotel|police|merchant|authorities|supplier|council|employer|solicitor"
            r"|insurer|payee"
        ),
    },
    "nb": {
        "deed": words(
            rf"(?:vi|jeg)(?: (?:har|kan|skal|vil|kunne|må|også|allerede|gjerne|nå|heller))* {NB_DEEDS}(?! ikke)",
            rf"{NB_DEEDS} (?:vi|jeg)(?! (?:ikke|ingen|aldri))",
        ),
        "deed done": words(r"(?:vi|jeg) har (?!ikke|ingen|aldri)\w+", r"har (?:vi|jeg) (?!ikke|ingen)\w+"),
        "deed denied": words(
            r"(?:vi|jeg|banken|det|dette)(?: \w+){0,3} (?:ikke|ingen|intet|aldri|ingenting|verken|heller ikke|kun)",
            r"(?:kan|får|vil|skal|er|gir|kommer)(?: vi| jeg| banken| det)? (?:dessverre )?(?:ikke|ingen|aldri)",
        ),
        "is done": words(
            r"(?:er|blir|ble|blitt|bli) (?:nå |allerede |alt |bare |ikke )?\w+(?:et|t|dd|dt|ført)", r"\w{4,}es"
        ),
        "status": words(
            r"virker|går|igjen|tilbake|trygg\w*|rettet|over|fremme|frem|ferdig\w*|gjort|åpen|åpent|åpnet|gratis"
            r"|klare?"
            r"|reversert|stoppet|tilbakebetalt|på vei|underveis|der|ført|ekte|ny|nytt|ny melding|i stedet|imens"
            r"|inntil da"
            r"|til da|i mellomtiden|uansett|fortsatt|din|alt"
        ),
        "you can": words(
            r"du (?:kan|får|beholder|slipper|trenger ikke|mister ikke|har til|velger|kommer|betaler ingenting|skal)",
            r"(?:kan|får|vil|trenger) du|du (?:behøver|må) ikke|passer det|skal (?:jeg|vi)|vil du|om du vil"
            r"|hvis du vil",
        ),
        "you did": words(
            r"du (?:burde|skulle|måtte|valgte|tok|ga|glemte|visste|leste|bekreftet|ventet|fikk takke|har valgt"
            r"|har krysset"
            r"|svarte|har kjent|selv|bare|får trekke|var sen)",
            r"hadde du|om du hadde|du kan takke|(?:din|ditt|dine) eg\w+|takke deg selv|kunne du",
        ),
        "you say": words(
            r"du (?:sier|sa|hevder|påstår|skriver|mener|føler|synes|opplever|tror|kaller|melder)|(?:sier|skriver"
            r"|hevder) du"
            r"|historien|versjon\w*|fremstilling\w*|oppfatning\w*|skal ha"
        ),
        "you right": words(
            r"(?:du|deg) (?:har|hadde)(?: full| helt)? rett|noe galt|bra du|godt at du|takk for at du sa"
        ),
        "tell us": words(
            r"(?:send|ring|spør|fortell|gi|be|vis|skriv til|svar) (?:oss|meg)|(?:si|sier|sa) (?:det|ifra|fra|når"
            r"|hva)|skriv her"
            r"|så (?:sier|finner|leter|gjør|kommer|ringer|betaler|ser|stiller|er|slipper|går|ordner) "
        ),
        "do this": words(
            r"(?:vær så snill|vennligst|prøv|bruk|trykk|velg|ta med|ring|svar|se bort|kast|send|vis|logg|kom"
            r"|vent|behold|ikke)"
        ),
        "our fault": words(
            r"vår(?:t|e)? (?:egen )?(?:feil|skyld|ansvar)|tok feil|galt|gale?|på grunn av oss|ved en feil"
            r"|det var vi|hos oss"
            r"|for (?:sent|lenge|mye|tidlig|dårlig)|dårlig|skam|skulle (?:hatt|ha|ikke|vært)|burde|skyldtes oss"
            r"|skylder|surret"
        ),
        "apology": words(r"beklag\w*|lei(?:e)? (?:oss|for)?|unnskyld\w*|dessverre|sorry|vondt|synd|trist"),
        "feelings": words(
            r"føl\w*|forstå\w*|skjønner|bekymring\w*|verdset\w*|hører|setter pris|tillit\w*|priorit\w*|alvor\w*"
            r"|opplev\w*"
            r"|forventning\w*|lojal\w*|tilfreds\w*|hver dag|håper|jobber hardt|ytterste|best|lære\w*|lærer"
            r"|kunden|betyr noe"
        ),
        "people": words(NB_PERSONS),
        "vague": words(
            r"sikkert|nok|vel|kanskje|muligens|jo|til slutt|etter hvert|et eller annet|snart|gjerne|neppe|knapt"
            r"|bare|kun"
            r"|egentlig|tross alt|uansett|vanligvis|greiest|pleier|visst|liksom|kommer når|altså|heller"
        ),
        "claim of rule": words(
            r"(?:regl|vilkår|betingels|rutine|retningslinj|prosedyr|avtale|instruks|regelverk|bestemmels)\w*"
            r"|punkt \d+|plikt\w*"
            r"|ansvar|etter|ifølge|i henhold|i tråd|grunnlag|krav\w*|frist|skjønn|skjema|juridisk|presedens"
            r"|hensyn|anses"
        ),
        "closing": words(
            r"avsluttet|endelig|står fast|står|avslått|avvist|lukket|lukkes|notert|arkivert|til etterretning"
            r"|fastholder|nei"
        ),
        "time": words(NB_TIME),
        "when told": words(
            rf"(?:innen|til|før|fra|siden|om|i løpet av|på|rundt|mellom|senest|klokken|kl\.?) (?:\w+ )?{NB_TIME}"
        ),
        "colleague": words(
            r"(?:kollega\w*|sjefen|lederen|teamlederen) ?(?:min|vår)?|(?:han|hun) (?:har|ringer|kan|vil|er"
            r"|avgjør|skriver)|min"
            r"|menneske\w*"
        ),
        "if": words(r"hvis|dersom|om|er de ikke|har du|vil du|trenger du|passer det"),
        "here is": words(r"her er|dette vet vi|vedlagt|lagt ved|under|nedenfor|direkte nummer\w*|nummer\w*|står under"),
        "money given": words(
            r"refunder\w*|tilbakebetal\w*|(?:betaler|dekker|tar) vi|vi (?:betaler|dekker|tar)|igjen|tilbake|gebyret"
            r"|rentefritt|uten (?:gebyr|renter)|forskudd\w*|gratis|mellomlegget|koster ingenting|gjør opp|satt inn"
        ),
        "play": words(
            r"gøy|eventyr|fest|kos|nyt|overrask\w*|smil|hurra|heia|rå|bedre enn noen gang|kaffe|pause|ferie|lur"
            r"|flott|herlig"
            r"|episode|gjett|oi|ops|hei|klem|savnet|solskinn\w*|moro|munter|god \w+dag"
        ),
        "mock": words(
            r"ekspert\w*|geni\w*|advokat|naturligvis|selvfølgelig|selvsagt|visst|klart det|gratulerer|bravo"
            r"|du verden|for all del"
            r"|enda en|verden|hele banken|direktøren|så hyggelig|godt spørsmål|skarpt sett|greit å vite|trykke"
            r"|rammet inn|tenk om"
        ),
        "near ones": words(
            r"venn\w*|famil\w+|slekt\w*|foreldre\w*|mor|moren|far|faren|mamma|pappa|bror\w*|søster\w*|søsken\w*"
            r"|samboer\w*"
            r"|ektefelle\w*|nabo\w*|kolleg\w+|kamerat\w*|sjefen|datter\w*|sønn\w*|bekjente|sviger\w*|noen"
            r"|bestefar|oppgangen"
        ),
        "away": words(
            r"kontakt\w*|spør|prøv|vende? deg|gå til|snakk\w*|ordne opp|annet nummer|skjemaet på|nett\w*|søk"
            r"|ikke oss|avdeling\w*"
            r"|mellom deg|vårt bord|deres|rette|katalogen|ikke noe vi|driver vi|må du"
        ),
        "shop": words(
            r"butikk\w*|utleier\w*|flyselskap\w*|hotell\w*|politi\w*|myndighet\w*|leverandør\w*|arbeidsgiver\w*"
            r"|advokat\w*"
            r"|forsikring\w*|mottaker\w*|forbrukerrådet|nav|kassen"
        ),
    },
}
