-- Lower case without accents. "sí" stays apart from "si", which is a condition.
create function hil.folded(text text)
returns text
language plpgsql
immutable
security invoker
set search_path = ''
as $$
begin
  if octet_length(text) = length(text) then
    return lower(text);
  end if;
  return replace(lower(regexp_replace(
    regexp_replace(normalize(text, nfd), '\m([sS])[iI]\u0301(?![a-zA-Z])', '\1ii', 'g'),
    '[\u0300-\u036f]', '', 'g')), 'ß', 'ss');
end
$$;
comment on function hil.folded(text) is 'Text in lower case without accents.';

-- What the person wrote himself: no quoted history, signature, markup, struck out or invisible text. Callers
-- strip quotes too, with the whole mail at hand; this is for what got past them.
create function hil.own_words(text text)
returns text
language plpgsql
immutable
security invoker
set search_path = ''
as $$
declare
  v_text text := replace(normalize(left(text, 8000), nfkc), E'\r', '');
  v_unquoted text;
begin
  -- most replies are a few plain words
  if v_text ~ '^[[:alnum:] .,!?;]*$' then
    return btrim(v_text);
  end if;
  v_text := regexp_replace(v_text, '[\u00ad\u200b-\u200f\u202a-\u202e\u2060-\u2064\ufe0f\ufeff\U0001f3fb-\U0001f3ff\U000e0000-\U000e007f]', '', 'g');
  if v_text ~ '<' then
    v_text := regexp_replace(v_text, '<mailto:([^|>\s]+)[^>]*>', '\1', 'gi');
    v_text := regexp_replace(v_text, '<@([A-Z0-9]+)[^>]*>', '@\1', 'g');
    v_text := regexp_replace(v_text, '<!--.*?-->|<(style|script|blockquote)\M.*?</\1>|<[a-z/!][^>@]*>', ' ', 'gi');
  end if;
  if v_text ~ '[>:_-]' then
    v_unquoted := regexp_replace(v_text, '(^|\n)[ \t]*>[^\n]*', '\1', 'g');
    -- an answer may stand below what it quotes, but not below history that nothing marks
    v_text := regexp_replace(v_unquoted,
      '(^|\n)[ \t]*(On|Am|Le|El|Em)\s[^\n]{4,120}(\n[^\n]{0,80})?(wrote|schrieb|a écrit|escribió|escreveu)[^\n]{0,60}:'
      || case when v_unquoted = v_text then '.*' else '' end, '\1');
    v_text := regexp_replace(v_text,
      '(^|\n)[ \t]*(-{3,}|_{5,}|(From|Von|De|Sent|Gesendet|Envoyé|Enviado)[ \t]?:[^\n]*\n|--[ \t]*\n).*$', '');
  end if;
  -- what follows a screenful of nothing was not meant to be seen
  v_text := regexp_replace(v_text, '(\s*\n){8,}.*$', '');
  return btrim(regexp_replace(v_text,
    '\n[ \t]*((Sent|Get Outlook|Gesendet|Envoyé|Enviado) (from|for|von|de|do|desde|depuis)\M|((best|kind|warm) )?regards\M|best,|cheers,|mit freundlichen|(viele |liebe |beste )gr(ü|ue)(ß|ss)e|mfg\M|'
    'cordialement|bien à vous|(un |cordiales )?saludos?\M|atenciosamente|abraços?\M)[^\n]{0,60}(\n.{0,200})?$', '', 'i'), E' \n\t');
end
$$;
comment on function hil.own_words(text) is
  'A reply without quoted history, signature, markup and what cannot be seen.';

-- Words, and marks between them: "|" ends a sentence, "|?" a question, "," a clause. Quotations are one word
-- each (quotedtext), since quoting a decision is not making it.
create function hil.spaced_words(text text)
returns text
language plpgsql
immutable
security invoker
set search_path = ''
as $$
declare
  v_text text := text;
begin
  if v_text ~ ':' then
    v_text := regexp_replace(v_text, ':(\+1|thumbsup|white_check_mark|heavy_check_mark|ballot_box_with_check|ok_hand|ok)(::skin-tone-\d)?:', ' emojiyes ', 'g');
    v_text := regexp_replace(v_text, ':(-1|thumbsdown|x|no_entry|no_entry_sign|octagonal_sign)(::skin-tone-\d)?:', ' emojino ', 'g');
    v_text := regexp_replace(v_text, ':(eyes|thinking_face|thinking|question|shrug):', ' emojiask ', 'g');
    v_text := regexp_replace(v_text, ':(rolling_on_the_floor_laughing|joy|face_with_rolling_eyes|clown_face|upside_down_face|rofl):', ' emojiirony ', 'g');
  end if;
  if v_text ~ '[^\u0001-\u21ff]' then
    v_text := regexp_replace(v_text, '[\u2705\u2714\u2611\U0001f44d\U0001f44c\U0001f197]', ' emojiyes ', 'g');
    v_text := regexp_replace(v_text, '[\u274c\u274e\u2716\u26d4\U0001f44e\U0001f6ab\U0001f6d1\U0001f645]', ' emojino ', 'g');
    v_text := regexp_replace(v_text, '[\U0001f644\U0001f612\U0001f921\U0001f923\U0001f602\U0001f643\U0001f911\U0001f62c]', ' emojiirony ', 'g');
    v_text := regexp_replace(v_text, '[\u2753\u2754\U0001f914\U0001f937\U0001f440]', ' emojiask ', 'g');
    v_text := regexp_replace(v_text, '[\u2600-\u27bf\U0001f300-\U0001faff]', ' emojismile ', 'g');
  end if;
  if v_text ~ '["“”„«»`~*_''’‘]' then
    v_text := translate(v_text, '’‘“”„«»`', '''''""""""');
    if v_text !~ '^\s*"[^"]*"\s*$' then
      v_text := regexp_replace(v_text, '"[^"]{1,250}"|~[^~\n]{1,250}~|(?<![[:alnum:]])''[^''\n]{1,250}''(?![[:alnum:]])', ' quotedtext ', 'g');
    end if;
    v_text := regexp_replace(v_text, '([[:alpha:]])n''t\M', '\1nt', 'gi');
    v_text := regexp_replace(v_text, '[''"*_~]', ' ', 'g');
  end if;
  v_text := regexp_replace(v_text, '[.!…]*[?]+[?!.]*', ' |? ', 'g');
  v_text := regexp_replace(v_text, '[.!…]+(?=\s|$)|\n\s*\n|!+', ' | ', 'g');
  v_text := regexp_replace(v_text, '[,;:()]+(?=\D|$)|\s[-/]+\s|[–—\n]|--', ' , ', 'g');
  return btrim(regexp_replace(v_text, '[¿¡\s]+', ' ', 'g'));
end
$$;
comment on function hil.spaced_words(text) is 'A text as words and marks, with single spaces between them.';

-- 1.234,50 and 1,234.50 and 40 EUR and $40 and 2k; null for what is no number.
create function hil.read_number(word text)
returns numeric
language plpgsql
immutable
security invoker
set search_path = ''
as $$
declare
  v_match text[] := regexp_match(word, '^[€$£]?(-?\d[\d.,]{0,17})(k?)(?:€|\$|£|%|eur|usd|gbp|brl)?$', 'i');
  v_digits text := rtrim(v_match[1], '.,');
begin
  if v_digits is null then
    return null;
  end if;
  v_digits := case
    when v_digits ~ '^-?\d{1,3}(,\d{3})+(\.\d+)?$' then replace(v_digits, ',', '')
    when v_digits ~ '^-?\d{1,3}(\.\d{3})+(,\d+)?$' then replace(replace(v_digits, '.', ''), ',', '.')
    when v_digits ~ '^-?\d+,\d+$' then replace(v_digits, ',', '.')
    when v_digits ~ '^-?\d+(\.\d+)?$' then v_digits
  end;
  return v_digits::numeric * case when v_match[2] = '' then 1 else 1000 end;
end
$$;
comment on function hil.read_number(text) is 'A word as a number, or null.';
