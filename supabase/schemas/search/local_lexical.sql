-- local-lexical-v1: texts to vectors without a model, the same to the bit as in
-- functions-shared/embeddings/local_lexical.ts (a test compares them). It knows words, their parts and the
-- synonyms below, nothing of meaning. Nothing here depends on a collation, a locale or a version of Unicode.
-- Whoever changes a weight, a table or a word makes another model, which needs another name.

-- Enough to look a word up: saves, saved, saving.
create function search.lexical_stem(word text)
returns text
language plpgsql
immutable
parallel safe
set search_path = ''
as $$
begin
  return case
    when length(word) > 4 then regexp_replace(word collate "C", '(ings?|ed|es|e|s)$', '')
    else word
  end;
end
$$;
comment on function search.lexical_stem(text) is 'An English word without its ending.';

-- What people call the same thing in an interface; a group is named by its first.
create function search.lexical_groups()
returns jsonb
language sql
immutable
parallel safe
set search_path = ''
as $$
  select jsonb_object_agg(
    (select string_agg(search.lexical_stem(w.word), ' ' order by w.place)
      from string_to_table(m.member, ' ') with ordinality w (word, place)),
    split_part(g.members, ',', 1))
  from unnest(array[
    'save,store,persist,keep,record',
    'login,log in,logon,log on,signin,sign in,authenticate,authentication',
    'logout,log out,logoff,log off,signout,sign out',
    'register,signup,sign up,registration,enroll,join',
    'delete,remove,erase,discard,trash,bin',
    'create,new,add,insert,make,compose',
    'edit,modify,change,update,alter,adjust,revise,rename',
    'open,launch,start,run,execute',
    'close,exit,quit,dismiss,end',
    'cancel,abort,stop,terminate,halt',
    'click,press,tap,push,hit',
    'select,choose,pick,check,tick',
    'enter,type,input,fill,write',
    'search,find,lookup,look up,locate,seek,query',
    'settings,preferences,options,configuration,configure,config,setup',
    'send,submit,deliver,dispatch',
    'upload,attach,attachment,import',
    'download,export',
    'image,picture,photo,photograph,icon',
    'file,document,doc',
    'folder,directory',
    'message,mail,email,e mail',
    'cart,basket,bag',
    'buy,purchase,order,checkout,check out',
    'pay,payment,bill,billing,invoice',
    'price,cost,amount,total',
    'product,item,article,goods',
    'customer,client,buyer',
    'user,account,profile,member',
    'password,passcode,passphrase,pin,credential',
    'show,display,view,list,see',
    'hide,collapse,minimize,minimise',
    'expand,unfold,maximize,maximise,enlarge',
    'menu,dropdown,drop down,combobox,combo box',
    'window,dialog,popup,pop up,modal',
    'tab,page,screen,panel',
    'button,btn,control',
    'field,textbox,text box,edit box',
    'next,forward,continue,proceed',
    'back,previous,return,prev',
    'confirm,ok,okay,accept,approve,agree,yes',
    'reject,decline,deny,refuse,no',
    'copy,duplicate,clone',
    'paste,cut',
    'move,transfer,drag',
    'reload,refresh',
    'undo,revert,restore,rollback,roll back',
    'print,printer',
    'share,publish,post',
    'comment,reply,respond,answer',
    'help,support,assistance',
    'error,failure,problem,issue,fault,bug',
    'warning,alert,notification,notify',
    'date,day,calendar',
    'schedule,appointment,meeting,event',
    'repository,repo,project',
    'merge,pull request,merge request',
    'direction,route,distance,drive,walk',
    'phone,telephone,mobile,call',
    'name,title,label',
    'row,line,entry',
    'table,grid,spreadsheet,sheet,worksheet',
    'column,cell',
    'sort,rank,arrange',
    'filter,narrow',
    'website,site,web,url,link,webpage',
    'application,app,program,software',
    'employee,staff,worker,colleague',
    'company,organization,organisation,business,firm,vendor,supplier'
  ]) g (members)
  cross join string_to_table(g.members, ',') m (member)
$$;
comment on function search.lexical_groups() is
  'Stems of words and of pairs of words, with their synonym group.';

-- Characters are folded one for one; marks that combine are dropped; what is no letter, digit or character of
-- a script without cases divides words. saveButton is two words.
create function search.lexical_fold(content text)
returns text
language plpgsql
immutable
strict
parallel safe
set search_path = ''
as $$
declare
  v_text text := regexp_replace(left(content, 65536) collate "C", '([a-z0-9])([A-Z])', '\1 \2', 'g');
begin
  if octet_length(v_text) = length(v_text) then
    return regexp_replace(lower(v_text collate "C"), '[^a-z0-9]+', ' ', 'g');
  end if;
  v_text := translate(
    v_text,
    'ABCDEFGHIJKLMNOPQRSTUVWXYZª²³µ¹ºÀÁÂÃÄÅÆÇÈÉÊËÌÍÎÏÐÑÒÓÔÕÖØÙÚÛÜÝÞàáâãäåçèéêëìíîïñòóôõöøùúûüýÿĀāĂăĄą'
    'ĆćĈĉĊċČčĎďĐđĒēĔĕĖėĘęĚěĜĝĞğĠġĢģĤĥĦĨĩĪīĬĭĮįİıĴĵĶķĹĺĻļĽľŁłŃńŅņŇňŊŌōŎŏŐőŒŔŕŖŗŘřŚśŜŝŞşŠšŢţŤťŦŨũŪūŬŭŮů'
    'ŰűŲųŴŵŶŷŸŹźŻżŽžſƁƂƄƆƇƉƊƋƎƏƐƑƓƔƖƗƘƜƝƟƠơƢƤƦƧƩƬƮƯưƱƲƳƵƷƸƼǍǎǏǐǑǒǓǔǕǖǗǘǙǚǛǜǞǟǠǡǢǣǤǦǧǨǩǪǫǬǭǮǯǰǴǵǶǷǸǹǺǻ'
    'ǼǽǾǿȀȁȂȃȄȅȆȇȈȉȊȋȌȍȎȏȐȑȒȓȔȕȖȗȘșȚțȜȞȟȠȢȤȦȧȨȩȪȫȬȭȮȯȰȱȲȳȺȻȽȾɁɃɄɅɆɈɊɌɎͰͲʹͶͺͿΆΈΉΊΌΎΏΐΑΒΓΔΕΖΗΘΙΚΛΜΝΞΟΠΡ'
    'ΣΤΥΦΧΨΩΪΫάέήίΰςϊϋόύώϏϐϑϒϓϔϕϖϘϚϜϞϠϢϤϦϨϪϬϮϰϱϲϴϵϷϹϺϽϾϿЀЁЂЃЄЅІЇЈЉЊЋЌЍЎЏАБВГДЕЖЗИЙКЛМНОПРСТУФХЦЧШЩЪЫЬ'
    'ЭЮЯйѐёѓїќѝўѠѢѤѦѨѪѬѮѰѲѴѶѷѸѺѼѾҀҊҌҎҐҒҔҖҘҚҜҞҠҢҤҦҨҪҬҮҰҲҴҶҸҺҼҾӀӁӂӃӅӇӉӋӍӐӑӒӓӔӖӗӘӚӛӜӝӞӟӠӢӣӤӥӦӧӨӪӫӬӭӮӯӰӱӲ'
    'ӳӴӵӶӸӹӺӼӾԀԂԄԆԈԊԌԎԐԒԔԖԘԚԜԞԠԢԤԦԨԪԬԮԱԲԳԴԵԶԷԸԹԺԻԼԽԾԿՀՁՂՃՄՅՆՇՈՉՊՋՌՍՎՏՐՑՒՓՔՕՖḀḁḂḃḄḅḆḇḈḉḊḋḌḍḎḏḐḑḒḓḔḕḖḗḘ'
    'ḙḚḛḜḝḞḟḠḡḢḣḤḥḦḧḨḩḪḫḬḭḮḯḰḱḲḳḴḵḶḷḸḹḺḻḼḽḾḿṀṁṂṃṄṅṆṇṈṉṊṋṌṍṎṏṐṑṒṓṔṕṖṗṘṙṚṛṜṝṞṟṠṡṢṣṤṥṦṧṨṩṪṫṬṭṮṯṰṱṲṳṴṵṶṷṸ'
    'ṹṺṻṼṽṾṿẀẁẂẃẄẅẆẇẈẉẊẋẌẍẎẏẐẑẒẓẔẕẖẗẘẙẛẞẠạẢảẤấẦầẨẩẪẫẬậẮắẰằẲẳẴẵẶặẸẹẺẻẼẽẾếỀềỂểỄễỆệỈỉỊịỌọỎỏỐốỒồỔổỖỗỘộỚớỜ'
    'ờỞởỠỡỢợỤụỦủỨứỪừỬửỮữỰựỲỳỴỵỶỷỸỹỺỼỾἀἁἂἃἄἅἆἇἈἉἊἋἌἍἎἏἐἑἒἓἔἕἘἙἚἛἜἝἠἡἢἣἤἥἦἧἨἩἪἫἬἭἮἯἰἱἲἳἴἵἶἷἸἹἺἻἼἽἾἿὀὁὂὃ'
    'ὄὅὈὉὊὋὌὍὐὑὒὓὔὕὖὗὙὛὝὟὠὡὢὣὤὥὦὧὨὩὪὫὬὭὮὯὰάὲέὴήὶίὸόὺύὼώᾀᾁᾂᾃᾄᾅᾆᾇᾈᾉᾊᾋᾌᾍᾎᾏᾐᾑᾒᾓᾔᾕᾖᾗᾘᾙᾚᾛᾜᾝᾞᾟᾠᾡᾢᾣᾤᾥᾦᾧᾨᾩᾪᾫᾬᾭ'
    'ᾮᾯᾰᾱᾲᾳᾴᾶᾷᾸᾹᾺΆᾼιῂῃῄῆῇῈΈῊΉῌῐῑῒΐῖῗῘῙῚΊῠῡῢΰῤῥῦῧῨῩῪΎῬῲῳῴῶῷῸΌῺΏῼ０１２３４５６７８９ＡＢＣＤＥＦＧＨＩＪＫＬＭＮＯＰＱＲＳＴＵＶＷＸＹＺａｂ'
    'ｃｄｅｆｇｈｉｊｋｌｍｎｏｐｑｒｓｔｕｖｗｘｙｚ',
    'abcdefghijklmnopqrstuvwxyza23μ1oaaaaaaæceeeeiiiiðnoooooouuuuyþaaaaaaceeeeiiiinoooooouuuuyyaaaaaa'
    'ccccccccddddeeeeeeeeeegggggggghhħiiiiiiiiiijjkkllllllllnnnnnnŋooooooœrrrrrrssssssssttttŧuuuuuuuu'
    'uuuuwwyyyzzzzzzsɓƃƅɔƈɖɗƌǝəɛƒɠɣɩɨƙɯɲɵooƣƥʀƨʃƭʈuuʊʋƴƶʒƹƽaaiioouuuuuuuuuuaaaaææǥggkkooooʒʒjggƕƿnnaa'
    'ææooaaaaeeeeiiiioooorrrruuuussttȝhhƞȣȥaaeeooooooooyyⱥȼƚⱦɂƀʉʌɇɉɋɍɏͱͳʹͷ ϳαεηιουωιαβγδεζηθικλμνξοπρ'
    'στυφχψωιυαεηιυσιυουωϗβθυυυφπϙϛϝϟϡϣϥϧϩϫϭϯκρσθεϸσϻͻͼͽееђгєѕііјљњћкиуџабвгдежзииклмнопрстуфхцчшщъыь'
    'эюяиеегікиуѡѣѥѧѩѫѭѯѱѳѵѵѵѹѻѽѿҁҋҍҏґғҕҗҙқҝҟҡңҥҧҩҫҭүұҳҵҷҹһҽҿӏжжӄӆӈӊӌӎааааӕееәәәжжззӡииииооөөөээууууу'
    'уччӷыыӻӽӿԁԃԅԇԉԋԍԏԑԓԕԗԙԛԝԟԡԣԥԧԩԫԭԯաբգդեզէըթժիլխծկհձղճմյնշոչպջռսվտրցւփքօֆaabbbbbbccddddddddddeeeee'
    'eeeeeffgghhhhhhhhhhiiiikkkkkkllllllllmmmmmmnnnnnnnnoooooooopppprrrrrrrrssssssssssttttttttuuuuuuu'
    'uuuvvvvwwwwwwwwwwxxxxyyzzzzzzhtwysßaaaaaaaaaaaaaaaaaaaaaaaaeeeeeeeeeeeeeeeeiiiiooooooooooooooooo'
    'ooooooouuuuuuuuuuuuuuyyyyyyyyỻỽỿααααααααααααααααεεεεεεεεεεεεηηηηηηηηηηηηηηηηιιιιιιιιιιιιιιιιοοοο'
    'οοοοοοοουυυυυυυυυυυυωωωωωωωωωωωωωωωωααεεηηιιοουυωωααααααααααααααααηηηηηηηηηηηηηηηηωωωωωωωωωωωωωω'
    'ωωααααααααααααιηηηηηεεηηηιιιιιιιιιιυυυυρρυυυυυυρωωωωωοοωωω0123456789abcdefghijklmnopqrstuvwxyzab'
    'cdefghijklmnopqrstuvwxyz');
  v_text := regexp_replace(
    v_text collate "C", '[\u0300-\u036f\u0483-\u0489\u0591-\u05bd\u064b-\u065f\u0670]+', '', 'g');
  return regexp_replace(
    v_text collate "C",
    '[\u0001-\u002f\u003a-\u0060\u007b-\u00bf\u00d7\u00f7\u0589\u05be\u060c\u061b\u061f'
    '\u066a-\u066d\u06d4\u0964\u0965\u2000-\u2bff\u2e00-\u2e7f\u3000-\u303f\u30fb'
    '\ue000-\uf8ff\ufe00-\ufe6f\uff00-\uff0f\uff1a-\uff20\uff3b-\uff40\uff5b-\uff65\uffe0-\uffff]+',
    ' ', 'g');
end
$$;
comment on function search.lexical_fold(text) is
  'A text as words of small letters and digits, divided by spaces.';

-- A token adds its weight, grown with the logarithm of its count, at the four coordinates that its md5 names.
-- Sums are of whole numbers, so that their order does not matter; only the division by the length rounds. A
-- text without words is the empty word.
create function search.local_lexical(content text, dimensions int)
returns extensions.halfvec
language plpgsql
immutable
strict
parallel safe
set search_path = ''
set plan_cache_mode = force_generic_plan
as $$
declare
  v_folded text := search.lexical_fold(content);
  v_groups jsonb := search.lexical_groups();
  v_common text[] := string_to_array(
    'a an and any are as at be by can do for from has have how i if in into is it its me my of on or our so'
    ' that the their them then there these they this to us was we were what when which who will with you'
    ' your', ' ');
  v_vector extensions.halfvec;
begin
  with pieces as (
    -- what has no spaces comes in pieces of 64 characters
    select substr(s.word, piece * 64 + 1, 64) as word, row_number() over (order by s.place, piece) as place
    from string_to_table(v_folded, ' ') with ordinality s (word, place)
    cross join lateral generate_series(0, (length(s.word) - 1) / 64) piece
    where s.word <> ''
  ), words as materialized (
    select p.word, lead(p.word) over (order by p.place) as next,
      search.lexical_stem(p.word) as stem,
      lead(search.lexical_stem(p.word)) over (order by p.place) as next_stem
    from pieces p
  ), tokens as (
    select w.word as token,
      case when w.word = any (v_common) or w.word ~ '^[0-9]+$' then 2 else 4 end as weight
    from words w
    union all
    select w.word || ' ' || w.next, 3 from words w where w.next is not null
    union all
    select '~' || substr('^' || w.word || '$', i, 4), 1
    from words w
    cross join lateral generate_series(1, length(w.word) - 1) i
    where w.word !~ '[\u2e80-\ud7ff]'
    union all
    -- of a script without spaces, two characters are about a word
    select '~' || substr(w.word, i, 2), 3
    from words w
    cross join lateral generate_series(1, length(w.word) - 1) i
    where w.word ~ '[\u2e80-\ud7ff]'
    union all
    select '#' || (v_groups ->> w.stem), 6 from words w where v_groups ? w.stem
    union all
    select '#' || (v_groups ->> (w.stem || ' ' || w.next_stem)), 6
    from words w where v_groups ? (w.stem || ' ' || w.next_stem)
    union all
    select '', 1 where not exists (select from words)
  ), hashed as (
    select t.weight * width_bucket(count(*)::int, array[
        1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 1024, 2048, 4096, 8192, 16384, 32768, 65536]) as weight,
      ('x' || left(md5(t.token), 16))::bit(64)::bigint as hash
    from tokens t
    group by t.token, t.weight
  ), sums as (
    select (bits >> 1) % dimensions as coordinate,
      sum(case when bits & 1 = 1 then h.weight else - h.weight end) as value
    from hashed h
    cross join lateral (values
      ((h.hash >> 48) & 65535), ((h.hash >> 32) & 65535), ((h.hash >> 16) & 65535), (h.hash & 65535)) b (bits)
    group by 1
  ), length as (
    select sqrt(sum(s.value::double precision * s.value::double precision)) as length from sums s
  )
  select array_agg(
      case
        when l.length > 0 then (coalesce(s.value, 0)::double precision / l.length)::real
        -- all that there was cancelled out
        else (coordinate = 0)::int::real end
      order by coordinate)::extensions.halfvec
  into v_vector
  from generate_series(0, dimensions - 1) coordinate
  cross join length l
  left join sums s using (coordinate);
  return v_vector;
end
$$;
comment on function search.local_lexical(text, int) is
  'The vector of a text by words, their parts and a lexicon: local-lexical-v1, of any dimension.';
