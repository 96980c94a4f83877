-- What words mean in a reply. Phrases are written as hil.folded() makes them: lower case, no accents, spaces for
-- apostrophes (but dont, cant); "gebe ... frei" has words in between. The longest phrase wins.
--   approve, reject   say the decision          yes, no     agree or not, weaker      not   negates its clause
--   if, maybe, later  leave it open             but         limits what was said      ask   begins a question
--   irony             is not meant              third       somebody else's decision  place a decision's object
--   change, instead   announce an edit          forward     gives it to somebody      filler  says nothing
--   auto, absent      come from machines        spam        is about something else
--   command, rules    together tell a machine to drop its rules
--   machine           a machine is addressed    claim       is no reply of a person
create function hil.lexicon_rows()
returns table (language text, kind text, phrases text)
language sql
immutable
security invoker
set search_path = ''
as $$
  values
    ('*', 'yes', 'emojiyes | +1 | lgtm | ok | okay | okey | oki | okok | k | kk | y | ack'),
    ('*', 'no', 'emojino | -1 | nack | nak'),
    ('*', 'irony', 'emojiirony | /s | lol | lmao | rofl | haha | hahaha | jaja | jajaja | kkkk | kkkkk | rsrs | mdr | ptdr'),
    ('*', 'ask', 'emojiask'),
    ('*', 'filler', 'emojismile | fyi | pls | plz | thx | ty | asap'),
    ('*', 'auto', 'autoreply | auto reply | auto response | autoresponder | noreply | mailer daemon | ooo'),
    ('*', 'machine', 'chatgpt | gpt | llm | gemini | claude | copilot | openai'),
    ('*', 'claim', 'jailbreak | sudo | systemprompt'),

    ('en', 'yes', 'accept | accepted | i accept | go ahead | please go ahead | please proceed | proceed | granted | confirmed | i confirm | confirm | cleared | released | endorse | endorsed | yes | yep | yeah | yup | yess | ya | sure | sure thing | fine | alright | all right | agreed | i agree | agree | '
      'sounds good | looks good | looks good to me | looks fine | looks right | good to go | all good | fine by me | fine with me | '
      'works for me | ok with me | ok by me | absolutely | definitely | of course | certainly | no problem | no problems | no objection | '
      'no objections | no concerns | no issues | not a problem | nothing against it | why not do it | correct | perfect | '
      'go for it | do it | ship it | please do | by all means | thumbs up | affirmative | roger | aye | indeed | totally | makes sense'),
    ('en', 'approve', 'approve | approved | approves | approving | i approve | we approve | approval | approval granted | aproved | approvd | '
      'aprove | apporved | apprved | appoved | aprroved | approoved | '
      'you can go ahead | you may go ahead | you may proceed | you can proceed | green light | greenlight | '
      'you have my approval | you have my ok | you have my go | you have my blessing | authorise | authorize | authorised | authorized | '
      'permission granted | signed off | sign off | i sign off | happy to approve | '
      'consider it approved | give it a go'),
    ('en', 'reject', 'reject | rejected | rejecting | rejcet | rejcted | rejeted | i reject | decline | declined | declining | i decline | '
      'deny | denied | i deny | refuse | refused | i refuse | disapprove | disapproved | i disapprove | veto | vetoed | turn down | '
      'turn it down | turned down | disagree | i disagree | no way | no thanks | no thank you | absolutely not | definitely not | '
      'certainly not | of course not | hell no | by no means | not acceptable | unacceptable | not ok with me | do not proceed | dont proceed | '
      'dont do it | do not do it | dont do this | dont do that | stop it | stop this | cancel it | cancel this | kill it | not happening | permission denied | '
      'thumbs down | not a chance | no chance | please dont | out of the question | over my dead body | unapproved | no go | nogo | not going to happen'),
    ('en', 'no', 'no | nope | nah | nay | negative | noo | nooo'),
    ('en', 'not', 'not | dont | cant | cannot | wont | isnt | arent | doesnt | didnt | never | wouldnt | shouldnt | couldnt | havent | hasnt | aint | '
      'unable | without | neither | nor | none | nobody | refrain | nothing | hardly | far from | rather than | against | wasnt | stop'),
    ('en', 'filler', 'great | good | a | an | the | i d take | i d like | i d prefer | i would like | i d go with | this | that | it | its | i | m | my | me | we | us | our | you | your | am | is | are | be | been | have | has | '
      'on | of | for | in | from | side | part | end | and | so | to | with | just | hereby | please | thanks | thank | thank you | many thanks | much | very | again | '
      'hi | hello | hey | dear | team | all good here | everyone | folks | morning | good morning | afternoon | good afternoon | good evening | cheers | best | regards | kind | sincerely | request | refund | '
      'payment | invoice | budget | order | purchase | expense | as is | as proposed | as requested | as discussed | as planned | as it is | now | today | '
      'here | there | formally | fully | gladly | happily | too | also | s | ve | ll | amount | total | one | im | ive | quick | quickly | note | then | '
      'let me know if | let us know if | if you need anything | if anything else | if you have questions | if you have any questions | if there are questions | if needed | when you can | when ready | '
      'dont hesitate | cant wait | no worries | for the record | after review | after reviewing | after careful review | after checking | reviewed | checked | i have reviewed | i checked | no doubt | no need | nothing else | '
      'no further changes | without changes | without changes needed | no changes needed | no changes | no further questions | no questions | nothing to add | not needed anymore | final answer | nice work | good work | well done | good job | nice | job | work'),
    ('en', 'but', 'but | however | except | although | though | yet | provided'),
    ('en', 'if', 'if | unless | only if | provided that | as long as | so long as | assuming | once | until | subject to | depending | depends | when | after | before | '
      'only when | on condition | conditional | conditionally | contingent | pending | up to | at most | in case | whenever | on the condition | otherwise | given that | only'),
    ('en', 'maybe', 'too much | too high | too expensive | by mistake | wrong | maybe | perhaps | probably | possibly | i think | i guess | i suppose | not sure | unsure | kind of | sort of | might | may | could | would | should | d | '
      'seems | in theory | theoretically | in principle | no idea | dont know | no clue | not certain | undecided | doubt | doubtful | not convinced | tempted | leaning | '
      'not opposed | on the fence | mixed feelings | whatever | meh | hmm | hm | i see | hard to say | not necessarily | dunno | yes and no | hopefully | ideally | almost | partly | partially | tentatively | normally | usually'),
    ('en', 'later', 'later | wait | hold on | hold off | on hold | hang on | not yet | not now | not today | tomorrow | next week | let me check | let me look | let me think | let me ask | '
      'i ll check | i ll look | i ll ask | i ll think | i ll approve | i will approve | i will check | i will ask | i ll get back | i ll review | i will review | get back to you | need more | need to | '
      'need time | more info | more information | more details | reviewing | will review | looking into | checking | still waiting | remind me | give me | in a meeting | bear with me | will | ll decide | going to | '
      'i need | we need | first need | want to | trying to | about to'),
    ('en', 'ask', 'who | what | whats | why | where | which | how | how come | can i | can we | can you | could you | could i | should i | should we | shall i | may i | do i | do we | '
      'do you | does this | does it | is this | is it | is that | are you | are these | was this | did you | did we | have you | has this | has anyone | would you | will this | will it | when will | when is | when does | whose | wdym'),
    ('en', 'irony', 'yeah right | yeah sure | sure jan | oh great | oh sure | oh yes sure | oh wonderful | oh brilliant | oh fantastic | as if | burn | money pit | what could go wrong | what could possibly go wrong | genius | '
      'brilliant | pigs fly | hell freezes over | ha ha | very funny | nice try | good joke | joking | kidding | just kidding | waste | bankrupt | fantastic idea | what a great idea | great idea as always | '
      'because that went so well | that went well | why dont we also | while we re at it | while you re at it | like last time | as always | my favorite | my favourite | in your dreams | dream on | keep dreaming | obviously a great | who needs | sarcasm | '
      'money grows on trees | grow on trees | free money | slow clap | bravo | sure sure | sure whatever | right right | totally not | love it when | just what we needed | exactly what we needed | best idea ever | what else'),
    ('en', 'third', 'has been approved | have been approved | was approved | must be approved | he | she | they | legal | finance | boss | manager | somebody | someone | others | said | says | told | was | were | has been | had | on behalf of | according to | him | her | them | '
      'ceo | cfo | hr | everybody else | another | thinks | claims | got approved | gets approved | being | previously | earlier | last week | last month | yesterday | last time | usual'),
    ('en', 'change', 'change | set | make | make it | update | reduce | increase | lower | raise | use | put | correct | adjust | replace | switch | edit | modify | rename | cap | limit | bump | cut | move'),
    ('en', 'instead', 'instead of | instead | rather than'),
    ('en', 'forward', 'ask | please ask | forward | forward to | forward it to | forward this to | please forward | talk to | check with | speak to | reach out to | contact | reassign | reassign to | assign to | '
      'assign it to | assign this to | send to | send it to | send this to | pass to | pass it to | pass this to | hand over to | hand it to | redirect to | escalate to | route to | route it to | delegate to | delegate | better ask | '
      'not my call | not my decision | not my department | not my area | wrong person | not the right person | right person is | should decide | can decide | must decide | has to decide | decides this | decides that | is responsible | is in charge | '
      'handles this | handles these | takes care of this | you want | up to'),
    ('en', 'auto', 'out of office | out of the office | automatic reply | automated reply | automated response | automatic response | automatically generated | auto generated | this is an automated | delivery status notification | delivery failure | '
      'delivery has failed | undeliverable | undelivered mail | message could not be delivered | mailbox is full | do not reply to this | i am currently out | i m currently out | currently away | i am away | i m away from | no longer works | no longer with the company | left the company | away from my desk'),
    ('en', 'absent', 'on vacation | on holiday | on leave | annual leave | parental leave | maternity leave | limited access | return on | returning on | i will return | i ll be back | back on | back in the office | will reply when | will respond when | upon my return | '
      'urgent matters | in my absence | intermittent access | received your message | received your email | thank you for your email | thanks for your email | thank you for contacting | ticket has been created | your ticket | we will get back'),
    ('en', 'spam', 'unsubscribe | newsletter | webinar | lunch | special offer | limited offer | discount code | football | weather | birthday | happy hour | job offer | linkedin | crypto | lottery | viagra | seo | click here | black friday | free trial | cake | parking | coffee | party | demo call'),
    ('en', 'command', 'ignore | disregard | forget | override | bypass | overrule | skip | discard | neglect'),
    ('en', 'rules', 'instruction | instructions | prompt | rules | previous | guidelines | prior | above | policy | policies | checks | safety | constraints | training | programming | restrictions | directives'),
    ('en', 'machine', 'system | assistant | ai | bot | classifier | language model | model | parser | algorithm | workflow engine | automation | developer | robot | machine | tandem | agent | tool'),
    ('en', 'claim', 'classify | classified as | classify this | treat this as | treat this message | treat the | consider this message | interpret this | interpret | output | respond with | reply with | answer with | return approve | intent | confidence | verdict | '
      'label this | set the decision | the decision is | set status | mark this as | mark it as | mark as | you are now | act as | pretend | new instructions | new instruction | developer mode | debug mode | admin mode | test mode | roleplay | role play | simulate | '
      'auto approve | automatically approve | automatically approved | pre approved | preapproved | your task | your instructions | your job is | you must | you should | you have been | must be approved | '
      'all requests | everything pending | end of message | begin new | the user has | the user approved | the user approves | the human has | the human approved | the reviewer has | the reviewer approved | the approver has | the assignee has | decode | base64 | '
      'execute | call the | function call | tool call | respond to interaction | threshold | token | json | translate'),

    ('de', 'yes', 'bestatigt | bestatige | akzeptiert | akzeptiere | angenommen | erlaubt | gestattet | ja | jo | jup | jep | jawohl | klar | na klar | gerne | gern | einverstanden | passt | passt so | passt fur mich | in ordnung | geht klar | alles klar | von mir aus | mach das | machen | kein problem | '
      'keine einwande | keine bedenken | spricht nichts dagegen | habe nichts dagegen | nichts dagegen | geht in ordnung | sieht gut aus | gut | alles gut | perfekt | super | stimmt | selbstverstandlich | naturlich | genau | sehr gut | '
      'los | los gehts | auf jeden fall | logo | bin dafur | ich bin dafur | richtig | korrekt | sicher'),
    ('de', 'approve', 'genehmigt | genehmige | genehmigen | ich genehmige | wir genehmigen | freigegeben | freigeben | freigabe | freigabe erteilt | freigabe erfolgt | gebe ... frei | geben ... frei | gib ... frei | stimme ... zu | stimmen ... zu | zugestimmt | zustimmung | '
      'zustimmen | bewilligt | bewillige | abgesegnet | grunes licht | genemigt | genehmight | freigegben | freigegebn | meine zustimmung | meine zustimmung haben sie | meine zustimmung hast du | kann raus | kannst du machen | konnen sie so machen | darf raus'),
    ('de', 'reject', 'abgelehnt | ablehnen | ablehnung | lehne ab | lehne ... ab | lehnen ... ab | lehn ... ab | zuruckgewiesen | weise ... zuruck | zuruckweisen | verweigert | verweigere | nicht genehmigt | nicht einverstanden | auf keinen fall | keinesfalls | '
      'kommt nicht in frage | geht nicht | geht gar nicht | geht so nicht | das geht nicht | nicht freigegeben | untersagt | dagegen | bin dagegen | ich bin dagegen | abgeleht | abgelent | abgelehn | niemals | nie im leben | nicht machen | lass das | lasst das | stoppen | nein danke | vergiss es | auf gar keinen fall | widerspreche | veto'),
    ('de', 'no', 'nein | nee | no | nope | ne | nein nein | negativ'),
    ('de', 'not', 'nicht | kein | keine | keinen | keiner | keinem | keineswegs | nie | ohne | nichts | niemand | weder | kaum | nich | ned | net | gegen'),
    ('de', 'filler', 'frei | ab | zuruck | ich | wir | du | sie | das | die | der | den | dem | des | dies | dieser | diese | diesen | dieses | es | ist | sind | bin | hab | habe | haben | so | fur | mich | mir | uns | meiner | meine | mein | seite | seits | meinerseits | hiermit | '
      'bitte | danke | dank | vielen | vielen dank | besten | hallo | moin | guten | tag | morgen zusammen | guten morgen | guten tag | zusammen | liebe | lieber | grusse | gruss | viele grusse | mit freundlichen grussen | freundlichen | mfg | lg | vg | und | von | zu | zur | zum | auf | in | im | an | auch | '
      'ein | eine | einen | wie | wie besprochen | wie vorgeschlagen | wie angefragt | antrag | anfrage | rechnung | zahlung | bestellung | erstattung | ruckerstattung | betrag | budget | jetzt | heute | sofort | gerne so | nun | dann | mal | ja auch | nach prufung | gepruft | habe gepruft | '
      'sag bescheid wenn | meldet euch wenn | melde dich wenn | melden sie sich wenn | bei fragen | wenn du noch etwas brauchst | falls ihr noch etwas braucht | ohne anderungen | keine fragen | keine anderungen | nichts weiter | kein thema | ware | hat | hatte gern | gute arbeit | als | am | beim | aus | ihr | euch | sehr | alle'),
    ('de', 'but', 'aber | jedoch | allerdings | ausser | sondern | nur'),
    ('de', 'if', 'wenn | falls | sofern | sobald | vorausgesetzt | unter der bedingung | unter vorbehalt | vorbehaltlich | solange | nachdem | bevor | erst wenn | nur wenn | es sei denn | je nachdem | abhangig | hangt davon ab | bis | maximal | hochstens | soweit | erst | ansonsten | sonst'),
    ('de', 'maybe', 'zu viel | zu hoch | zu teuer | fehlt | falsch | vielleicht | eventuell | evtl | moglicherweise | wahrscheinlich | ich glaube | ich denke | glaube | denke | vermutlich | nicht sicher | unsicher | weiss nicht | keine ahnung | wurde | konnte | sollte | durfte | mochte | jein | hm | hmm | mal sehen | schwer zu sagen | naja | na ja | egal | grundsatzlich | im prinzip | eigentlich | teilweise | theoretisch | kann sein | anscheinend | normalerweise | hoffentlich'),
    ('de', 'later', 'spater | warte | warten | moment | einen moment | noch nicht | jetzt nicht | nicht jetzt | morgen | nachste woche | muss noch | ich schaue | schaue mir | schau mir | ich prufe | prufe | prufen | ich frage | klare das | melde mich | brauche noch | brauche | brauchen | benotige | benotigen | mehr infos | mehr informationen | mehr details | bin im meeting | gleich | werde | ich muss | wir mussen | muss erst'),
    ('de', 'ask', 'wer | was | warum | wieso | weshalb | wann | wo | welche | welcher | welches | wie viel | wieviel | wie hoch | kann ich | konnen wir | soll ich | sollen wir | darf ich | kannst du | konnen sie | konntest du | konnten sie | ist das | ist dies | hast du | haben sie | muss ich | wofur | worum | gibt es | wessen'),
    ('de', 'irony', 'ja klar | ja genau | ja ja | jaja | ja sicher | ja ne is klar | ja nee is klar | na toll | na super | na bravo | von wegen | is klar | ist klar | ganz toll | tolle idee | geniale idee | super idee | verbrennt | verbrennen | aus dem fenster | fenster werfen | wer braucht schon | was soll schon schiefgehen | was kann da schon schiefgehen | scherz | witz | witzig | ironie | pleite | traum weiter | traumt weiter | wie immer | hat ja letztes mal | wir habens ja | haben s ja | haben ja genug | geld wachst'),
    ('de', 'third', 'er | hat gesagt | sagt | sagte | rechtsabteilung | chef | chefin | vorgesetzter | buchhaltung | finanzabteilung | jemand | war | wurde ... genehmigt | wurden | wurde genehmigt | wurde freigegeben | worden | laut | gestern | letzte woche | letztes mal | angeblich | ihm | ihn | kollege | kollegin | im auftrag'),
    ('de', 'change', 'andere | andern | setze | setzen | setz | mach | mache | machen sie | reduziere | reduzieren | erhohe | erhohen | senke | senken | korrigiere | korrigieren | anpassen | passe | nimm | nehmen sie | verwende | verwenden | ersetze | geandert | kurze | kurzen'),
    ('de', 'instead', 'statt | anstatt | anstelle von | statt dessen'),
    ('de', 'forward', 'bin ich nicht zustandig | bin nicht ich zustandig | frag | frage | fragen sie | fragt | frag bitte | bitte frag | leite | leiten sie | leite weiter an | weiterleiten an | weiterleiten | bitte an | weiter an | schick | schicke | schicken sie | sprich mit | sprechen sie mit | wende dich an | wenden sie sich an | zustandig ist | zustandig | ist zustandig | nicht zustandig | bin nicht zustandig | '
      'nicht meine entscheidung | nicht mein bereich | falscher ansprechpartner | soll entscheiden | muss entscheiden | entscheidet das | ubertrage an | delegiere an | zuweisen an | weise zu | kummert sich'),
    ('de', 'auto', 'abwesenheitsnotiz | abwesenheit | automatische antwort | automatisch generiert | automatisch erstellt | nicht im buro | nicht im haus | bin abwesend | ich bin derzeit nicht | ausser haus | unzustellbar | konnte nicht zugestellt werden | nicht zugestellt | automatisierte nachricht | bitte nicht antworten'),
    ('de', 'absent', 'im urlaub | urlaub | in elternzeit | ab dem | wieder erreichbar | wieder im buro | wieder da | zuruck am | keinen zugriff | in dringenden fallen | dringenden fallen | vertretung | eingeschrankt erreichbar | wird nicht weitergeleitet | nicht weitergeleitet | eingegangen'),
    ('de', 'spam', 'abmelden | mittagessen | kantine | rabattcode | fussball | wetter | geburtstag | kuchen | stellenangebot | sonderangebot | jetzt kaufen | gewinnspiel | parkplatz | kaffee'),
    ('de', 'command', 'ignoriere | ignoriert | ignorieren | ignorier | vergiss | vergessen | missachte | uberschreibe | umgehe | ubergehe'),
    ('de', 'rules', 'anweisung | anweisungen | regeln | regel | vorherigen | bisherigen | vorgaben | richtlinien | obigen | instruktionen'),
    ('de', 'machine', 'ki | assistent | klassifikator | modell | sprachmodell | roboter | automat | maschine'),
    ('de', 'claim', 'du bist jetzt | sie sind jetzt | du musst | klassifiziere | klassifizieren | stufe ... ein | werte ... als | bewerte | behandle | gib ... aus | antworte mit | neue anweisung | neue anweisungen | der benutzer hat | der nutzer hat | entscheidung ist | absicht | konfidenz | automatisch genehmigt | automatisch genehmigen | alle anfragen | als genehmigt | als freigegeben'),

    ('fr', 'yes', 'accepte | acceptee | accepter | j accepte | confirme | je confirme | procedez | oui | ouais | ouep | d accord | daccord | dac | entendu | bien sur | parfait | ca marche | ca roule | ca me va | ca me convient | c est bon | c est bon pour moi | bon pour moi | tout bon | pas de probleme | aucun probleme | pas de souci | aucune objection | pas d objection | '
      'volontiers | certainement | absolument | tout a fait | exact | tres bien | nickel | impeccable | super | allez y | vas y | on y va | fais le | faites le | bien entendu | ok pour moi | correct | je suis pour'),
    ('fr', 'approve', 'approuve | approuver | approuvee | approuves | j approuve | je approuve | nous approuvons | approuvons | valide | validee | valider | je valide | nous validons | validons | validation | accorde | accordee | accord donne | mon accord | vous avez mon accord | tu as mon accord | je donne mon accord | autorise | autorisee | j autorise | feu vert | '
      'bon pour accord | aprouve | approuv | vous pouvez y aller | tu peux y aller | vous pouvez proceder'),
    ('fr', 'reject', 'refuse | refusee | refuser | je refuse | nous refusons | rejete | rejetee | rejeter | je rejette | rejette | decline | declinee | desapprouve | pas d accord | hors de question | pas question | certainement pas | surtout pas | absolument pas | en aucun cas | jamais de la vie | impossible | non merci | non approuve | non valide | je m oppose | '
      'je suis contre | contre | annulez | annule | veto | refus | inacceptable | ne faites pas ca'),
    ('fr', 'no', 'non | nan | non non | negatif'),
    ('fr', 'not', 'pas | jamais | aucun | aucune | rien | sans | ni | personne | ne | n'),
    ('fr', 'filler', 'je | j | nous | vous | tu | il faut | le | la | les | l | un | une | des | de | du | d | ce | cet | cette | ces | ca | c | est | sont | suis | ai | a | au | aux | pour | par | et | en | y | me | moi | ma | mon | mes | ma part | part | cote | bonjour | salut | bonsoir | merci | beaucoup | merci beaucoup | svp | s il vous plait | s il te plait | cordialement | '
      'bien | bien cordialement | cher | chere | equipe | tous | demande | facture | paiement | commande | remboursement | montant | budget | maintenant | aujourd hui | comme propose | comme prevu | comme convenu | tel quel | que | qui concerne | voila | donc | aussi | apres verification | apres lecture | si besoin | n hesitez pas | n hesite pas | si vous avez des questions | sans modification | sans changement | sans reserve | sans probleme | tres | '
      'bonne journee | pas besoin de plus | rien a ajouter | rien a redire | votre | vos | notre | avec plaisir | plaisir | avec | on | ensemble | midi'),
    ('fr', 'but', 'mais | cependant | toutefois | sauf | neanmoins | par contre'),
    ('fr', 'if', 'si | a condition | sous reserve | pourvu | des que | une fois | lorsque | quand | seulement si | uniquement si | tant que | selon | ca depend | depend | a moins | apres | avant | jusqu a | jusqu | maximum | au maximum | en cas | sinon | uniquement | seulement'),
    ('fr', 'maybe', 'trop | trop cher | par erreur | faux | peut etre | probablement | sans doute | eventuellement | je pense | je crois | je suppose | pas sur | pas sure | pas certain | aucune idee | je ne sais pas | sais pas | je sais pas | bof | hum | hmm | on verra | difficile a dire | pourrait | devrait | pourrais | devrais | faudrait | aimerais | voudrais | en principe | en theorie | theoriquement | normalement | plutot | j hesite | hesite | mouais | partiellement'),
    ('fr', 'later', 'plus tard | attends | attendez | un instant | un moment | pas encore | pas maintenant | demain | la semaine prochaine | je regarde | je verifie | je vais | je dois | je demande | je reviens | laisse moi | laissez moi | besoin de | plus d informations | plus d infos | plus de details | en reunion | j attends | il faut d abord | d abord | tout a l heure | vais | approuverai | validerai'),
    ('fr', 'ask', 'qui | qui est | quoi | pourquoi | ou est | combien | comment | quel | quelle | quels | quelles | est ce que | est ce | puis je | dois je | peux tu | pouvez vous | pourriez vous | peut on | c est quoi | c est qui | qu est ce | qu est | as tu | avez vous | faut il | quand est'),
    ('fr', 'irony', 'mais oui bien sur | oui bien sur et | bien sur et | ben voyons | ben tiens | et puis quoi encore | c est ca | c est ca oui | cause toujours | tu reves | vous revez | quelle bonne idee | quelle idee geniale | genial | geniale | bravo | brulons | bruler | jeter l argent | jetons | par les fenetres | poules auront des dents | blague | rigole | ironie | comme si | comme d habitude | la bonne blague | quelle surprise | on a que ca'),
    ('fr', 'third', 'il | elle | ils | elles | on m a dit | a dit | dit | juridique | service juridique | chef | patron | directeur | directrice | comptabilite | quelqu un | a ete | ete | etait | hier | semaine derniere | d apres | au nom de | lui | leur | collegue'),
    ('fr', 'change', 'change | changez | changer | modifie | modifiez | modifier | mets | mettez | mettre | reduis | reduisez | reduire | augmente | augmentez | corrige | corrigez | corriger | remplace | remplacez | ramene | ramenez | passe | passez | ajuste | ajustez | limite | utilisez | plafonne'),
    ('fr', 'instead', 'au lieu de | plutot que | a la place de'),
    ('fr', 'forward', 'demande a | demandez a | demandez plutot a | demande plutot a | transfere | transferez | transfere a | transferez a | transmettez a | transmets a | voyez avec | vois avec | adressez vous a | adresse toi a | contactez | contacte | parlez a | parle a | envoie a | envoyez a | envoyez ca a | envoyez le a | c est a | '
      'pas de mon ressort | pas ma decision | pas moi qui decide | mauvaise personne | doit decider | decide de ca | s en occupe | est responsable | reassignez a | assignez a | confiez a'),
    ('fr', 'auto', 'reponse automatique | message automatique | absent du bureau | absence du bureau | je suis absent | je suis absente | actuellement absent | actuellement absente | notification d absence | message d absence | ne pas repondre | n a pas pu etre remis | non distribue | genere automatiquement | echec de remise'),
    ('fr', 'absent', 'en conge | en conges | en vacances | conge maternite | de retour le | mon retour | acces limite | en cas d urgence | mon absence | accuse de reception | bien recu votre message | bien recu'),
    ('fr', 'spam', 'desabonner | desinscription | infolettre | dejeuner | dejeune | on dejeune | code promo | foot | meteo | anniversaire | gateau | offre speciale | offre d emploi | cliquez ici | cafe | parking'),
    ('fr', 'command', 'ignorez | ignore | ignorer | oublie | oubliez | contourne | contournez | outrepasse | outrepassez'),
    ('fr', 'rules', 'consignes | consigne | regles | regle | precedentes | precedents | directives | ci dessus'),
    ('fr', 'machine', 'systeme | ia | classificateur | classifieur | modele | machine | automate'),
    ('fr', 'claim', 'tu es maintenant | vous etes maintenant | tu dois | vous devez | classe ce | classez | classifie | considere ce | considerez | considere | traite ce | traitez | reponds | repondez | nouvelle instruction | nouvelles instructions | l utilisateur a | automatiquement | la decision est | intention | confiance | toutes les demandes | comme approuve | comme approuvee | comme valide'),

    ('es', 'yes', 'acepto | aceptado | aceptada | aceptar | confirmo | confirmado | confirmada | procede | proceda | concedido | concedida | conforme con todo | sii | si si | sip | claro | claro que si | por supuesto | de acuerdo | vale | dale | bueno | perfecto | esta bien | todo bien | me parece bien | me parece | sin problema | sin problemas | ningun problema | no hay problema | no hay inconveniente | sin objeciones | no tengo objeciones | ninguna objecion | '
      'correcto | exacto | adelante | hazlo | hagalo | muy bien | bien | conforme | listo | estoy de acuerdo | cuenta con ello | desde luego | genial adelante | venga | orale | sale'),
    ('es', 'approve', 'aprobado | aprobada | apruebo | aprobar | lo apruebo | la apruebo | aprobamos | aprueba | aprobacion | autorizo | autorizado | autorizada | autorizar | doy mi aprobacion | doy el visto bueno | visto bueno | luz verde | tienes mi aprobacion | tiene mi aprobacion | '
      'pueden proceder | puede proceder | puedes proceder | aprovado | aprobdo | apobado | validado | doy mi conformidad'),
    ('es', 'reject', 'rechazado | rechazada | rechazo | lo rechazo | rechazar | rechazamos | denegado | denegada | deniego | denegar | negado | me niego | no estoy de acuerdo | de ninguna manera | ni hablar | para nada | en absoluto | ni loco | ni pensarlo | jamas | desaprobado | desapruebo | no procede | cancelalo | cancelen | declino | me opongo | inaceptable | veto | nunca jamas | '
      'no gracias | en contra | estoy en contra | rechasado | que va'),
    ('es', 'no', 'no | nop | nel | no no | nones | negativo'),
    ('es', 'not', 'nunca | tampoco | ningun | ninguna | sin | ni | nada | nadie'),
    ('es', 'filler', 'yo | lo | la | el | los | las | un | una | de | del | al | a | en | por | para | y | es | esta | este | esto | esa | ese | eso | son | soy | me | mi | mis | nos | parte | por mi parte | de mi parte | hola | buenas | buenos dias | buenas tardes | gracias | muchas | muchas gracias | saludos | cordiales | un saludo | por favor | estimados | estimado | equipo | '
      'solicitud | pedido | factura | pago | reembolso | importe | monto | presupuesto | compra | gasto | ahora | hoy | ya | como esta | como se propone | tal cual | asi | tambien | pues | entonces | que | se | todo | muy | tras revisar | revisado | lo he revisado | si necesitas algo | si necesitan algo | si tienes preguntas | si hay preguntas | cualquier cosa | sin cambios | '
      'no hay cambios | no dudes | no duden | nada mas | buen trabajo | con gusto | con | mucho | gusto | he | ha | por la manana | de la manana | juntos'),
    ('es', 'but', 'pero | sin embargo | excepto | salvo | aunque | sino'),
    ('es', 'if', 'si | siempre que | siempre y cuando | cuando | a menos | solo si | con la condicion | a condicion | en cuanto | una vez | despues | antes | hasta | depende | segun | sujeto a | como maximo | maximo | en caso | mientras | solo | solamente | con tal'),
    ('es', 'maybe', 'demasiado | por error | equivocado | quizas | quiza | tal vez | talvez | probablemente | posiblemente | creo | creo que si | supongo | pienso | no se | no lo se | no estoy seguro | no estoy segura | ni idea | podria | deberia | querria | seria | a lo mejor | puede ser | mmm | hmm | ya veremos | dudo | duda | dudas | dificil decir | mas o menos | en principio | en teoria | normalmente | parcialmente | da igual | ojala'),
    ('es', 'later', 'luego | mas tarde | espera | espere | esperen | un momento | todavia no | aun no | ahora no | no ahora | manana | la proxima semana | dejame | dejenme | voy a | tengo que | lo reviso | lo miro | reviso | necesito | necesitamos | mas informacion | mas detalles | mas datos | en una reunion | te aviso | les aviso | pregunto | preguntare | aprobare | pendiente | hay que | falta'),
    ('es', 'ask', 'quien | quien es | que es | que significa | por que | porque | donde | cual | cuales | cuanto | cuanta | cuantos | como puedo | puedo | debo | podemos | puedes | puede usted | podrias | podria usted | es esto | hay que | para que es | de que | que pasa | es urgente | cuando es'),
    ('es', 'irony', 'si claro | sii claro | claro claro | claro como no | sii como no | si como no | si seguro | sii seguro | aja | aja si | que gran idea | gran idea | excelente idea | brillante | genial idea | quememos | quemar | tirar el dinero | tiremos | por la ventana | vacas vuelen | ranas crien pelo | broma | bromeas | ironia | como siempre | que podria salir mal | que puede salir mal | suena | bravo | nos sobra | como si'),
    ('es', 'third', 'fue aprobado | ha sido aprobado | ellos | ella | dijo | dice | dicen | legal | finanzas | jefe | jefa | gerente | contabilidad | alguien | fue | fueron | ha sido | ayer | la semana pasada | la ultima vez | segun el | en nombre de | le | les | su | companero | juridico | director | directora'),
    ('es', 'change', 'cambia | cambie | cambiar | cambialo | cambien | pon | ponga | poner | ponlo | modifica | modifique | modificar | reduce | reduzca | reducir | aumenta | aumente | aumentar | corrige | corrija | corregir | ajusta | ajuste | ajustar | baja | baje | sube | suba | usa | use | reemplaza | reemplace | dejalo | limita'),
    ('es', 'instead', 'en lugar de | en vez de'),
    ('es', 'forward', 'pregunta a | preguntale a | pregunte a | preguntele a | preguntalo a | pregunten a | preguntenle a | reenvia a | reenvialo a | reenvielo a | reenvie a | habla con | hable con | hablen con | consulta a | consulta con | consulte con | contacta a | contacte a | contacta con | envialo a | envielo a | envia esto a | pasalo a | paselo a | pasaselo a | asignalo a | asigna a | reasigna a | reasignalo a | deriva a | '
      'no me corresponde | no me toca | no es mi decision | no es mi area | persona equivocada | debe decidir | decide eso | le corresponde a | le toca a | se encarga | es responsable'),
    ('es', 'auto', 'respuesta automatica | mensaje automatico | fuera de la oficina | fuera de oficina | estoy ausente | me encuentro ausente | ausente de la oficina | no responder a este | no se pudo entregar | no entregado | generado automaticamente | me encuentro fuera'),
    ('es', 'absent', 'de vacaciones | vacaciones | licencia | regreso el | vuelvo el | volvere | acceso limitado | en caso de urgencia | durante mi ausencia | mi ausencia | hemos recibido su mensaje | recibido su correo | de baja'),
    ('es', 'spam', 'darse de baja | suscripcion | boletin | almuerzo | comemos | codigo de descuento | futbol | el tiempo | cumpleanos | pastel | oferta especial | oferta de empleo | haz clic | cafe | fiesta | estacionamiento'),
    ('es', 'command', 'ignora | ignore | ignorar | olvida | olvide | omite | omita | salta | sobrescribe'),
    ('es', 'rules', 'instrucciones | instruccion | reglas | regla | anteriores | previas | directrices | indicaciones'),
    ('es', 'machine', 'sistema | asistente | clasificador | modelo | maquina | automata'),
    ('es', 'claim', 'ahora eres | eres un | eres una | debes | clasifica | clasifique | clasificar | considera | considere | trata este | interpreta | responde | responda | nueva instruccion | nuevas instrucciones | el usuario ha | el usuario aprobo | automaticamente | la decision es | intencion | confianza | todas las solicitudes | como aprobado | como aprobada | marca como'),

    ('pt', 'yes', 'aceito | aceita | aceitar | confirmo | confirmado | confirmada | prossiga | prossigam | concedido | deferido | sim | sim sim | claro | com certeza | de acordo | concordo | estou de acordo | tudo bem | tudo certo | ta bom | esta bom | ta otimo | beleza | blz | certo | perfeito | pode ser feito | pode sim | sem problema | sem problemas | nenhum problema | nao ha problema | sem objecoes | nenhuma objecao | nao tenho objecoes | combinado | '
      'otimo | muito bem | bom | exato | correto | manda ver | pode fazer | pode mandar | por mim tudo bem | fechado | isso mesmo | valeu | show | joia'),
    ('pt', 'approve', 'aprovado | aprovada | aprovo | aprovar | eu aprovo | aprovamos | aprova | aprovacao | autorizo | autorizado | autorizada | autorizar | pode prosseguir | podem prosseguir | pode seguir | podem seguir | pode seguir em frente | siga em frente | liberado | liberada | libero | '
      'sinal verde | dou meu aval | dou minha aprovacao | tem minha aprovacao | tem o meu aval | aprovdo | aporvado | validado | pode aprovar'),
    ('pt', 'reject', 'rejeitado | rejeitada | rejeito | rejeitar | rejeitamos | recusado | recusada | recuso | recusar | negado | negada | nego | indeferido | discordo | nao concordo | de jeito nenhum | de forma alguma | de maneira nenhuma | nem pensar | reprovado | reprovada | reprovo | desaprovo | sou contra | contra | jamais | cancela | cancele | nao pode | veto | inaceitavel | '
      'nao obrigado | nao obrigada | rejeitdo | reijeitado | me oponho | nem a pau'),
    ('pt', 'no', 'nao | naum | nao nao | negativo'),
    ('pt', 'not', 'nunca | nem | nenhum | nenhuma | sem | nada | ninguem | tampouco'),
    ('pt', 'filler', 'eu | o | os | as | a | um | uma | de | do | da | dos | das | no | na | nos | nas | em | por | para | pra | e | eh | esta | este | isto | isso | essa | esse | sao | sou | me | meu | minha | parte | da minha parte | por mim | ola | oi | bom dia | boa tarde | boa noite | obrigado | obrigada | muito | muito obrigado | muito obrigada | abraco | abracos | atenciosamente | att | por favor | prezados | prezado | equipe | pessoal | '
      'pedido | solicitacao | fatura | pagamento | reembolso | valor | orcamento | compra | despesa | agora | hoje | ja | como esta | como proposto | como combinado | assim | tambem | entao | que | se precisar | se precisarem | qualquer coisa | qualquer duvida | sem alteracoes | sem mudancas | apos revisao | revisado | nada mais | bom trabalho | com prazer | com | foi um prazer | ao | aos | pelo | pela | estou'),
    ('pt', 'but', 'mas | porem | contudo | exceto | entretanto | todavia | embora'),
    ('pt', 'if', 'se | caso | desde que | contanto | quando | assim que | a menos | somente se | apenas se | so se | depois | antes | ate | depende | conforme | sujeito a | com a condicao | no maximo | maximo | enquanto | so | somente | apenas | senao'),
    ('pt', 'maybe', 'demais | por engano | errado | talvez | provavelmente | possivelmente | acho | acho que sim | creio | penso | suponho | nao sei | nao tenho certeza | sei la | nem ideia | nao faco ideia | poderia | deveria | gostaria | seria | pode ser | quem sabe | hum | hmm | vamos ver | veremos | duvido | duvida | duvidas | dificil dizer | mais ou menos | em principio | em teoria | normalmente | parcialmente | tanto faz | tomara'),
    ('pt', 'later', 'mais tarde | espera | espere | aguarde | aguardem | um momento | ainda nao | agora nao | amanha | semana que vem | na proxima semana | deixa eu | deixe me | vou | tenho que | preciso | precisamos | vou ver | vou verificar | mais informacoes | mais detalhes | mais dados | em reuniao | te aviso | aviso | pendente | falta | logo mais'),
    ('pt', 'ask', 'quem | quem e | o que | o que e | por que | porque | onde | qual | quais | quanto | quanta | quantos | como faco | posso | devo | podemos | voce pode | poderia me | e isso | do que | para que | pra que | que isso | ja foi'),
    ('pt', 'irony', 'aham | aham sei | ah ta | ta bom entao | sei sei | ate parece | so que nao | sqn | que otima ideia | otima ideia | que ideia genial | ideia genial | genial | brilhante | queimar | queimem | vamos queimar | jogar dinheiro | jogar o dinheiro | pela janela | vaca tossir | galinha criar dentes | piada | brincadeira | ironia | como sempre | o que poderia dar errado | o que pode dar errado | parabens | dinheiro sobrando | claro claro | conta outra'),
    ('pt', 'third', 'foi aprovado | ja foi aprovado | ele | ela | eles | elas | disse | diz | juridico | financeiro | chefe | gerente | diretor | diretora | contabilidade | alguem | foi | foram | ontem | semana passada | da ultima vez | segundo | em nome de | lhe | seu | colega'),
    ('pt', 'change', 'mude | muda | mudar | altere | altera | alterar | coloque | coloca | colocar | troque | troca | reduza | reduzir | aumente | aumentar | corrija | corrigir | ajuste | ajusta | ajustar | baixe | baixa | deixe | use | usa | substitua | limite'),
    ('pt', 'instead', 'em vez de | ao inves de | no lugar de'),
    ('pt', 'forward', 'pergunte a | pergunte ao | pergunte para | pergunta pra | pergunta para | pergunte pra | encaminhe a | encaminhe ao | encaminhe para | encaminha para | encaminha pra | fale com | fala com | converse com | consulte | consulte a | consulte o | contate | envie para | envia para | manda para | manda pra | mande para | passe para | passa pra | atribua a | atribua ao | reatribua a | repasse para | '
      'nao e comigo | nao cabe a mim | nao e minha decisao | nao e minha area | pessoa errada | deve decidir | tem que decidir | quem decide | cuida disso | e responsavel'),
    ('pt', 'auto', 'resposta automatica | mensagem automatica | fora do escritorio | estou ausente | ausente do escritorio | nao responda a este | nao foi entregue | nao entregue | gerada automaticamente | falha na entrega | ausencia temporaria'),
    ('pt', 'absent', 'de ferias | ferias | licenca | retorno em | retorno no dia | volto em | volto no dia | acesso limitado | em caso de urgencia | minha ausencia | durante minha ausencia | recebemos sua mensagem | recebemos seu email'),
    ('pt', 'spam', 'descadastrar | cancelar inscricao | boletim | almoco | almocar | codigo promocional | cupom | futebol | aniversario | bolo | oferta especial | vaga de emprego | clique aqui | cafe | estacionamento'),
    ('pt', 'command', 'ignore | ignora | ignorar | esqueca | esquece | desconsidere | desconsidera | pule | contorne'),
    ('pt', 'rules', 'instrucoes | instrucao | regras | regra | anteriores | previas | diretrizes | orientacoes'),
    ('pt', 'machine', 'sistema | assistente | classificador | modelo | ia | robo | maquina'),
    ('pt', 'claim', 'agora voce e | voce e um | voce deve | voce agora | classifique | classifica | considere | considera esta | trate esta | interprete | responda | nova instrucao | novas instrucoes | o usuario | automaticamente | a decisao e | intencao | confianca | todos os pedidos | todas as solicitacoes | como aprovado | como aprovada | marque como')
$$;
comment on function hil.lexicon_rows() is 'What words mean in a reply, by language.';

-- first two letters -> phrase -> {<language>: kind, "*": kind, n: {second word: words of the longest phrase that
-- begins with the two}, ends: {last word: kind}}: two small objects are searched faster than a large one. Immutable without arguments: a session builds it once, when it first plans a query with it.
create function hil.lexicon()
returns jsonb
language sql
immutable
security invoker
set search_path = ''
as $$
  with phrases as (
    select r.language, r.kind, btrim(p.phrase) as phrase
    from hil.lexicon_rows() r
    cross join lateral regexp_split_to_table(r.phrases, '\s*\|\s*') p (phrase)
  ), spelled as (
    select p.language, p.kind, p.phrase, p.phrase !~ '\.\.\.' as is_whole, 0 as mistakes from phrases p
    union all
    -- one letter missing, or two swapped, in a long word that decides
    select p.language, p.kind, t.typo, true, 1
    from phrases p
    cross join lateral generate_series(2, length(p.phrase) - 1) i
    cross join lateral (values
      (overlay(p.phrase placing '' from i for 1)),
      (overlay(p.phrase placing substr(p.phrase, i + 1, 1) || substr(p.phrase, i, 1) from i for 2))) t (typo)
    where p.kind in ('approve', 'reject') and p.phrase ~ '^[a-z]{7,}$'
  ), ranked as (
    select s.*, min(s.mistakes) over (partition by s.phrase) as least from spelled s where s.is_whole
  ), meanings as (
    -- a real word is never read as another's misspelling
    select r.phrase, r.language, min(r.kind) as kind from ranked r where r.mistakes = r.least group by 1, 2
  ), entries as (
    select m.phrase, jsonb_object_agg(m.language, m.kind)
      || jsonb_build_object('*', (array_agg(m.kind order by array_position('{*,en,de,fr,es,pt}'::text[], m.language)))[1])
      as entry
    from meanings m
    group by m.phrase
  ), continued as (
    select split_part(s.phrase, ' ', 1) as word, split_part(s.phrase, ' ', 2) as next,
      max(cardinality(string_to_array(s.phrase, ' '))) as words,
      max(s.kind) filter (where not s.is_whole) as kind, max(regexp_replace(s.phrase, '^.* ', '')) as last
    from spelled s
    where s.mistakes = 0 and s.phrase ~ ' '
    group by 1, 2, s.is_whole, case when not s.is_whole then s.phrase end
  ), beginnings as (
    select c.word,
      jsonb_build_object('n', jsonb_object_agg(c.next, c.words) filter (where c.kind is null),
        'ends', jsonb_object_agg(c.last, c.kind) filter (where c.kind is not null)) as beginning
    from continued c
    group by c.word
  )
  select jsonb_object_agg(l.letters, l.phrases)
  from (
    select left(coalesce(e.phrase, b.word), 2) as letters,
      jsonb_object_agg(coalesce(e.phrase, b.word),
        coalesce(e.entry, '{}') || coalesce(jsonb_strip_nulls(b.beginning), '{}')) as phrases
    from entries e
    full join beginnings b on b.word = e.phrase
    group by 1
  ) l
$$;
comment on function hil.lexicon() is 'The lexicon by phrase, for hil.read_sentences().';
