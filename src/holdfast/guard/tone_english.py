"""What hurts in an English message; see `tone`."""

from holdfast.guard.tone_signs import Sign, words

NEAR = (
    r"(?:friends?|famil(?:y|ies)|relatives?|relations|parents?|(?:grand)?(?:mother|father|parents?)|(?:your|grown-up"
    r"|adult) children|mum|mom|dad|sisters?|brothers?|siblings?|partner(?! bank| shop| store)|spouse|husband|wife"
    r"|sons?|daughters?|neighbou?rs?|(?<!my )(?<!our )(?<!a )colleagues?|co-?workers?|flatmates?|roommates?"
    r"|acquaintances?|(?:some|any)(?:one|body) (?:else|close|near|you|around|in your)|(?:those|people) (?:around"
    r"|close|near|you)|loved ones|your network)"
)
GIVE = (
    r"(?:borrow\w*|len[dt]\w*|loans?|help\w*|cover\w*|pay\w*|buy\w*|support\w*|advance|chip in|spare|stay\w*|tide"
    r"|step in|bail|turn|ask\w*|rel(?:y|ies) on|cash|money|cook|shelter|take you in|look after|lean on|arrange\w*"
    r"|get by|make do)"
)
SMALL = r"(?:small|little|minor|tiny|slight|petty|trivial|wee|cosmetic|mere)"
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
        words(
            rf"{NEAR}\b.{{0,80}}\b{GIVE}",
            rf"{GIVE}\b.{{0,80}}\b{NEAR}",
            r"(?:borrow|loan)\w* .{0,30}\ba colleague",
            r"(?:ask|get|request)\w*\b.{0,25}\b(?:boss|employer)\b.{0,30}(?:advance|loan|money|early)",
        ),
        words(
            r"ask us|tell us|let us|send us|call us|we (?:will |can |could |have |also |then "
            r"|then also )*(?:pa[iy]\w*|call\w*|tell|told|inform\w*|contact\w*|refund\w*|send|sent|write|wrote|give"
            r"|gave)",
            rf"(?:payments?|transfers?) (?:to|between) (?:\w+ )?{NEAR}",
            rf"(?:send|transfer|pay|give)\w*(?: \w+){{0,3}} to (?:\w+ )?{NEAR}",
            r"passport|authori[sz]\w*|power of attorney|on your behalf|us to|(?:paid|lent|helped|covered|bought"
            r"|stepped)\b.{0,12}\b(?:you|in)",
            r"(?:do|need|should|must|did|will|ought|would|are) ?(?:not|n't)|you have (?:\w+ ){0,2}(?:parents?"
            r"|famil\w+)|never|nobody should|without (?:having|asking)|(?:may|can) (?:still )?(?:pay|call|write|use)"
            r"|account (?:stays|is|was)|you can pay|in the name of|scam\w*|fraud\w*|pretend\w*",
        ),
    ),
    Sign(
        "minimises",
        words(
            rf"(?:a|an|some|this|such|so|one|the|just|only|very|quite)(?: \w+)?,? {SMALL} (?:\w+ )?{TROUBLE}",
            rf"{SMALL} (?:glitch|hiccup|hitch|snag|blip|inconvenience)\w*|so {SMALL} an?",
            r"(?:it|this|that|what you \w+|which)(?:'s| is| was) (?:all )?(?:only|just|merely|simply|nothing (?:more"
            r"|but))(?! (?:fair|right|natural|possible|for|in|on|at|until|when|after|before|as|to|so|payments"
            r"|transfers|cards|us|you|those))",
            r"no big deal|(?:not|hardly|isn't) (?:such )?(?:a|the) (?:big|great|end of the|huge"
            r"|real)\b.{0,12}(?:deal|world|problem|issue|disaster|tragedy)",
            r"nothing (?:too |very |really |particularly )?(?:dramatic|serious|to worry about|major|special|terrible"
            r"|unusual|to be (?:worried|alarmed|upset|afraid)|to get (?:worked up|upset)|out of the ordinary)",
            r"(?:no|little|hardly any|any) (?:real |good )?(?:need|reason|cause|point|occasion|grounds) (?:to|for"
            r"|in) (?:worr\w+|panic\w*|alarm\w*|be (?:so |too )?\w*(?:upset|alarmed|worried|angry|concerned|dramatic"
            r"|afraid)|get\w* (?:so )?(?:upset|angry|worked up|excited|emotional)|concern|(?:a )?fuss|drama\w*"
            r"|excitement|make)",
            r"(?:don't|do not|please don't|try not to) (?:worry so|worry too|make (?:such )?a|overreact"
            r"|panic(?! if)|be so"
            r"|get so|take it so|exaggerate|stress)",
            r"(?:these|such|those) things (?:do |can |just |will )?happen|happens (?:to|in|at) (?:everyone|every|all"
            r"|any|the best)|could(?:'ve| have)? (?:be|been) (?:much |far |a lot )?worse|worse things|overreact\w*"
            r"|blow\w* .{0,20}out of proportion|storm in a teacup|mountain\w* out of|hardly (?:a|an|worth|long"
            r"|matters?|noticeabl\w+)",
            r"(?:at|by) some point|sort (?:itself|themselves) out|when (?:it|they)(?:'s| is|'re| are)? (?:there"
            r"|ready|good)|turns? up eventually|(?:only|just|barely) (?:a )?(?:few|couple|one|two|three"
            r"|some)(?: of)? (?:\w+ )?(?:payments?|customers?|euros?|cents?|pounds?|fees?|bills?|transfers?)",
            r"(?:others?|other customers|many(?: others| people| customers)?|some people|most people) (?:have|has"
            r"|had|are|were) (?:\w+ )?(?:it worse|waited|been waiting|worse off|bigger|far worse|it much worse"
            r"|suffering)",
            r"not (?:that|so|too) bad|barely noticeable|big fuss|what's the (?:fuss|rush|hurry|problem)",
            r"you(?:'ll| will| can) (?:surely|easily|certainly) (?:manage|survive|cope)|(?:live|do|cope"
            r"|manage) without (?:it|your|a|the)",
        ),
        words(
            r"not an? (?:small|little|minor|tiny|slight|short)|no (?:small|little|minor)|(?:was|is)(?:n't"
            r"| not) (?:just|only|an?)|sounds? like|may (?:seem|sound|look)|(?:for|to) (?:you|many"
            r"|some) .{0,30}(?:great|big|hard|large)",
            r"small(?:er)? (?:amounts?|sums?|payments?|businesses|transfers?) (?:go|work|are|can|up|below|under)",
            r"(?:it|this) was only a test|(?:no|each|every|any|question) (?:question|detail|sum"
            r"|amount) (?:is )?too (?:small|little)"
            r"|too small to",
        ),
    ),
    Sign(
        "blames",
        words(
            rf"if you(?:'d| had)(?: \w+ly| ever| at least| also)? {DID}"
            r"|(?<!what )(?<!which )(?<!that )had you(?! (?:been able))",
            r"you (?:really |simply |clearly |just )?(?:should|could|ought to|might)(?: not|n't)? (?:\w+ly "
            rf"|just )?have (?!heard|noticed|seen|received){DID}",
            r"you (?:must|will|'ll) (?:surely |probably |simply |clearly )?have (?:\w+ed|put|done|made|forgotten"
            r"|chosen|got|given|mis\w+|lost|written)",
            r"(?:'s|is|was|lies|be|been|are) (?:\w+ )?(?:your (?:own )?(?:fault|responsibility|mistake|problem|error"
            r"|doing|choice|risk|decision|business)|on you)|(?:fault|error|mistake|responsibility|blame"
            r"|problem) (?:is|lies|was|must be) (?:\w+ )?(?:with|on) you|(?:fault|error|mistake) (?:is|was) yours",
            r"your own (?:\w+ )?(?:responsibility|fault|choice|mistake|doing|error|risk|carelessness|negligence"
            r"|making)",
            r"you (?:have )?(?:failed|forgot|forgotten|neglected|ignored|overlooked|omitted|chose to)",
            r"you (?:did not|didn't|had not|hadn't|haven't|have not) (?:\w+ )?(?:read|check\w*|follow\w*|set|tell"
            r"|told|plan\w*|listen\w*|pay|paid|bother\w*|think|thought|act\w*|update\w*|keep|kept|prepare\w*"
            r"|notice\w*|look\w*)",
            r"because you (?:\w+ )?(?:waited|did|chose|had|were|left|paid|used|forgot|entered|never|kept|didn't"
            r"|only)",
            r"yourself to blame|blame yourself|careless\w*|irresponsib\w+|negligen\w+|reckless|unwise|foolish|naive"
            r"|silly of|hardly our (?:fault|problem)|(?:not|isn't|wasn't|never) (?:\w+ )?(?:our|the bank's) (?:fault"
            r"|mistake|doing|error)",
            r"next time,? (?:please |just |perhaps |maybe |you (?:should|could|had better|must|might) )*(?:bring"
            r"|plan|read|make|pay|keep|think|check|be|should|have|remember|carry|take|try|use|do)",
            r"plan(?:ned)? (?:ahead|better)|(?:be|been) (?:a (?:bit|little) )?more (?:careful|attentive|prepared"
            r"|organi[sz]ed)",
            r"we (?:did |had |have |clearly |also )*(?:(?:warned|advised|told|asked|reminded) (?:\w+ )?you"
            r"|recommend(?:ed)? (?:\w+ )?(?:that|this|it|you)(?! you| use)|warned (?:about|of))|as (?:we|i) (?:asked"
            r"|advised|warned|recommended)|you were (?:\w+ )?(?:warned|informed|advised|reminded|told (?:about|of|in"
            r"|to))|no point in complaining|as a customer you (?:are (?:responsible|expected|obliged)|have to|must"
            r"|should)",
            r"user error|(?:wise|sensible|responsible|careful|prudent|organi[sz]ed) (?:people|customers|persons?"
            r"|adults?)",
        ),
        words(
            r"not (?:your|yours|you)(?: fault|r)?|(?:isn't|wasn't|never) your|our (?:responsibility|fault|mistake"
            r"|failure)",
            r"you (?:should|could|might|ought to)(?: not|n't)? have (?:heard|had to|been|received|got|learned|found"
            r"|seen|to)",
            r"you were told (?:wrong|the wrong|something|two|different)|we told you (?:wrong|something|too|the wrong"
            r"|that your (?:money|payment)|\w+ that was|yesterday|at|on|\w+day)|we (?:should|ought"
            r"|could) (?:\w+ )?have"
            r"|if you (?:had to|had done|did|have|forgot|do|are|were)",
            r"we(?: have|'ve)? (?:told|asked|informed) (?:you )?(?:too|late|your|the|them|everyone at)"
            r"|nothing wrong|happens to",
        ),
    ),
    Sign(
        "refuses",
        words(
            r"(?:won't|can't|cannot|don't|(?:will|do|can|shall|are) not) (?:be )?(?:discuss\w*|debat\w*|negotiat\w*"
            r"|argu\w*|reconsider\w*)",
            r"decision (?:is|stands)(?: \w+)? (?:final|firm|made)?|(?:case|matter|discussion|subject|claim"
            r"|complaint)(?: is| now| as)* (?:closed|settled|finished)(?! (?:in your|with|when|as soon))",
            r"(?:don't|do not|not) (?:send|write|contact|call|mail|message|e-?mail|bother)\b.{0,25}\b(?:again"
            r"|any ?more|more|any further|about (?:it|this))|live with (?:it|that|this)|put up with (?:it|that)"
            r"|(?:you|must|have to|will) (?:just |simply )?(?:have to |must )?accept (?:it|that|this)",
            r"find (?:the |some )?(?:money|another|other|a way|some other)\b.{0,20}\b(?:way|yourself|elsewhere|bank"
            r"|money)",
            r"nothing (?:more |further |else )?to (?:add|discuss|say)|that is (?:that|the end of it)|end of (?:story"
            r"|discussion)|take it or leave it|goodbye|tough luck|bad luck|that's life|you(?:'ll|'d| must| will"
            r"| just| should| simply| have| need| to)+ deal with it|so be it|too bad",
        ),
        words(
            r"did not|we (?:will|do) (?:not|never) call|we do not consider|not (?:be )?closed|stays open"
            r"|we (?:will |can )*find",
            r"together|help you find|not (?:live|put up|accept)",
        ),
    ),
    Sign(
        "refuses",
        words(
            r"nothing (?:more |else |further )?(?:that )?(?:we|i|the bank|anyone|anybody|they|can|could|to be done"
            r"|to do)",
            r"(?:we|i|the bank|our \w+|nobody|no one)(?: \w+ly| also| simply| just)? (?:can|could|will|do|are|am|is"
            r"|shall|would)(?: not|n't|not)(?: \w+ly| be| in a position to| able to| going to| possible to"
            r"| do)* (?:help\w*|assist\w*|do|change|pay\w*|refund\w*|compensat\w*|offer|answer|give|accept|make|look"
            r"|consider|cover)",
            r"(?:we|i|the bank|nobody|no one)(?:'re|'m| are| am| is|) (?:\w+ )?(?:unable|not able|powerless"
            r"|no longer able)(?: (?:help|do|assist|refund|pay)|,? to)?|(?:won't|cannot|can't|couldn't) (?:help"
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
            r"(?:simply|just|all you can do is|nothing but)(?: have to| need to| must| to)* (?:wait|hang|sit tight)",
            r"wait (?:like|your turn|and see|it out)|sit tight|hang (?:on|in) there|like (?:every(?:one|body) else"
            r"|the rest|any other)|wait(?:ing)? your turn",
            r"as (?:we|i|my colleague)(?: have|'ve| has)?(?: already| repeatedly| clearly| just"
            r"| previously)* (?:said|told|explained|stated|mentioned|written|pointed)|already (?:told|said|answered"
            r"|explained)(?! (?:them|him|her|your|the|our))|(?:told|said|explained) (?:you |this |that "
            r"|it )*(?:already|before|once|twice|many)|heard you the first|how many times|(?:we|i) (?:have"
            r"|'ve)(?: already)? noted your|for the (?:last|third|\w+th) time",
            r"too busy|better things|some other time|another time|(?:have|had|got) no time|don't have (?:the )?time"
            r"|have more (?:important|urgent)|more (?:important|urgent|pressing) (?:things|matters|cases|than|tasks)",
            r"comes? (?:back )?when (?:it|they) comes?|when (?:there is (?:some|any)thing|some(?:body|one) (?:has"
            r"|finds|gets) (?:the )?time|we (?:have|find|get) (?:the )?time|we get (?:around|round) to|we feel"
            r"|it suits us|it's your turn)",
            r"not more important|getting (?:angry|upset)|(?:being|getting|shouting|complaining|anger|calling"
            r"|asking)\b.{0,25}(?:won't|will not|not|doesn't) (?:make|help|speed|change|bring|get|solve)",
            r"let (?:our|the|them) (?:\w+ )?(?:technicians|engineers|people|team|experts|do|work|get on|finish"
            r"|handle it)|sooner or later|(?:mind|watch) your|wasting our",
        ),
        words(
            r"patient with us|(?:we|i|us|ourselves)(?: \w+)? (?:must|have to|need to|should|will"
            r"|shall) (?:\w+ )?(?:be|wait|have)"
            r"|(?:you (?:do|need|should|did|must)(?: not|n't)|nobody|never|no need to|need not"
            r"|not have to)\b.{0,14}(?:calm|wait|relax|be patient|call|ask|write|hurry)|(?:rather than|instead of"
            r"|without) (?:asking|telling)|wait here|so that you|for (?:your )?patience|payments? .{0,20}wait"
            r"|transfers? (?:\w+ )?wait|(?:call|ask|write|contact)\w* (?:them|him|her|it)|suits|choose|at \d"
            r"|we have told (?:them|the)|busy signal|anything to hide|us for (?:your|codes)|asks? for",
        ),
    ),
    Sign(
        "brushes_off",
        words(
            r"(?:will|must|need|have)(?: have)? to wait|wait (?:until (?:it|we|someone|somebody|the system)|a (?:bit"
            r"|little|while))|bear with us|(?:very|quite|extremely|really|so) busy|not the only (?:one|customer"
            r"|person)|in due (?:course|time)",
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
            r"|cloud has|(?:super|so|really|very|thrilled|excited|delighted|overjoyed)(?: \w+)? to (?:announce|tell"
            r"|share|report|inform|say)|super|awesome|fantastic|wonderful|amazing|brilliant|exciting|thrilling"
            r"|adventure|hilarious|fun|magical",
            r"(?:little|short|well-earned|small|quick|bit of a|tiny) (?:nap|break|holiday|detour|rest|vacation"
            r"|siesta|snooze)|nap|enjoy\w* (?:the|your|a|this|some) (?:\w+ )?(?:break|day off|rest|peace|quiet"
            r"|silence|surprise|time|sun|weather)|(?:grab|have|make|get|pour) (?:yourself )?(?:a|some) (?:nice "
            r"|cup of |hot )?(?:coffee|tea|cuppa|snack|drink)",
            r"(?:chance|opportunity|excuse) to (?:\w+ )?(?:save|relax|rest|unwind|read|walk|meet|enjoy|slow)"
            r"|day without (?:spending|shopping|money|banking)|can't (?:over)?spend"
            r"|thanks? (?:you )?for being (?:so )?(?:awesome|great|amazing|part|our|a|the|such)|our bad",
        ),
        words(r"weather service|not (?:fun|wonderful|exciting)"),
    ),
    Sign(
        "false_cheer",
        words(
            r"no worries|(?:pleased|proud|happy) to (?:announce|tell|share|report|inform)",
            r"(?:great|good|wonderful|fantastic) news|[\U0001f600-\U0001f64f\U0001f389]",
        ),
        alone=True,
    ),
    Sign(
        "elsewhere",
        words(
            r"instead of (?:contacting|calling|writing|asking|bothering|troubling)|not our (?:problem|department"
            r"|business|job|concern|affair|matter)|none of our (?:business|concern)|(?:not|no"
            r"|isn't) an? (?:\w+ )?(?:social|charity|charitable|welfare|advice|travel agency|food|help ?desk"
            r"|lender of)|free to (?:leave|find|go|switch|change|move|take your)|(?:find|choose|look for|switch to"
            r"|change to) (?:yourself )?(?:another|a different|a new) bank|take your (?:money|business) elsewhere"
            r"|someone else's (?:problem|job)|we only (?:do|handle|run|process|provide)",
        ),
        words(r"not a charity case|help you (?:move|find|switch)"),
    ),
    Sign(
        "elsewhere",
        words(
            r"(?:contact|call|ask|talk (?:to|with)|speak (?:to|with)|turn to|write to|in touch with|check with|go to"
            r"|try|address|up with|complain to|discuss (?:it|this|that) with|matter for|between you and|apply to"
            r"|refer you to|ring) (?:the |your |an? |their |another |our "
            rf"|them\b.{{0,3}})*(?:\w+ )?{OTHERS}",
            r"(?:take|raise|discuss|settle|sort) (?:it|this|that) (?:up |out )?with|(?:see|use|visit|check|consult"
            r"|read|find|look|search|refer|go|answered|explained|stands|is|written)\b.{0,30}\b(?:web ?sites?"
            r"|web ?pages?|help pages?|faqs?|home ?page|internet|online|manual)|wrong (?:department|number|place"
            r"|person|team|office|desk)|(?:we|i) (?:do not|don't) (?:deal|handle|do|take|cover|concern)|not (?:the"
            r"|my) (?:right )?(?:department|area|responsibility)|find the (?:right )?number|someone else"
            r"|somewhere else|other channels|a different department|another department",
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
            r"(?:pursuant to|as set out in|as stated in|with reference to|we refer (?:you )?to)|(?:section|clause"
            r"|paragraph|article) \d+|not (?:be )?(?:liable|obliged|required|entitled|responsible|eligible)"
            r"|no (?:liability|obligation|right|claim|duty|legal)|disclaim\w*|(?:make|allow\w*|grant|permit|an?"
            r"|any) exceptions?|you (?:\w+ )?(?:agreed|accepted|signed|consented)|treat (?:everyone|all|everybody)"
            r"|accept no|reserve the right|the right form|deadline for (?:claims|complaints)|formal requirements"
            r"|within the (?:rules|limits)",
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
            r"are you (?:\w+ )?(?:sure|certain|positive)(?: that)? (?:you (?:actually|really|did|had|lost|were|have"
            r"|tried|sent|paid|\w+ed)|it (?:was|really|happened)|this (?:was|really|happened)|there was|it is not"
            r"|your .{0,20}(?:was|really))|did you (?:really|actually)|have you (?:really|actually)|you (?:claim"
            r"|allege|assert|pretend|maintain|insist|imagine)(?:ed|d)? (?:that|to|your|you|the card|it|we|our)"
            r"|your (?:claim that|alleged|(?:version|story) (?:of|is|sounds|does))|alleged\w*|supposed(?:ly)"
            r"|so-called|according to you|if (?:what you say|that is|it is|you are telling)\b.{0,10}(?:true|truth)"
            r"|by your own account",
            r"(?:hard|difficult|impossible|strange|odd|unlikely) to (?:believe|imagine|understand how you"
            r"|see how you|credit)|(?:no|little) (?:reason to believe (?:that|you|this|it)|(?:evidence|trace|proof"
            r"|sign|record) (?:of (?:that|this|it|your|any such)|for (?:that|this|your)|that you))|we (?:doubt"
            r"|(?:question|suspect|wonder)(?: whether| if| that)? you)|(?:do not|don't|cannot"
            r"|can't) (?:\w+ )?believe (?:you|that you|this|your|it)|(?:that|this|it) (?:can't|cannot|can not"
            r"|could not|couldn't) (?:really )?be (?:right|true|correct|so)|not (?:credible|plausible|believable"
            r"|what our)|(?:sounds?|seems?|looks?|appears?) (?:\w+ )?(?:unlikely|doubtful|implausible|strange|odd)"
            r"|unlikely (?:that you|story)",
            r"(?:our|the) (?:records?|logs?|systems?|data) (?:clearly )?(?:shows?|says?|tells?"
            r"|indicates?) (?:us )?(?:nothing|no|that nothing|that every|otherwise|something|that (?:your"
            r"|the) .{0,20}(?:fine|worked|normal))|(?:no other (?:customer|person)s?|nobody else|no one else"
            r"|nobody but you) (?:has |have )?(?:\w+ )?(?:report|complain|notic|mention|had)\w*|exaggerat\w*"
            r"|(?:stick|keep) to the facts|without (?:any )?(?:proof|evidence|documentation)|prove (?:it|that)"
            r"|any(?:one|body) (?:could|can) (?:say|claim)|(?:problem|fault|error|cause|it|trouble) (?:must be|lies"
            r"|is|was) (?:\w+ )?(?:at|on) your (?:end|side)|be honest with us|tell(?:ing)? (?:us )?the truth"
            r"|made (?:it|this|that|the) (?:\w+ )?up|you (?:\w+ )?invented|a (?:likely|good|nice) story",
        ),
        words(
            r"(?:do not|don't|need not|not|never) (?:have to |need to |ask you to )*(?:prove|doubt|question)"
            r"|without (?:any )?proof is|no reason to doubt|(?:even|also) without|we cannot see|pay .{0,20}without"
            r"|you(?:'re| are| were) right|refund\w* .{0,20}without|approved? .{0,20}without",
        ),
    ),
    Sign(
        "sarcasm",
        words(
            r"congratulations|well done|bravo|how (?:terrible|awful|tragic|dreadful|sad|horrible|interesting|clever"
            r"|nice of you|very)|(?:thank you|thanks)(?: so much| very much)? for (?:explaining (?:to us |us )?how"
            r"|teaching|telling us how to|the (?:lecture|lesson)|enlightening|your (?:wisdom|expert|kind (?:lesson"
            r"|lecture)))",
            r"(?:we|i) (?:do |really |sincerely |just )?(?:hope|trust)(?: that)? you(?:'ll| will| can"
            r"| have)? (?:\w+ )?(?:surviv\w+|get over)|just to (?:annoy|spite|irritate|bother|tease)|to (?:annoy"
            r"|spite) you|any other (?:theories|demands|wishes|complaints)|(?:sure|right|yes), (?:because|blame"
            r"|it's all|we (?:did|switched|broke|planned))|drop everything|wisdom|genius|sherlock|(?:poor"
            r"|unlucky) you",
            r"(?:oh|wow|gosh|ah)(?:,| dear| no| yes| my| well)+ (?:of course|we're so|how|what|so|because|you"
            r"|congratulations|another)|heaven forbid|what an? (?:tragedy|disaster|shame|catastrophe|nightmare"
            r"|surprise|drama|shock)|my heart (?:bleeds|breaks)|(?:clearly|obviously) you (?:know|are|think|could)"
            r"|as if we|magic wand|roll out the red carpet|first thing on our minds?|your majesty|expert like you"
            r"|crystal ball|call you first",
        ),
        words(r"cards? .{0,20}on purpose|not on purpose"),
    ),
)
