"""What hurts and what helps in an English message; see `tone`."""

from holdfast.guard.tone_signs import Sign, Speech, words

NEAR = (
    r"(?:friends?|famil(?:y|ies)|relatives?|relations|parents?|(?:grand)?(?:mother|father|parents?)|(?:your|grown-up"
    r"|adult) children|mum|mom|dad|sisters?|brothers?|siblings?|partner|spouse|husband|wife|sons?|daughters?"
    r"|neighbou?rs?|colleagues?|co-?workers?|flatmates?|roommates?|acquaintances?|(?:some|any)(?:one|body) (?:else"
    r"|close|near|you|around|in your)|(?:those|people) (?:around|close|near|you)|loved ones|your (?:boss|employer"
    r"|network))"
)
GIVE = (
    r"(?:borrow\w*|len[dt]\w*|loans?|help\w*|cover\w*|pay\w*|buy\w*|support\w*|advance|chip in|spare|stay\w*|tide"
    r"|step in|bail|turn|ask\w*|rel(?:y|ies) on|cash|money|cook|shelter|take you in|look after|lean on)"
)
SMALL = r"(?:small|little|minor|tiny|slight|brief|short|petty|trivial|temporary|wee|quick|cosmetic|momentary|mere)"
TROUBLE = (
    r"(?:glitch\w*|hiccups?|hitch\w*|snags?|bugs?|blips?|problems?|issues?|delays?|inconveniences?|troubles?|errors?"
    r"|things?|matters?|sums?|amounts?|disruptions?|interruptions?|outages?|wait|pauses?|mistakes?|setbacks?)"
)
OTHERS = (
    r"(?:shop|store|merchant|seller|landlord|card (?:company|issuer)|compan\w+|charit\w+|police|authorit\w+|employer"
    r"|operator|provider|supplier|food bank|social (?:services|office)|municipality|insurance|insurer|payee|sender"
    r"|recipient|tax office|other bank|utility|airline|hotel|pharmacy|restaurant)s?"
)
DID = (
    r"(?:\w+ed|kept|set|read|paid|done|made|gone|come|taken|chosen|told|brought|bought|put|thought|been|sent|got"
    r"|known|left|understood|written|spent|not|only|just|simply)"
)

SIGNS = (
    Sign(
        "friends",
        words(rf"{NEAR}\b.{{0,80}}\b{GIVE}", rf"{GIVE}\b.{{0,80}}\b{NEAR}"),
        words(
            r"ask us|tell us|let us|send us|call us|we (?:will |can |could |have |also |then "
            r"|then also )*(?:pa[iy]\w*|call\w*|tell|told|inform\w*|contact\w*|refund\w*|send|sent|write|wrote|give"
            r"|gave)",
            r"power of attorney|on your behalf|us to|(?:paid|lent|helped|covered|bought|stepped)\b.{0,12}\b(?:you"
            r"|in)",
            r"(?:do|need|should|must|did|will|ought|would|are) ?(?:not|n't)|you have (?:\w+ ){0,2}(?:parents?"
            r"|famil\w+)|never|nobody should|without (?:having|asking)|(?:may|can) (?:still )?(?:pay|call|write|use)"
            r"|in the name of|scam\w*|fraud\w*|pretend\w*",
        ),
    ),
    Sign(
        "minimises",
        words(
            rf"(?:a|an|some|this|such|so|one|the|just|only|very|quite)(?: \w+)?,? {SMALL} (?:\w+ )?{TROUBLE}",
            rf"{SMALL} (?:glitch|hiccup|hitch|snag|blip|inconvenience)\w*|so {SMALL} an?",
            r"(?:it|this|that|what you \w+|which)(?:'s| is| was) (?:all )?(?:only|just|merely|simply|nothing (?:more"
            r"|but))(?! (?:fair|right|natural|possible|for|in|on|at|until|when|after|before|as|payments|transfers"
            r"|cards|us|you|those))",
            r"no big deal|(?:not|hardly|isn't) (?:such )?(?:a|the) (?:big|great|end of the|huge|real)\b.{0,12}"
            r"(?:deal|world|problem|issue|disaster|tragedy)",
            r"nothing (?:too |very |really |particularly )?(?:dramatic|serious|to worry about|major|special|terrible"
            r"|unusual|to be (?:worried|alarmed|upset|afraid)|to get (?:worked up|upset)|out of the ordinary)",
            r"(?:no|little|hardly any|any) (?:real |good )?(?:need|reason|cause|point|occasion|grounds) (?:to|for"
            r"|in) (?:worr\w+|panic\w*|alarm\w*|be (?:so |too )?\w*(?:upset|alarmed|worried|angry|concerned|dramatic"
            r"|afraid)|get\w* (?:so )?(?:upset|angry|worked up|excited|emotional)|concern|(?:a )?fuss|drama\w*"
            r"|excitement|make)",
            r"(?:don't|do not|please don't|try not to) (?:worry so|worry too|make (?:such )?a|overreact|panic|be so"
            r"|get so|take it so|exaggerate|stress)",
            r"(?:these|such|those) things (?:do |can |just |will )?happen|happens (?:to|in|at) (?:everyone|every|all"
            r"|any|the best)|could(?:'ve| have)? (?:be|been) (?:much |far |a lot )?worse|worse things|overreact\w*"
            r"|blow\w* .{0,20}out of proportion|storm in a teacup|mountain\w* out of|hardly (?:a|an|any|worth|long"
            r"|matters?|noticeabl\w+)",
            r"(?:at|by) some point|sort (?:itself|themselves) out|when (?:it|they)(?:'s| is|'re| are)? (?:there"
            r"|ready|good)|turns? up eventually|(?:only|just|barely) (?:a )?(?:few|couple|one|two|three"
            r"|some)(?: of)? (?:\w+ )?(?:minutes?|hours?|days?|payments?|customers?|euros?|cents?|pounds?|fees?"
            r"|bills?|transfers?)",
            r"(?:others?|other customers|many(?: others| people| customers)?|some people|most people) (?:have|has"
            r"|had|are|were) (?:\w+ )?(?:it worse|waited|been waiting|worse off|bigger|far worse|it much worse"
            r"|suffering)",
            r"not (?:that|so|too) bad|barely noticeable|big fuss|what's the (?:fuss|rush|hurry|problem)|so (?:small"
            r"|little)",
            r"(?:you'll|you will|you can) (?:surely |easily |certainly )?(?:manage|live without|do without|survive"
            r"|cope)",
        ),
        words(
            r"not an? (?:small|little|minor|tiny|slight|short)|no (?:small|little|minor)|(?:was|is)(?:n't"
            r"| not) (?:just|only|an?)|sounds? like|may (?:seem|sound|look)|(?:for|to) (?:you|many"
            r"|some) .{0,30}(?:great|big|hard|large)",
            r"small(?:er)? (?:amounts?|sums?|payments?|businesses|transfers?) (?:go|work|are|can|up|below|under)",
            r"(?:no|each|every|any|question) (?:question|detail|sum|amount) (?:is )?too (?:small|little)"
            r"|too small to",
        ),
    ),
    Sign(
        "blames",
        words(
            rf"if you(?:'d| had)(?: \w+ly| ever| at least| also)? {DID}"
            r"|(?<!what )(?<!which )(?<!that )had you(?! (?:been able))",
            r"you (?:really |simply |clearly |just )?(?:should|could|ought to|might)(?: not|n't)?(?: \w+)? have",
            r"you (?:must|will|'ll) (?:surely |probably |simply |clearly )?have (?:\w+ed|put|done|made|forgotten"
            r"|chosen|got|given|mis\w+|lost|written)",
            r"(?:it|this|that|which|fee|error|mistake|fault|delay)(?:'s| is| was| lies| lay) (?:\w+ )?(?:your|yours"
            r"|on you|with you)(?: own)?(?! (?:account|money|payment|card|right|salary|wages|bank|balance))",
            r"your own (?:\w+ )?(?:responsibility|fault|choice|mistake|doing|error|risk|carelessness|negligence"
            r"|making)",
            r"you (?:have )?(?:failed|forgot|forgotten|neglected|ignored|overlooked|omitted|chose|decided|preferred"
            r"|insisted)",
            r"you (?:did not|didn't|had not|hadn't|haven't|have not) (?:\w+ )?(?:read|check\w*|follow\w*|set|tell"
            r"|told|plan\w*|listen\w*|pay|paid|bother\w*|think|thought|act\w*|update\w*|keep|kept|prepare\w*"
            r"|notice\w*|look\w*)",
            r"because you (?:\w+ )?(?:waited|did|chose|had|were|left|paid|used|forgot|entered|never|kept|didn't"
            r"|only)",
            r"yourself to blame|blame yourself|careless\w*|irresponsib\w+|negligen\w+|reckless|unwise|foolish|naive"
            r"|silly of|hardly our (?:fault|problem)|(?:not|isn't|wasn't|never) (?:\w+ )?(?:our|the bank's) (?:fault"
            r"|mistake|doing|error)",
            r"next time,? (?:please |just |perhaps |maybe |you )?(?:\w+ )?(?:bring|plan|read|make|pay|keep|think"
            r"|check|be|should|have|remember|carry|take|try|use|do)",
            r"plan(?:ned)? (?:ahead|better)|(?:be|been) (?:a (?:bit|little) )?more (?:careful|attentive|prepared"
            r"|organi[sz]ed)",
            r"we (?:did |had |have |clearly |also )*(?:warn\w*|recommend\w*|advis\w*|told|asked|remind\w*"
            r"|tell) (?:\w+ )?(?:you|that|customers|everyone|this)|as (?:we|i) (?:asked|advised|warned|recommended)"
            r"|you were (?:\w+ )?(?:told|warned|informed|advised|reminded)|no point in complaining"
            r"|as a customer you (?:are|have to|must|should)",
            r"user error|(?:wise|sensible|responsible|careful|prudent|organi[sz]ed) (?:people|customers|persons?"
            r"|adults?)",
        ),
        words(
            r"not (?:your|yours|you)(?: fault|r)?|(?:isn't|wasn't|never) your|our (?:responsibility|fault|mistake"
            r"|failure)",
            r"you (?:should|could|might|ought to)(?: not|n't)? have (?:heard|had to|been|received|got|learned|found"
            r"|seen|to)",
            r"you were told (?:wrong|the wrong|something|two|different)|we told you (?:wrong|something|too|the wrong"
            r"|that your (?:money|payment)|\w+ that was|yesterday|at|on)|we (?:should|ought|could) (?:\w+ )?have"
            r"|if you had to",
            r"we(?: have|'ve)? (?:told|asked|informed) (?:you )?(?:too|late|your|the|them|everyone at)|nothing wrong",
        ),
    ),
    Sign(
        "refuses",
        words(
            r"(?:will|do|can|shall|are)(?: not|n't|not)? (?:be )?(?:discuss\w*|debat\w*|negotiat\w*|argu\w*"
            r"|reconsider\w*)",
            r"decision (?:is|stands)(?: \w+)? (?:final|firm|made)?|(?:case|matter|discussion|subject|claim"
            r"|complaint)(?: is|'s| as| has been| now)? (?:now )?(?:closed|settled|finished|over|ended|concluded"
            r"|done)",
            r"(?:don't|do not|not) (?:send|write|contact|call|mail|message|e-?mail|bother)\b.{0,25}\b(?:again"
            r"|any ?more|more|any further|about (?:it|this))|live with (?:it|that|this)|put up with (?:it|that)"
            r"|accept (?:it|that|this)",
            r"find (?:the |some )?(?:money|another|other|a way|some other)\b.{0,20}\b(?:way|yourself|elsewhere|bank"
            r"|money)",
            r"nothing (?:more |further |else )?to (?:add|discuss|say)|that is (?:that|the end of it)|end of (?:story"
            r"|discussion)|take it or leave it|goodbye|tough luck|bad luck|that's life|deal with it|so be it|too bad",
        ),
        words(r"did not|we do not consider|not (?:be )?closed|stays open|not (?:live|put up|accept)"),
    ),
    Sign(
        "refuses",
        words(
            r"nothing (?:more |else |further )?(?:that )?(?:we|i|the bank|anyone|anybody|they|can|could|to be done"
            r"|to do)",
            r"(?:we|i|the bank|our \w+|nobody|no one)(?: \w+ly| also| simply| just)? (?:can|could|will|do|are|am|is"
            r"|shall|would)(?: not|n't|not)(?: \w+ly| be| in a position to| able to| going to| possible to| do)*"
            r" (?:help\w*|assist\w*|do|change|pay\w*|refund\w*|compensat\w*|offer|answer|give|accept|make|look"
            r"|consider|cover)",
            r"(?:we|i|the bank|nobody|no one)(?:'re|'m| are| am| is|) (?:\w+ )?(?:unable|not able|powerless"
            r"|no longer able|can)(?: (?:help|do|assist|refund|pay)|,? to)?|(?:won't|cannot|can't|couldn't) (?:help"
            r"|refund|pay|do)",
            r"(?:that|this|it)(?:'s| is|) (?:simply |just |really )?(?:not possible|impossible|out of the question"
            r"|not going to happen|not something|isn't something)|isn't something|out of our (?:hands|control)"
            r"|beyond our control|no way|(?:is|was|has been|are) (?:hereby )?(?:rejected|refused|declined|denied"
            r"|dismissed|turned down)|no (?:compensation|refunds?|help|solution|alternative|option|way)",
        ),
        words(r"cards? (?:is|was|are|were)|payment (?:is|was)|no way around|we refused your payment"),
        alone=True,
    ),
    Sign(
        "brushes_off",
        words(
            r"(?:be|stay|remain|have|show)(?: a (?:bit|little)| some| more| a little more| just)* (?:patient"
            r"|patience)",
            r"(?:stop|quit|refrain from|no point in|avoid|less time) (?:\w+ )?(?:call|writ|ask|contact|ring|send"
            r"|phon|bother|complain|mail|messag|pester|chas)\w*ing",
            r"(?:don't|do not|not to|not) (?:call|ask|write|ring|contact|phone|mail|chase)(?! (?:for|you|your"
            r"|the (?:shop|card)))",
            r"calm (?:yourself )?down|relax|chill|settle down|take it easy|keep (?:your )?(?:cool|calm)|cool down"
            r"|get a grip|pull yourself together|deep breath|cheer up|lighten up",
            r"(?:simply|just|only|all you can do is|nothing but|(?:you'?ll|will|must|need)(?: to| have to)?)"
            r"(?: have to| need to| must| to)* (?:wait|hang|sit tight)",
            r"wait (?:like|as|your turn|and see|it out|until (?:it|we|someone|somebody|the system)|a (?:bit|little"
            r"|while))|sit tight|hang (?:on|in) there|like (?:everyone|everybody|all|the rest|any other)"
            r"|wait(?:ing)? your turn|bear with us",
            r"as (?:we|i|my colleague)(?: have|'ve| has)? (?:already |repeatedly |clearly |just |previously |said"
            r"|told|explain)\w*|already (?:told|said|answered|explained)(?! (?:them|him|her|your|the|our))|(?:told"
            r"|said|explained) (?:you |this |that |it )*(?:already|before|once|twice|many)|heard you|how many times"
            r"|(?:we|i) (?:have|'ve)(?: already)? noted your|for the (?:last|third|\w+th) time",
            r"(?:too|very|quite|extremely|rather|really|so) busy|better things|some other time|another time|no time"
            r"|have more (?:important|urgent)|more (?:important|urgent|pressing) (?:things|matters|cases|than|tasks)",
            r"comes? (?:back )?when (?:it|they) comes?|when it is done|when (?:there is (?:some|any)thing"
            r"|some(?:body|one) (?:has|is|finds|gets)|we (?:have|find|get) (?:the )?time|we get (?:around|round) to"
            r"|we feel|it suits us|it's your turn)",
            r"not the only (?:one|customer|person)|not more important|getting (?:angry|upset)|(?:being|getting"
            r"|shouting|complaining|anger|calling|asking)\b.{0,25}(?:won't|will not|not|doesn't) (?:make|help|speed"
            r"|change|bring|get|solve)",
            r"let (?:our|the|us|them) (?:\w+ )?(?:technicians|engineers|people|team|experts|do|work|get on|finish"
            r"|handle it)|in due (?:course|time)|sooner or later|(?:mind|watch) your|wasting our",
        ),
        words(
            r"(?:we|i|us|ourselves)(?: \w+)? (?:must|have to|need to|should|will|shall) (?:\w+ )?(?:be|wait|have)"
            r"|(?:you (?:do|need|should|did|must)(?: not|n't)|nobody|never|no need to|need not"
            r"|not have to)\b.{0,14}(?:calm|wait|relax|be patient|call|ask|write|hurry)|(?:rather than|instead of"
            r"|without) (?:asking|telling)|wait here|so that you|for (?:your )?patience|payments? .{0,20}wait"
            r"|transfers? (?:\w+ )?wait|we have told (?:them|the)|busy signal|anything to hide|us for (?:your|codes)"
            r"|asks? for",
        ),
    ),
    Sign(
        "brushes_off",
        words(
            r"try (?:it |once |once more )?again",
            r"(?:check|come|look) back (?:later|tomorrow|soon)|later(?: on)? (?:today|perhaps)",
        ),
        alone=True,
    ),
    Sign(
        "false_cheer",
        words(
            r"(?:w?h?oo+ps\w*|oops\w*|uh-?oh|oopsie|hoo?ra[yh]|yay+|woo-?hoo+|ta-?da+|haha\w*|lol|yippee|hey|psst"
            r"|hiya|phew)",
            r"bright side|silver lining|(?:look at|see|think of|treat|consider) (?:it|this) as|good things come"
            r"|cloud has|(?:super|so|really|very|thrilled|excited|delighted|pleased|proud|overjoyed|happy"
            r"|thrilling)(?: \w+)? to (?:announce|tell|share|report|inform|say)|super|awesome|fantastic|wonderful"
            r"|amazing|brilliant|exciting|thrilling|adventure|hilarious|fun|magical",
            r"(?:little|short|well-earned|small|quick|bit of a|tiny) (?:nap|break|holiday|detour|rest|vacation"
            r"|siesta|snooze)|nap|enjoy\w* (?:the|your|a|this|some) (?:\w+ )?(?:break|day off|rest|peace|quiet"
            r"|silence|surprise|time|sun|weather)|(?:grab|have|make|get|pour) (?:yourself )?(?:a|some) (?:nice "
            r"|cup of |hot )?(?:coffee|tea|cuppa|snack|drink)",
            r"(?:chance|opportunity|time|excuse|reason) to (?:\w+ )?(?:save|relax|rest|unwind|read|walk|meet|enjoy"
            r"|slow)|day without (?:spending|shopping|money|banking)|can't (?:over)?spend|thanks? (?:you )?for being"
            r"|our bad|no worries",
        ),
        words(r"weather service|not (?:fun|wonderful|exciting)"),
    ),
    Sign(
        "false_cheer", words(r"(?:great|good|wonderful|fantastic) news|[\U0001f600-\U0001f64f\U0001f389]"), alone=True
    ),
    Sign(
        "elsewhere",
        words(
            r"instead of (?:contacting|calling|writing|asking|bothering|troubling)|not our (?:problem|department"
            r"|business|job|concern|affair|matter)|none of our|(?:not|no|isn't) an? (?:\w+ )?(?:social|charity"
            r"|charitable|welfare|advice|travel agency|food|help ?desk|lender of)|free to (?:leave|find|go|switch"
            r"|choose|change|move|take your)|(?:find|choose|look for|switch to|change to) (?:yourself )?(?:another"
            r"|a different|a new) bank|take your (?:money|business) elsewhere|someone else's (?:problem|job)"
            r"|we only (?:do|handle|run|process|provide)",
        ),
        words(r"not a charity case|help you (?:move|find|switch)"),
    ),
    Sign(
        "elsewhere",
        words(
            r"(?:contact|call|ask|talk (?:to|with)|speak (?:to|with)|turn to|write to|in touch with|check with"
            r"|go to|try|address|up with|complain to|discuss (?:it|this|that) with|matter for|between you and"
            r"|apply to|refer you to|ring) (?:the |your |an? |their |another |our "
            rf"|them\b.{{0,3}})*(?:\w+ )?{OTHERS}",
            r"(?:take|raise|discuss|settle|sort) (?:it|this|that) (?:up |out )?with|(?:see|use|visit|check|consult"
            r"|read|find|look|search|refer|go|answered|explained|stands|is|written)\b.{0,30}\b(?:web ?sites?"
            r"|web ?pages?|help pages?|faqs?|home ?page|internet|online|manual)|wrong (?:department|number|place"
            r"|person|team|office|desk)|(?:we|i) (?:do not|don't) (?:deal|handle|do|take|cover|concern)|not (?:the"
            r"|my) (?:right )?(?:department|area|responsibility)|find the (?:right )?number|someone else"
            r"|somewhere else|other channels|a different department|another department|dial \w+",
        ),
        alone=True,
    ),
    Sign(
        "policy",
        words(
            r"rules are rules|policy is policy|law is the law|(?:there are|make|allow|for|any) no exceptions",
            r"bound by the rules",
        ),
    ),
    Sign(
        "policy",
        words(
            r"(?:our|company|bank|the bank's|internal|general|standard|the)(?: \w+)? (?:polic(?:y|ies)|rules"
            r"|guidelines?|terms|conditions|procedures?|routines?|regulations?|agreement|contract"
            r"|terms and conditions|practice)",
            r"(?:according to|per|under|pursuant to|as set out in|in line with|as stated in|with reference to"
            r"|we refer (?:you )?to)|(?:section|clause|paragraph|article) \d+|not (?:be )?(?:liable|obliged|required"
            r"|entitled|responsible|eligible)|no (?:liability|obligation|right|claim|duty|legal)|disclaim\w*|(?:make"
            r"|allow\w*|grant|permit|an?|any) exceptions?|you (?:\w+ )?(?:agreed|accepted|signed|consented)"
            r"|treat (?:everyone|all|everybody)|accept no|reserve the right|the right form|deadline for (?:claims"
            r"|complaints)|formal requirements|within the (?:rules|limits)",
        ),
        alone=True,
    ),
    Sign(
        "hollow",
        words(
            r"(?:sorry|regret|apologi[sz]e|apologies)\b.{0,20}\bif (?:you|any|some|our|this|that|it|we)|(?:sorry"
            r"|regret)(?: that)? you (?:feel|felt|think|see it|are disappointed|are not satisfied|perceive\w*"
            r"|experience\w*)|apologies (?:if|to anyone)|sorry you're (?:upset|unhappy)|(?:sorry"
            r"|regret) .{0,20}perceived",
        ),
    ),
    Sign(
        "hollow",
        words(
            r"any (?:\w+ )?inconvenience|(?:your|all) (?:feedback|opinion|satisfaction|loyalty|comments|trust)"
            r"|customers? (?:\w+ )?(?:satisfaction|experience)|(?:highest|top) priority|(?:important|matters"
            r"|means a lot) to us|seriously|we (?:value|appreciate|hear you|understand your frustration)"
            r"|thank you for (?:your )?(?:patience|understanding|loyalty|bearing|contacting|feedback)"
            r"|thanks for (?:your )?(?:patience|understanding)|(?:wish you|have) an? (?:\w+ )?(?:day|weekend"
            r"|evening)",
        ),
        alone=True,
    ),
    Sign(
        "doubts",
        words(
            r"are you (?:\w+ )?(?:sure|certain|positive)(?: that)? (?:you|it (?:was|is|really)|this|there|your|we)"
            r"|did you (?:really|actually)|have you (?:really|actually)|you (?:claim|allege|assert|pretend|maintain"
            r"|insist|imagine)\w*|your (?:claims?|alleged|version|story) (?:that|of|is|that|sounds|does)|alleged\w*"
            r"|supposed(?:ly)|so-called|according to you|if (?:what you say|that is|it is"
            r"|you are telling)\b.{0,10}(?:true|truth)|by your own account",
            r"(?:hard|difficult|impossible|strange|odd|unlikely) to (?:believe|imagine|understand how you"
            r"|see how you|credit)|(?:no|any|little) (?:reason to believe|evidence|trace|proof|sign|indication)"
            r"|we (?:doubt|question|suspect|wonder)|(?:do not|don't|cannot|can't) (?:\w+ )?believe|(?:that|this"
            r"|it) (?:can't|cannot|can not|could not|couldn't) (?:really )?be(?: right| true| correct| so)?"
            r"|not (?:credible|plausible|believable|what our|true)|unlikely|doubtful|implausible",
            r"(?:our|the) (?:records?|logs?|systems?|data) (?:clearly )?(?:shows?|says?|tells?|have|has"
            r"|indicates?) (?:us )?(?:nothing|no|that nothing|that every|otherwise|something|that (?:your"
            r"|the) .{0,20}(?:fine|worked|normal))|(?:no|nobody|not one|none of our) (?:other |else|one else"
            r"|customers?|single )?(?:customers? |person |one )*(?:has |have )?(?:\w+ )?(?:report|complain|notic"
            r"|mention|had this)\w*|exaggerat\w*|(?:stick|keep) to the facts|without (?:any )?(?:proof|evidence"
            r"|documentation)|prove (?:it|that)|any(?:one|body) (?:could|can) (?:say|claim|write)|at your end"
            r"|problem must be|be honest with us|the truth|made (?:it|this|that|the) (?:\w+ )?up|invent\w*"
            r"|a (?:likely|good|nice) story",
        ),
        words(
            r"(?:do not|don't|need not|not|never) (?:have to |need to |ask you to )*(?:prove|doubt|question)"
            r"|without (?:any )?proof is|no reason to doubt|(?:even|also) without|we cannot see|pay .{0,20}without"
            r"|refund\w* .{0,20}without|approved? .{0,20}without",
        ),
    ),
    Sign(
        "sarcasm",
        words(
            r"congratulations|well done|bravo|how (?:terrible|awful|tragic|dreadful|sad|horrible|interesting|clever"
            r"|nice of you|very)|(?:thank you|thanks)(?: so much| very much)? for (?:explaining|teaching"
            r"|telling us how|the (?:lecture|lesson|advice|tip)|pointing|enlightening|your (?:wisdom|expert|valuable"
            r"|kind (?:lesson|lecture)|insight))",
            r"(?:we|i) (?:do |really |sincerely |just )?(?:hope|trust)(?: that)? you(?:'ll| will| can"
            r"| have)? (?:\w+ )?(?:surviv\w+|cope|manage|recover|get over)|just to (?:annoy|spite|irritate|bother"
            r"|tease)|on purpose|to (?:annoy|spite) you|any other (?:theories|wishes|complaints|ideas|demands"
            r"|requests)|drop everything|wisdom|genius|sherlock|(?:poor|unlucky) you",
            r"(?:oh|wow|gosh|my|ah|sure|right|well)(?:,| dear| no| yes| my| well| sure)+ (?:of course|we|how|what|so"
            r"|i|sure|because|you|that|congratulations|thanks|another)|of course we|heaven forbid"
            r"|what an? (?:tragedy|disaster|shame|catastrophe|nightmare|surprise|drama|shock)|my heart (?:bleeds"
            r"|breaks)|(?:clearly|obviously|apparently) you|as if we|magic wand|roll out the red carpet"
            r"|first thing on our minds?|your majesty|expert like you|crystal ball|call you first",
        ),
        words(r"cards? .{0,20}on purpose|not on purpose"),
    ),
)

WEEKDAY = r"(?:mon|tues|wednes|thurs|fri|satur|sun)day"
NUMBER = r"(?:one|two|three|four|five|six|ten|\d+)"
OFFER = words(
    r"(?:we|i)(?:'ve|'ll|'re|'m| have| will| can| could| are| am| shall)?(?: (?:already|also|now|then|just|gladly"
    r"|both|therefore|at once|immediately|still|even|personally|to))* (?:pa(?:y|id|ying)|refund\w*|cover\w*|sen[dt]"
    r"|call(?:ed)?|move[ds]?|open(?:ed)?|put|approved?|handle\w*|help you|fill|find|found|check(?:ed|ing)?"
    r"|fix(?:ed)?|stop(?:ped)?|book(?:ed)?|gi?ve(?:n)?|extend(?:ed)?|waived?|write|wrote|told (?:them|your|the)"
    r"|tell (?:them|your|the|you what|you at)|keep|kept|stay|solve|arranged?|show you|bring|raised?|correct(?:ed)?"
    r"|transfer(?:red)?|ask(?:ed)? (?:a|my|the|our|her|him|them)|answer for|credit(?:ed)?|ordered|connect\w*|look at"
    r" (?:it|this|your) (?:now|today|together)|set (?:up|aside)|take over|owe|make (?:it|this) (?:good|right)"
    r"|reverse[d]?|compensate[d]?)",
    r"you(?:'ll| will| can| may)?(?: (?:still|also|now|already|always|then|even))* (?:get|receive|have(?! (?:to|had"
    r"|been|it worse|already|called|failed|not))|pay|use|withdraw|take out|collect|show|come|move|press|call us"
    r"|ask us|ask for|write to us|reply|choose|send|lose nothing|open|log in|see it|see the|be (?:paid|refunded"
    r"|compensated|called))",
    r"(?:shall|may|can|should) i|would you like|can (?:she|he|they|we) call|help now|call us|write to us|tell (?:us"
    r"|me)(?! (?:how|that))|send us|come (?:to|in)|reply (?:here|to)|in this chat|write (?:here|back)|ask again"
    r"|attached|here is|here are|press|is yours|back in your account|refunded|reimbursed|no (?:fee|charge)"
    r"|free of charge|(?:works?|working|run|runs?) (?:again|normally|as usual)|still works?|works?:"
    r"|go(?:es)? through|has arrived|have arrived|(?:have|has) been (?:paid|sent|made|told|refunded|corrected"
    r"|booked)|is safe|in the meantime|alternatives?|(?:a|our) colleague (?:can|will|calls)",
    rf"(?:at|by|before|until|within|from|since|between|after|of) (?:noon|midnight|{WEEKDAY}|tomorrow|tonight"
    rf"|this evening|about {NUMBER}|\d+[:.]\d\d|\d+ o'clock|{NUMBER} (?:working )?(?:minutes?|hours?|days?))"
    rf"|this evening|tomorrow morning|tonight|{NUMBER} minutes",
)
NO_OFFER = words(
    r"(?:will|can|could|do|would|shall) (?:not|never)(?: \w+){0,3}|(?:won't|can't|cannot|don't|couldn't"
    r"|wouldn't)(?: \w+){0,3}",
    r"nothing (?:we|i) (?:can|could) \w+|you can (?:always|surely|perhaps|maybe|try|find|go)(?: \w+)?|you have (?:to"
    r"|failed|called)",
    r"(?:have|had) you \w+|thank you for \w+(?: \w+)?|we will be sure|we'll be sure|you get (?:angry|upset|someone"
    r"|what)|no need to call us|stop (?:calling|writing)(?: to)? us|if you (?:pay|use|have|call us|ask|open|move"
    r"|come|send|choose|get|show)|pay the way|(?:you|we) send us more|send us more|tell us how|call us (?:again|any)"
    r"|write to us (?:again|any)",
)
APOLOGY = words(r"sorry|apolog\w+|regret\w*|pardon|forgive")
SPEECH = Speech(SIGNS, OFFER, NO_OFFER, APOLOGY)
