-- Signs that no person wrote this.
create function hil.is_automated(context jsonb)
returns boolean
language sql
stable
security invoker
set search_path = ''
as $$
  select coalesce(bool_or(case lower(h.key)
    when 'auto-submitted' then h.value !~* '^\s*no\M'
    when 'x-autoreply' then h.value !~* '^\s*(no|false|0)\M'
    when 'x-autorespond' then true
    when 'x-auto-reply' then h.value !~* '^\s*(no|false|0)\M'
    when 'x-autoresponder' then true
    when 'x-failed-recipients' then true
    when 'list-unsubscribe' then true
    when 'precedence' then h.value ~* '^\s*(bulk|junk|list|auto_reply)'
    when 'return-path' then h.value ~ '^\s*<>'
    when 'content-type' then h.value ~* 'multipart/report'
    when 'from' then h.value ~* '(mailer-daemon|postmaster|no-?reply|do-?not-?reply)@'
    else false
  end), false)
  from jsonb_each_text(case jsonb_typeof(context -> 'headers')
    when 'object' then context -> 'headers' else '{}' end) h
$$;
comment on function hil.is_automated(jsonb) is 'Whether a mail''s headers say that a machine sent it.';

-- Markup, JSON and invisible characters that claim a decision or speak to a machine; words do so in the
-- lexicon.
create function hil.is_crafted(text text)
returns boolean
language plpgsql
immutable
security invoker
set search_path = ''
as $$
begin
  -- most replies are a few plain words
  if text ~ '^[[:alnum:] .,!?;]*$' then
    return false;
  end if;
  return text ~* '(decision|status|intent|action|approved?|verdict|outcome|classification|result|role|confidence|is_approved|response)["''`*]*\s*(:|=|=>)\s*["''`*]*(approv|true|yes|accept|granted|system|assistant|confirmed|1\M|0\.\d)'
    or text ~* '(^|\n|[.!?]\s|[\[<(#*])\s*(system|assistant|developer|admin|administrator|user|human|operator|root|systeme?|sistema|assistent|asistente|tool|instructions?|note to (the )?(ai|bot|classifier|system|model))\s*(message|prompt|override)?\s*[\]>)]*\s*:'
    or text ~* '</?\s*(system|assistant|user|instructions?|prompt|decision|approve[d]?|message|data|untrusted|reply|response|inst|im_start|tool)\M[^>]*>|<\||\[/?(INST|SYSTEM|ADMIN)\]|<<SYS>>|```|<!--'
    or text ~* 'display\s*:\s*none|visibility\s*:\s*hidden|font-size\s*:\s*0|opacity\s*:\s*0|color\s*:\s*(white|#fff|transparent)'
    or text ~ '[[:alnum:]][\u200b-\u200d\u2060-\u2064\u00ad][[:alnum:]]|[\u202a\u202b\u202d\u202e]|[\U000e0020-\U000e007e]'
    or text ~ '(\s*\n){12,}';
end
$$;
comment on function hil.is_crafted(text) is 'Whether a text claims a decision by markup or hides words.';

-- Reads sentences one by one, clause by clause. A decision counts where the clause is understood: words that
-- nobody knows lower the confidence, so what is meant otherwise (irony, reports, jokes) falls below the
-- threshold.
create function hil.read_reply(text text, own text, context jsonb, settings jsonb)
returns jsonb
language plpgsql
stable
security invoker
set search_path = ''
as $$
declare
  v_lexicon constant jsonb := hil.lexicon();
  v_languages constant text[] := '{en,de,fr,es,pt}'::text[];
  v_type constant text := coalesce(upper(context ->> 'type'), 'APPROVAL');
  v_spaced text := hil.spaced_words(own);
  v_raw text[];
  v_words text[];
  v_quotes text[] := '{}'::text[];
  v_count int;
  v_topic text[];
  v_language text;
  v_scores real[] := '{0,0,0,0,0}'::real[];
  v_entries jsonb[];
  v_entry jsonb;
  v_kind text;
  v_word text;
  v_length int;
  v_langs int;
  v_phrase text;
  v_longest int;
  v_i int := 1;
  v_best real := 0;
  -- of the clause
  c_words int := 0; c_known int := 0; c_yes int := 0; c_approve int := 0; c_reject int := 0; c_no int := 0;
  c_not int := 0; c_third int := 0; c_reported boolean := false; c_cover numeric;
  -- of the sentence
  s_from int := 1; s_words int := 0; s_known int := 0; s_first text; s_for numeric := 0; s_for_cover numeric;
  s_against numeric := 0; s_against_cover numeric; s_flags text[] := '{}'::text[];
  s_change boolean := false; s_forward int; s_content int := 0; s_number boolean := false;
  s_is_question boolean;
  -- of the reply: strength of the words for and against (1 weak, 2 strong), and how well understood
  r_for numeric := 0; r_for_cover numeric := 0; r_for_length int; r_for_unknown int := 0; r_for_sentence int;
  r_for_to int; r_against numeric := 0; r_against_cover numeric := 0; r_questions int := 0;
  r_sentences int := 0; r_words int := 0; r_known int := 0; r_change int; r_change_to int;
  r_forward int; r_forward_sentence int;
  v_flags text[] := '{}'::text[]; v_command int := 0; v_rules int := 0; v_machine int := 0; v_claim int := 0;
  v_auto int := 0; v_absent int := 0; v_spam int := 0;
  v_previous_unknown boolean := false;
  v_first_injection int;
  v_injection boolean; v_crafted constant boolean := hil.is_crafted(left(text, 8000)); v_total int;
  v_edits jsonb := jsonb '{}'; v_target text; v_answer jsonb; v_matches int; v_joined text;
  v_intent text; v_confidence numeric; v_why text; v_topics numeric; v_content int; v_decision numeric := 0;
begin
  if v_spaced ~ 'quotedtext' then
    v_quotes := array(
      select coalesce(m[1], m[2]) from regexp_matches(translate(own, '’‘“”„«»`', '''''""""""'),
        '"([^"]{1,250})"|(?<![[:alnum:]])''([^''\n]{1,250})''(?![[:alnum:]])', 'g') m);
  end if;
  v_raw := (string_to_array(v_spaced, ' '))[1:(settings ->> 'words_read')::int];
  v_words := (string_to_array(hil.folded(v_spaced), ' '))[1:(settings ->> 'words_read')::int];
  v_count := coalesce(cardinality(v_words), 0);
  v_total := cardinality(string_to_array(v_spaced, ' '));
  v_topic := string_to_array(
    translate(hil.folded(left(context ->> 'question', 2000)), '.,;:!?()"''-', '           '), ' ');

  select array_agg(v_lexicon -> left(w.word, 2) -> w.word order by w.place) into v_entries
  from unnest(v_words) with ordinality w (word, place);

  -- which language: each word counts for those that know it, less where many do
  for i in 1 .. least(v_count, 60) loop
    v_entry := v_entries[i];
    continue when v_entry is null;
    v_langs := (v_entry ? 'en')::int + (v_entry ? 'de')::int + (v_entry ? 'fr')::int
      + (v_entry ? 'es')::int + (v_entry ? 'pt')::int;
    continue when v_langs = 0;
    for l in 1 .. 5 loop
      if v_entry ? v_languages[l] then
        v_scores[l] := v_scores[l] + 1::real / v_langs;
      end if;
    end loop;
  end loop;
  for l in 1 .. 5 loop
    if v_scores[l] > v_best or v_scores[l] = v_best and v_best > 0
       and v_languages[l] = left(context ->> 'language', 2) then
      v_best := v_scores[l];
      v_language := v_languages[l];
    end if;
  end loop;

  while v_i <= v_count + 1 loop
    v_word := coalesce(v_words[v_i], '|');
    v_length := 1;
    v_kind := null;
    if v_word not in ('|', '|?', ',') then
      v_entry := v_entries[v_i];
      if v_entry is null and v_word ~ '(.)\1' then
        -- yesss, nooo
        v_phrase := regexp_replace(v_word, '(.)\1+', '\1', 'g');
        v_entry := v_lexicon -> left(v_phrase, 2) -> v_phrase;
        if v_entry is null then
          v_phrase := regexp_replace(v_word, '(.)\1{2,}', '\1\1', 'g');
          v_entry := v_lexicon -> left(v_phrase, 2) -> v_phrase;
        end if;
      end if;
      if v_entry is not null then
        v_kind := coalesce(v_entry ->> v_language, v_entry ->> '*');
        v_longest := coalesce(least((v_entry -> 'n' ->> v_words[v_i + 1])::int, v_count - v_i + 1), 1);
        v_phrase := v_word;
        for n in 2 .. v_longest loop
          v_phrase := v_phrase || ' ' || v_words[v_i + n - 1];
          v_entry := v_lexicon -> left(v_phrase, 2) -> v_phrase;
          if v_entry ? '*' then
            v_kind := coalesce(v_entry ->> v_language, v_entry ->> '*');
            v_length := n;
          end if;
        end loop;
        if v_length = 1 and v_entries[v_i] ? 'ends' then
          -- gebe ... frei
          for n in 1 .. 8 loop
            exit when coalesce(v_words[v_i + n], '|') in ('|', '|?', ',');
            if v_entries[v_i] -> 'ends' ? v_words[v_i + n] then
              v_kind := v_entries[v_i] -> 'ends' ->> v_words[v_i + n];
              exit;
            end if;
          end loop;
        end if;
      end if;
      if v_kind is null or v_kind = 'machine' then
        if v_word = any (v_topic) then
          v_kind := 'filler';
        elsif v_word ~ '\d' and hil.read_number(v_raw[v_i]) is not null then
          v_kind := 'number';
        end if;
      end if;
    end if;

    if v_word in ('|', '|?', ',') or v_kind = 'but' then
      c_cover := case when c_words = 0 then 1 else c_known::numeric / c_words end;
      if c_approve > 0 and c_reject > 0 then
        s_flags := s_flags || '{contradiction}'::text[];
      elsif c_approve > 0 and (c_not > 0 or c_no > 0) then
        if c_yes > 0 or c_not + c_no > 1 and v_language in ('en', 'de') then
          s_flags := s_flags || '{negation}'::text[];
        else
          s_against := 2;
          s_against_cover := greatest(c_cover, 0.75);
        end if;
      elsif c_approve > 0 and (c_third > 0 or c_reported) then
        s_flags := s_flags || '{reported}'::text[];
      elsif c_approve > 0 then
        s_for := 2;
        s_for_cover := greatest(s_for_cover, c_cover);
      elsif c_reject > 0 and c_not > 0 then
        s_flags := s_flags || '{negation}'::text[];
      elsif c_reject > 0 and c_third > 0 then
        s_flags := s_flags || '{reported}'::text[];
      elsif c_reject > 0 then
        s_against := 2;
        s_against_cover := greatest(s_against_cover, c_cover, 0.7);
      elsif c_yes > 0 and c_not > 0 then
        s_against := greatest(s_against, 1);
        s_against_cover := greatest(s_against_cover, c_cover);
      elsif c_yes > 0 and c_no > 0 then
        s_flags := s_flags || '{contradiction}'::text[];
      elsif c_yes > 0 and (s_for = 0 or c_cover >= 0.6) and not (s_against = 2 and c_cover < 1) then
        s_for := greatest(s_for, 1);
        s_for_cover := coalesce(s_for_cover, c_cover);
      elsif c_no > 0 and c_cover >= 0.5 then
        s_against := greatest(s_against, 1);
        s_against_cover := greatest(s_against_cover, c_cover);
      elsif c_not > 0 or c_no > 0 then
        s_flags := s_flags || '{not}'::text[];
      end if;
      if v_kind = 'but' then
        s_flags := s_flags || case when s_for > 0 then 'but' else 'but_first' end;
        s_content := 0;
        s_first := coalesce(s_first, 'but');
        s_known := s_known + 1;
        s_words := s_words + 1;
      end if;
      c_words := 0; c_known := 0; c_yes := 0; c_approve := 0; c_reject := 0; c_no := 0; c_not := 0;
      c_third := 0; c_reported := false;
      v_previous_unknown := false;

      if v_word in ('|', '|?') then
        if s_words > 0 then
          s_is_question := v_word = '|?' or s_first = 'ask';
          if s_for + s_against > 0 or s_first is not null or s_known < s_words or s_is_question then
            r_sentences := r_sentences + 1;
          end if;
          r_words := r_words + s_words;
          r_known := r_known + s_known;
          if s_forward is not null and not s_is_question and r_forward is null then
            r_forward := s_forward;
            r_forward_sentence := r_sentences;
          end if;
          if s_is_question then
            r_questions := r_questions + 1;
            if s_flags <> '{}' then
              v_flags := v_flags || array(
                select f from unnest(s_flags) f where f in ('irony', 'later', 'maybe'));
            end if;
          else
            if s_for > 0 and s_against > 0 then
              s_flags := s_flags || '{contradiction}'::text[];
            end if;
            if s_for > r_for and r_sentences <= 3 then
              r_for := s_for;
              r_for_cover := case
                when s_for = 2 then (s_for_cover + s_known::numeric / s_words) / 2
                else s_known::numeric / s_words
              end;
              r_for_unknown := case when s_for = 2 then (s_for_cover < 1)::int else s_words - s_known end;
              r_for_length := s_words;
              r_for_sentence := r_sentences;
              r_for_to := v_i - 1;
            elsif s_for > 0 and r_for = 0 then
              s_flags := s_flags || '{late}'::text[];
            end if;
            if s_against > r_against then
              r_against := s_against;
              r_against_cover := s_against_cover;
            end if;
            -- what is left open elsewhere does not touch a plain decision that came before
            if s_flags = '{}' then
              null;
            elsif r_for < 2 or r_for_sentence = r_sentences or s_for > 0
                or s_first in ('but', 'if', 'later', 'not', 'no') then
              v_flags := v_flags || s_flags;
            else
              v_flags := v_flags || array(
                select f from unnest(s_flags) f where f in ('irony', 'contradiction', 'reported'));
            end if;
            if s_change or s_number and s_for > 0 then
              r_change := coalesce(r_change, s_from);
              r_change_to := v_i - 1;
              if s_change and (r_for < 2 or r_sentences <= r_for_sentence + 1) then
                v_flags := v_flags || '{change}'::text[];
              end if;
            end if;
          end if;
        end if;
        s_from := v_i + 1; s_words := 0; s_known := 0; s_first := null; s_for := 0; s_for_cover := null;
        s_against := 0; s_against_cover := null;
        s_flags := '{}'; s_change := false; s_forward := null; s_content := 0; s_number := false;
      end if;
      v_i := v_i + v_length;
      continue;
    end if;

    c_words := c_words + v_length;
    s_words := s_words + v_length;
    if v_kind is null then
      -- "Bob approved", not "Bob, approved"
      v_previous_unknown := true;
      s_content := s_content + 1;
    else
      if v_kind not in ('spam', 'command', 'rules', 'machine', 'claim') then
        c_known := c_known + v_length;
        s_known := s_known + v_length;
      end if;
      if v_kind <> 'filler' then
        s_first := coalesce(s_first, v_kind);
      end if;
      case v_kind
        when 'yes' then c_yes := c_yes + 1;
        when 'approve' then
          c_reported := c_reported or v_previous_unknown and c_approve = 0;
          c_approve := c_approve + 1;
        when 'reject' then c_reject := c_reject + 1;
        when 'no' then c_no := c_no + 1;
        when 'not' then
          -- ne ... pas is one negation
          if v_word not in ('n', 'ne') or c_not = 0 and not ('pas' = any (v_words[v_i:v_i + 4])) then
            c_not := c_not + 1;
          end if;
        when 'third' then c_third := c_third + 1;
        when 'if' then s_flags := s_flags || '{if}'::text[];
        when 'maybe' then s_flags := s_flags || '{maybe}'::text[];
        when 'later' then s_flags := s_flags || '{later}'::text[];
        when 'irony' then s_flags := s_flags || '{irony}'::text[];
        when 'ask' then s_flags := s_flags || '{ask}'::text[];
        when 'change' then s_change := true;
        when 'instead' then s_change := true;
        when 'number' then
          s_number := true;
          s_content := s_content + 1;
        when 'forward' then s_forward := v_i + v_length;
        when 'auto' then v_auto := v_auto + 1;
        when 'absent' then v_absent := v_absent + 1;
        when 'spam' then v_spam := v_spam + 1;
        when 'command' then v_command := v_command + 1; v_first_injection := coalesce(v_first_injection, v_i);
        when 'rules' then v_rules := v_rules + 1;
        when 'machine' then v_machine := v_machine + 1; v_first_injection := coalesce(v_first_injection, v_i);
        when 'claim' then v_claim := v_claim + 1; v_first_injection := coalesce(v_first_injection, v_i);
        else null;
      end case;
      if v_kind not in ('filler', 'yes') then
        v_previous_unknown := false;
      end if;
    end if;
    v_i := v_i + v_length;
  end loop;

  v_injection := v_crafted
    or v_command > 0 and v_rules > 0
    or v_claim > 0
    or v_machine > 0 and (r_for > 0 or r_against > 0 or v_flags && '{contradiction,negation,reported,late}');
  if v_injection then
    v_flags := v_flags || '{injection}'::text[];
    -- a plain decision that stands before it may be the person's own
    if not (r_for = 2 and r_for_sentence = 1 and r_for_cover >= 0.9 and r_for_length <= 8
        and v_first_injection > r_for_to and not v_crafted) then
      v_flags := v_flags || '{no_own_words}'::text[];
    end if;
  end if;

  -- how much the reply is about what was asked
  select count(*), count(*) filter (where w.word = any (v_topic)) into v_content, v_matches
  from unnest(v_words) w (word)
  where length(w.word) > 3 and (v_lexicon -> left(w.word, 2) -> w.word is null or w.word = any (v_topic));
  v_topics := case
    when v_topic is null or v_content = 0 then 0.5
    else round(0.2 + 0.8 * least(1, v_matches / least(v_content, 4)::numeric), 2)
  end;

  v_joined := ' ' || array_to_string(v_words, ' ') || ' ';
  if jsonb_typeof(context -> 'options') = 'array' then
    select jsonb_agg(o.value order by o.place), count(*) into v_answer, v_matches
    from (
      select coalesce(e.option -> 'value', e.option) as value, e.place,
        hil.folded(hil.spaced_words(coalesce(e.option ->> 'label', e.option #>> '{}'))) as label,
        hil.folded(hil.spaced_words(coalesce(e.option ->> 'value', e.option #>> '{}'))) as code
      from jsonb_array_elements(context -> 'options') with ordinality e (option, place)
    ) o
    where position(' ' || o.label || ' ' in v_joined) > 0 or position(' ' || o.code || ' ' in v_joined) > 0
      or v_joined ~ ('^ (option |nummer |numero |number |opcion |opcao |# ?|no )?'
        || o.place || ' ?(,|\||$)');
  end if;

  if r_forward is not null then
    v_target := (regexp_match(array_to_string(v_raw[r_forward:r_forward + 3], ' '),
      '[^\s<>,;|]+@[^\s<>,;|]+\.[a-zA-Z]{2,}'))[1];
    v_target := coalesce(v_target,
      (regexp_match(array_to_string(v_raw[r_forward:r_forward + 2], ' '), '@[[:alnum:]._-]+'))[1]);
    v_target := coalesce(v_target,
      (regexp_match(array_to_string(v_raw[r_forward:r_forward + 5], ' '),
        '^(?:[a-zäöüß]{1,5} ){0,2}([[:upper:]][[:alpha:].''-]+(?: [[:upper:]][[:alpha:].''-]+)?)'))[1]);
    v_target := coalesce(v_target,
      (regexp_match(array_to_string(v_raw[greatest(r_forward - 5, 1):r_forward - 1], ' '),
        '(?:^| )([[:upper:]][[:alpha:].''-]+(?: [[:upper:]][[:alpha:].''-]+)?) (?:should|can|must|has|handles|takes|is|soll|muss|entscheidet|ist|kümmert|doit|decide|décide|est|s|debe|tiene|se|es|deve|tem|cuida|é)\M'))[1]);
    v_target := nullif(btrim(v_target, '.'), '');
  end if;
  if r_change is not null then
    v_edits := hil.read_edits(v_raw[r_change:r_change_to], v_words[r_change:r_change_to], v_quotes,
      context -> 'data', context -> 'fields');
  end if;

  -- how sure, from here on, is about the words alone
  -- of a long text the decision must be a sentence of its own near the beginning
  v_confidence := case when r_for = 2 then 0.97 else 0.95 end * (0.55 + 0.45 * r_for_cover);
  -- a word that nobody knows may turn the clause: "approve the other one"
  if r_for_unknown > 0 then
    v_confidence := least(v_confidence, 0.78);
  end if;
  if v_total > (settings ->> 'long_from')::int
     and (r_for_length > (settings ->> 'sentence_of_its_own')::int or r_for_sentence > 2) then
    v_confidence := least(v_confidence, (settings ->> 'capped')::numeric);
  end if;
  if v_total > v_count and r_for > 0 and (r_for < 2 or r_for_sentence > 1 or exists (
    select from unnest((string_to_array(hil.folded(v_spaced), ' '))[v_count + 1:]) w (word)
    where v_lexicon -> left(w.word, 2) -> w.word ->> '*' in ('reject', 'irony', 'command', 'machine', 'claim')
  )) then
    v_confidence := least(v_confidence, (settings ->> 'capped')::numeric);
  end if;
  v_decision := case when r_for = 2 or r_against = 2 then 1 when r_for + r_against > 0 then 0.8 else 0 end;

  case
    when context ? 'headers' and hil.is_automated(context) then
      v_intent := 'auto_reply'; v_confidence := 0.99; v_why := 'The headers say that a machine sent it.';
      v_flags := v_flags || '{automated}'::text[];
    when v_auto > 0 or v_absent > 1 or v_absent > 0 and r_for < 2 and r_against < 2
        or context ? 'subject' and hil.folded(context ->> 'subject') ~ '^\s*((automatic|automatische|reponse|respuesta|resposta|auto) ?-?(reply|antwort|automatique|automatica)|out of office|abwesen|undeliver|fuera de|fora do)' then
      v_intent := 'auto_reply'; v_confidence := case when v_auto > 0 then 0.95 else 0.85 end;
      v_why := 'It reads like an automatic reply or a notice of absence.';
      v_flags := v_flags || '{automated}'::text[];
    when v_injection and 'no_own_words' = any (v_flags) then
      v_intent := 'unclear'; v_confidence := 0.9;
      v_why := 'It addresses the system or claims a decision by markup instead of deciding in plain words.';
    when v_words is null or v_count = 0 or own = '' then
      v_intent := 'unclear'; v_confidence := 0.95;
      v_why := 'Nothing was written but quotes, markup or a signature.';
    when v_type in ('INPUT', 'SELECTION') and r_against < 2 and r_forward is null
        and not (v_flags && '{irony,contradiction}') then
      if coalesce(v_matches, 0) > 0 and not v_flags && '{not,if,maybe,later,negation}'
          and r_against = 0 and r_questions = 0
          and (v_matches = 1 or context ->> 'multiple' = 'true') then
        v_intent := 'answer'; v_confidence := 0.95; v_decision := 1;
        v_answer := case when context ->> 'multiple' = 'true' then v_answer else v_answer -> 0 end;
        v_why := 'It names what was offered.';
      elsif r_questions > 0 or v_flags && '{later,maybe,ask,if}' then
        v_intent := 'unclear'; v_confidence := 0.8;
        v_why := 'It asks or puts off instead of answering.'; v_answer := null;
      elsif v_type = 'SELECTION' then
        v_intent := case when v_spam > 0 then 'unrelated' else 'unclear' end; v_confidence := 0.8;
        v_why := 'It does not name exactly one of the options.'; v_answer := null;
      elsif v_spam > 0 and v_topics < 0.5 then
        v_intent := 'unrelated'; v_confidence := 0.8; v_why := 'It is about something else.';
      else
        v_intent := 'answer'; v_confidence := 0.85; v_decision := 0.8; v_answer := to_jsonb(own);
        v_why := 'It answers the question in free text.';
      end if;
    when 'irony' = any (v_flags) then
      v_intent := 'unclear'; v_confidence := 0.85; v_why := 'It does not seem to be meant as it is written.';
    when r_forward is not null and (v_target is not null or r_for + r_against = 0)
        and r_for < 2 and r_against < 2
        and not (v_flags && '{contradiction,negation,not,later,if}') and r_for = 0 then
      v_intent := 'reassign'; v_confidence := case when v_target is null then 0.75 else 0.92 end;
      v_why := case
        when v_target is null then 'Somebody else is to decide, and it does not say who.'
        else format('It asks for %s to decide.', v_target)
      end;
      v_decision := 0.8;
    when r_for > 0 and r_against > 0 or v_flags && '{contradiction}' then
      v_intent := 'unclear'; v_confidence := 0.85; v_why := 'It says both yes and no.';
    when v_flags && '{negation,reported}' and r_against < 2 then
      v_intent := 'unclear'; v_confidence := 0.75;
      v_why := case
        when 'reported' = any (v_flags) then 'It reports a decision rather than making one.'
        else 'Its negations leave the decision open.'
      end;
    when r_against > 0 then
      v_confidence := case when r_against = 2 then 0.96 else 0.94 end * (0.55 + 0.45 * r_against_cover);
      if v_flags && '{if,maybe,later}' and r_against < 2
          or v_flags && '{if,maybe}' or r_for = 0 and v_edits <> '{}' and r_against < 2 then
        v_intent := 'unclear'; v_confidence := 0.75; v_why := 'It refuses, but leaves something open.';
      else
        v_intent := 'reject';
        v_why := case when r_against = 2 then 'It refuses in so many words.' else 'It says no.' end;
      end if;
    when r_for > 0 and 'if' = any (v_flags) then
      v_intent := 'unclear'; v_confidence := 0.9; v_why := 'It agrees on a condition only.';
    when r_for > 0 and v_flags && '{maybe,later}' then
      v_intent := 'unclear'; v_confidence := 0.85; v_why := 'It hesitates or puts the decision off.';
    when r_for > 0 and r_forward is not null and r_for_sentence = r_forward_sentence then
      v_intent := 'unclear'; v_confidence := 0.75; v_why := 'It agrees and passes the question on at once.';
    when r_for > 0 and v_edits <> '{}' then
      v_intent := 'approve_with_edit'; v_confidence := 0.9;
      v_why := format('It agrees with a change of %s.',
        (select string_agg(k, ', ') from jsonb_object_keys(v_edits) k));
    when r_for > 0 and v_flags && '{change,but,but_first}' then
      v_intent := 'unclear'; v_confidence := 0.8;
      v_why := 'It agrees with a reservation that names no field of the data.';
    when r_for > 0 and v_flags && '{not}' then
      v_intent := 'unclear'; v_confidence := 0.75; v_why := 'It agrees and negates something.';
    when r_for > 0 and r_questions > 0 and r_for < 2 then
      v_intent := 'unclear'; v_confidence := 0.8; v_why := 'It asks something back.';
    when r_for = 1 and r_for_unknown > 0 then
      v_intent := 'unclear'; v_confidence := 0.7;
      v_why := 'It seems to agree, among words that say something else.';
    when r_for > 0 then
      v_intent := 'approve';
      if r_for = 1 and r_words > 12 then
        v_confidence := least(v_confidence, 0.95 * (0.55 + 0.45 * r_known / r_words));
      end if;
      v_why := case
        when v_confidence < (settings ->> 'threshold')::numeric
          then 'It seems to agree, among words that say something else.'
        when r_for = 2 then 'It approves in so many words.'
        else 'It says yes.'
      end;
    when 'late' = any (v_flags) then
      v_intent := 'unclear'; v_confidence := 0.7; v_why := 'Words of a decision come late, after much else.';
    when v_type = 'REVIEW' and v_edits <> '{}' or v_flags && '{change}' then
      v_intent := 'unclear'; v_confidence := 0.7;
      v_why := 'It asks for a change and does not say whether it agrees.';
    when v_spam > 0 then
      v_intent := 'unrelated'; v_confidence := 0.85; v_why := 'It is about something else.';
    when r_questions > 0 or 'ask' = any (v_flags) then
      v_intent := 'unclear'; v_confidence := 0.9; v_why := 'It is a question.';
    when v_flags && '{if,maybe,later,not,but,but_first}' then
      v_intent := 'unclear'; v_confidence := 0.8; v_why := 'It decides nothing.';
    when v_content >= 3 and v_topics < 0.4 and v_spaced !~ 'quotedtext' then
      v_intent := 'unrelated'; v_confidence := 0.7;
      v_why := 'It has no word of a decision and none of the question''s.';
    else
      v_intent := 'unclear'; v_confidence := 0.7; v_why := 'It has no word of a decision.';
  end case;

  if v_intent in ('approve', 'approve_with_edit') and v_injection then
    v_confidence := least(v_confidence, (settings ->> 'capped')::numeric);
  end if;
  return jsonb_build_object(
    'intent', v_intent, 'confidence', v_confidence::numeric(3, 2), 'reasoning', v_why, 'language', v_language,
    'flags', to_jsonb(array(select distinct f from unnest(v_flags) f
      where f not in ('ask', 'no_own_words', 'but_first') order by f)),
    'signals', jsonb_build_object('words', v_total, 'topic', v_topics, 'decision', v_decision,
      'is_question', r_questions > 0 and r_for + r_against = 0))
    || case when v_edits <> '{}' and v_intent not in ('auto_reply', 'unrelated')
      then jsonb_build_object('edits', v_edits) else '{}' end
    || case when v_intent = 'reassign' and v_target is not null
      then jsonb_build_object('reassign_to', v_target) else '{}' end
    || case when v_intent = 'answer' then jsonb_build_object('answer', v_answer) else '{}' end;
end
$$;
comment on function hil.read_reply(text, text, jsonb, jsonb) is 'What a reply says, word by word.';
